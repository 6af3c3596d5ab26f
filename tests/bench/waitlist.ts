// Ten thousand people wait for one train, and a thousand seats come free; what a seat costs that nobody waits for; and
// whether those who are told a chance are served as often as they were told.
import { performance } from 'node:perf_hooks';
import { Draft } from '@railhead/commands/allocation/draft.ts';
import type { Operation } from '@railhead/commands/allocation/operation.ts';
import { appendOf } from '@railhead/commands/streams/append.ts';
import { load } from '@railhead/commands/streams/load.ts';
import { seated } from '@railhead/domain/allocation/choose-legs.ts';
import { bestFit } from '@railhead/domain/allocation/choose-seats.ts';
import { untouchedStock } from '@railhead/domain/class-stock/class-stock.ts';
import { lockBookCategory } from '@railhead/domain/seat-lock/stream.ts';
import { seatsOfClass } from '@railhead/domain/train-run/composition.ts';
import type { WaitlistEvent } from '@railhead/domain/waitlist/events.ts';
import { waitlistCategory } from '@railhead/domain/waitlist/stream.ts';
import {
  chanceAt,
  daysLeftAt,
  type Outcome,
  placeGroupOf,
  type Standpoint,
} from '@railhead/projections/waitlists/chance.ts';
import { seededRandom } from '../support/seeded-random.ts';
import type { Benchmark, BenchResult } from './benchmark.ts';
import { compositionOf, openWorld, trainName, type World } from './world.ts';

const SEATS = 1_200;
const STOPS = 10;
const WAITING = 10_000;
const FREED = 1_000;

export const waitlist: Benchmark = {
  name: 'waitlist',
  about: 'freed seats for 10,000 who wait; seats nobody waits for; how true the told chances are',
  async *run({ seconds }) {
    // A short run looks only whether it still works.
    const share = Math.min(1, seconds / 2);
    yield await freed(Math.ceil(WAITING * share), Math.ceil(FREED * share));
    yield unwanted(Math.ceil(20_000 * share));
    yield told(Math.ceil(400_000 * share));
  },
};

const meta = (commandId: string) => ({
  ...{ commandId, correlationId: 'bench', causationId: 'bench', actor: 'bench', at: '2026-01-01T00:00:00.000+08:00' },
});

const hold = (orderNo: string): Operation => ({
  ...{ kind: 'hold', orderNo, from: 0, to: STOPS - 1, wants: [undefined], meta: meta(orderNo) },
});
const release = (orderNo: string): Operation => ({ kind: 'release', orderNo, meta: meta(`${orderNo}/release`) });

/** They ask for journeys of all lengths; some are two. */
const waiterOf = (n: number, random: { next(): number }) => {
  const from = Math.floor(random.next() * (STOPS - 1));
  const to = from + 1 + Math.floor(random.next() * (STOPS - 1 - from));
  const wants = random.next() < 0.2 ? [null, null] : [null];
  return { waitlistNo: `W${n}`, choice: 0, from, to, wants, revision: 1 };
};

const freed = async (waiting: number, seats: number): Promise<BenchResult> => {
  const world = await openWorld({ seats: SEATS, stops: STOPS, days: 1, orderProcess: false });
  try {
    const key = { train: trainName(0), date: world.dates[0] ?? '', seatClass: 'second' } as const;
    const pool = world.poolOf(world.allocatorDeps);
    const orders = Array.from({ length: SEATS }, (_, n) => `O${n}`);
    await Promise.all(orders.map((orderNo) => pool.submit(key, hold(orderNo))));
    const random = seededRandom(1);
    const waiters = Array.from({ length: waiting }, (_, n) => waiterOf(n, random));
    await submitted(world, waiters);
    const until = `${key.date}T23:00:00.000+08:00`;
    const since = (n: number): string => new Date(Date.UTC(2026, 0, 1) + n).toISOString();
    await Promise.all(
      waiters.map((one, n) =>
        pool.submit(key, {
          ...{ kind: 'wait', orderNo: one.waitlistNo, meta: meta(one.waitlistNo) },
          waiting: { ...one, since: since(n), until },
        }),
      ),
    );
    const begun = performance.now();
    await Promise.all(orders.slice(0, seats).map((orderNo) => pool.submit(key, release(orderNo))));
    const ms = performance.now() - begun;
    await pool.close();
    const { state } = await load(world.store, lockBookCategory, key);
    const served = waiters.filter(({ waitlistNo }) => state.lockOf.has(waitlistNo)).length;
    return { name: 'waitlist/freed', value: ms, unit: 'ms', references: [], details: { waiting, seats, served } };
  } finally {
    await world.close();
  }
};

