// How true the estimates of a queue are: people are told how long they will wait, seats are bought by a share of those who are
// admitted that changes, operators slow it down and let go. Time is counted, not waited for.
import { admissionRate, stepOf } from '@railhead/domain/run-queue/admission.ts';
import { decide } from '@railhead/domain/run-queue/decide.ts';
import { etaSecondsOf } from '@railhead/domain/run-queue/estimate.ts';
import type { RunQueueEvent } from '@railhead/domain/run-queue/events.ts';
import { evolve, noQueue } from '@railhead/domain/run-queue/fold.ts';
import { QUEUE_RULES } from '../support/queue-options.ts';
import { seededRandom } from '../support/seeded-random.ts';
import type { BenchResult } from './benchmark.ts';

const PEOPLE = 20_000;
const SEATS = 15_000;
const WORLDS = 20;
/** People buy so long after they were admitted. */
const SLOWEST_BUYER_MS = 60_000;
const LATE = 1.3;

export const estimates = (): BenchResult => {
  let [told, kept] = [0, 0];
  const ratios: number[] = [];
  for (let world = 0; world < WORLDS; world += 1)
    for (const { toldSeconds, waitedSeconds } of waits(world)) {
      told += 1;
      if (waitedSeconds <= LATE * toldSeconds) kept += 1;
      ratios.push(waitedSeconds / toldSeconds);
    }
  ratios.sort((a, b) => a - b);
  const at = (share: number): number => Number((ratios[Math.floor(ratios.length * share)] ?? 0).toFixed(2));
  return {
    name: 'queue/estimates',
    value: (100 * kept) / told,
    unit: `% waited at most ${LATE} of what they were told`,
    references: [],
    details: { told, worlds: WORLDS, waitedOfTold10: at(0.1), waitedOfTold50: at(0.5), waitedOfTold90: at(0.9) },
  };
};

type Told = { readonly rank: number; readonly toldSeconds: number; readonly atMs: number };

function* waits(world: number): Generator<{ readonly toldSeconds: number; readonly waitedSeconds: number }> {
  const random = seededRandom(world + 1);
  const rules = { ...QUEUE_RULES, first: 1_000, leastPerSecond: 20 };
  const queue = noQueue();
  let nowMs = Date.parse('2026-12-01T08:00:00+08:00');
  const apply = (events: readonly RunQueueEvent[]): void => {
    const at = new Date(nowMs).toISOString();
    const meta = { commandId: `${nowMs}`, correlationId: '', causationId: '', actor: 'bench', at };
    for (const event of events) evolve(queue, { ...event, meta });
  };
  const run = (command: Parameters<typeof decide>[1]): void => {
    const decided = decide(queue, command);
    if (decided.ok) apply(decided.value);
  };
  run({ type: 'SetMode', id: 'a', mode: 'QUEUED' });
  const joining = Array.from({ length: PEOPLE }, (_, n) => ({ user: `u${n}` }));
  run({ type: 'Join', joining, mostWaiting: PEOPLE, rules, nowMs, at: new Date(nowMs).toISOString() });
  let seatsLeft = SEATS;
  let share = 0.4 + 0.5 * random.next();
  const buys: { readonly atMs: number; readonly seats: number }[] = [];
  const open: Told[] = [];
  while (queue.admitted < PEOPLE) {
    const before = queue.admitted;
    run({ type: 'Admit', nowMs, at: new Date(nowMs).toISOString(), seatsLeft, rules });
    for (let rank = before; rank < queue.admitted; rank += 1)
      if (random.next() < share)
        buys.push({ atMs: nowMs + random.next() * SLOWEST_BUYER_MS, seats: 1 + random.below(2) });
    for (const bought of buys.filter(({ atMs }) => atMs <= nowMs)) seatsLeft = Math.max(0, seatsLeft - bought.seats);
    for (let index = buys.length - 1; index >= 0; index -= 1)
      if ((buys[index]?.atMs ?? 0) <= nowMs) buys.splice(index, 1);
    for (let index = open.length - 1; index >= 0; index -= 1) {
      const one = open[index];
      if (one === undefined || one.rank > queue.admitted) continue;
      open.splice(index, 1);
      yield { toldSeconds: one.toldSeconds, waitedSeconds: (nowMs - one.atMs) / 1_000 };
    }
    // Somebody looks at their place.
    for (let looks = 0; looks < 5 && queue.admitted < PEOPLE; looks += 1) {
      const rank = queue.admitted + 1 + random.below(PEOPLE - queue.admitted);
      const toldSeconds = etaSecondsOf(rules, queue, rank - queue.admitted, seatsLeft);
      if (toldSeconds !== undefined) open.push({ rank, toldSeconds, atMs: nowMs });
    }
    if (random.next() < 0.01) share = 0.3 + 0.6 * random.next();
    nowMs += stepOf(admissionRate(rules, queue, seatsLeft))?.everyMs ?? 1_000;
  }
}