const submitted = async ({ store }: World, waiters: readonly { readonly waitlistNo: string }[]): Promise<void> => {
  const request = { requestHash: '', userId: '', userKey: '', passengers: [], choices: [], currency: 'CNY' as const };
  const times = { payBefore: '', deadline: '', prepayFen: 1, acceptStanding: false };
  for (let start = 0; start < waiters.length; start += 1_000)
    await store.append(
      waiters.slice(start, start + 1_000).map(({ waitlistNo }) => {
        const events: readonly WaitlistEvent[] = [
          { type: 'WaitlistSubmitted', version: 1, data: { waitlistNo, ...request, ...times } },
          { type: 'WaitlistPrepaid', version: 1, data: { paymentNo: `${waitlistNo}P1`, amountFen: 1 } },
        ];
        return appendOf(waitlistCategory.stream(waitlistNo), -1, events, meta(`${waitlistNo}/submit`));
      }),
    );
};

/** Releases decided in memory, with and without the look for somebody who waits, in turns; nobody does. */
const unwanted = (rounds: number): BenchResult => {
  const seats = seatsOfClass(compositionOf(SEATS), 'second');
  const selling = { counted: false, choose: seated(bestFit) };
  const serving = { nowMs: 0, gone: new Set<string>(), metaFor: meta };
  const stock = untouchedStock(seats, STOPS - 1);
  const batch = 200;
  const ms = [0, 0];
  for (let done = 0; done < rounds; done += batch) {
    const orders = Array.from({ length: batch }, (_, n) => `O${done + n}`);
    const holds = new Draft(stock, selling);
    for (const orderNo of orders) holds.decide(hold(orderNo));
    const serves = (done / batch) % 2;
    const releases = new Draft(stock, selling, serves === 1 ? serving : undefined);
    const begun = performance.now();
    for (const orderNo of orders) releases.decide(release(orderNo));
    releases.serve();
    // The first ones are still being compiled.
    if (done > rounds / 4) ms[serves] = (ms[serves] ?? 0) + performance.now() - begun;
    for (const lockId of stock.book.locks.keys()) stock.book.locks.delete(lockId);
    stock.book.lockOf.clear();
  }
  const [without = 0, withServing = 0] = ms;
  const perSecond = (spent: number): number => ((rounds * 0.375) / spent) * 1_000;
  return {
    name: 'waitlist/unwanted',
    value: perSecond(withServing),
    unit: 'releases/s',
    references: [{ name: 'without a line', value: perSecond(without), ratio: without / withServing }],
    details: { releases: rounds, percentMore: Math.max(0, (withServing / without - 1) * 100) },
  };
};

/** Trains give back seats at rates that people do not know. What they are told comes from what happened before. */
const told = (requests: number): BenchResult => {
  const random = seededRandom(7);
  const kinds = ['G', 'D', 'Z', 'K'];
  const known = new Map<string, { -readonly [Name in keyof Outcome]: Outcome[Name] }>();
  const bins = Array.from({ length: 10 }, () => ({ told: 0, asked: 0, served: 0 }));
  for (let n = 0; n < requests; n += 1) {
    const trainKind = kinds[Math.floor(random.next() * kinds.length)] ?? 'G';
    const daysLeft = daysLeftAt(random.next() * 10 * 86_400_000, 0);
    const position = 1 + Math.floor(random.next() ** 3 * 400);
    const isServed = comeFree(trainKind, daysLeft, random) >= position;
    const at: Standpoint = { trainKind, daysLeft, place: placeGroupOf(position) };
    // The second half is told; the first is what is known by then.
    if (n > requests / 2) {
      const chance = chanceAt(
        at,
        [...known.values()].filter(({ place }) => place === at.place),
      );
      const bin = bins[Math.min(9, Math.floor(chance * 10))];
      if (bin !== undefined) {
        bin.told += chance;
        bin.asked += 1;
        bin.served += isServed ? 1 : 0;
      }
    }
    const name = `${trainKind} ${daysLeft} ${at.place}`;
    const outcome = known.get(name) ?? { ...at, ended: 0, served: 0 };
    outcome.ended += 1;
    outcome.served += isServed ? 1 : 0;
    known.set(name, outcome);
  }
  const filled = bins.filter(({ asked }) => asked > requests / 500);
  const errors = filled.map((bin) => Math.abs(bin.told - bin.served) / bin.asked);
  const shown = filled.map((bin) => `${percent(bin.told / bin.asked)}: ${percent(bin.served / bin.asked)}`);
  return {
    name: 'waitlist/told',
    value: Math.max(0, ...errors) * 100,
    unit: 'points between told and served, at most',
    references: [],
    details: { requests, toldAndServed: shown.join(', ') },
  };
};

const percent = (share: number): string => `${Math.round(share * 100)} %`;

/** Seats that come free until the end: more of some kinds of trains, and of those that leave later. */
const comeFree = (kind: string, days: number, random: { next(): number }): number => {
  const mean = ({ G: 40, D: 25, Z: 10, K: 5 }[kind] ?? 5) * (0.3 + days / 5);
  // Its logarithm is spread: trains differ.
  const spread = Math.exp((random.next() + random.next() + random.next() - 1.5) * 1.2);
  return mean * spread;
};
