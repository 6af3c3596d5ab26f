// Two processes with one queue and a store that fails: whoever was told a place has it, nobody has two, places are admitted
// in the order of the log, none twice, and no faster than the rate. What holds is computed from the events by lists alone.
import { describe, expect, test } from '@jest/globals';
import { type EventStore, EventStoreError } from '@railhead/commands/ports/event-store.ts';
import { QueueLine } from '@railhead/commands/queue/queue-line.ts';
import { standingIn } from '@railhead/commands/queue/queue-standing.ts';
import { commitmentOf } from '@railhead/commands/queue/seed.ts';
import { ownOrigin } from '@railhead/commands/streams/append.ts';
import type { RunQueueCommand } from '@railhead/domain/run-queue/decide.ts';
import type { RunQueueEvent } from '@railhead/domain/run-queue/events.ts';
import { shuffled } from '@railhead/domain/run-queue/shuffle.ts';
import { runQueueCategory } from '@railhead/domain/run-queue/stream.ts';
import { MemoryEventStore } from '@railhead/infra/eventstore/memory/memory-event-store.ts';
import fc from 'fast-check';
import { type Fault, FaultyStore } from '../support/faulty-store.ts';
import { BEIJING, realClock } from '../support/fixed-clock.ts';
import { QUEUE_RULES } from '../support/queue-options.ts';
import { seededRandom } from '../support/seeded-random.ts';

const RUN = { train: 'G1', date: '2026-12-01' };
const START_MS = Date.parse('2026-11-30T08:00:00+08:00');
const OPENS_MS = START_MS + 20_000;
const FIRST = 3;
const RATE = 2;
const MOST_WAITING = 12;
const SECRET = 'a-secret-of-the-tests';

type Step =
  | { readonly does: 'join'; readonly users: readonly number[]; readonly process: number }
  | { readonly does: 'admit' | 'crash' | 'openRoom'; readonly process: number }
  | { readonly does: 'wait'; readonly ms: number }
  | { readonly does: 'mode'; readonly mode: 'QUEUED' | 'PAUSED'; readonly process: number };

const process = fc.integer({ min: 0, max: 1 });
const steps = fc.array(
  fc.oneof(
    {
      weight: 5,
      arbitrary: fc.record({
        does: fc.constant('join' as const),
        users: fc.array(fc.nat(15), { minLength: 1, maxLength: 6 }),
        process,
      }),
    },
    { weight: 3, arbitrary: fc.record({ does: fc.constant('admit' as const), process }) },
    { weight: 1, arbitrary: fc.record({ does: fc.constantFrom('crash' as const, 'openRoom' as const), process }) },
    { weight: 3, arbitrary: fc.record({ does: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 3_000 }) }) },
    {
      weight: 1,
      arbitrary: fc.record({
        does: fc.constant('mode' as const),
        mode: fc.constantFrom('QUEUED' as const, 'PAUSED' as const),
        process,
      }),
    },
  ),
  { minLength: 5, maxLength: 40 },
);

/** Who is where, from the events alone. */
const oracleOf = (events: readonly (RunQueueEvent & { readonly meta: { readonly at: string } })[]) => {
  const users: string[] = [];
  let line: string[] = [];
  let room: string[] | undefined;
  const admitted: { readonly user: string; readonly atMs: number }[] = [];
  for (const event of events) {
    if (event.type === 'WaitingRoomOpened') room = [];
    if (event.type === 'QueueJoined') {
      users.push(...event.data.joins);
      (room ?? line).push(...event.data.joins);
    }
    if (event.type === 'WaitingRoomShuffled') {
      line = [...line, ...[...shuffled(event.data.seed, room?.length ?? 0)].map((index) => room?.[index] ?? '')];
      room = undefined;
    }
    if (event.type === 'QueueAdmitted') {
      const { upTo, at } = event.data;
      // Nobody is admitted twice, and nobody who has not joined, or waits for the seed.
      expect(upTo).toBeGreaterThan(admitted.length);
      expect(upTo).toBeLessThanOrEqual(line.length);
      for (const user of line.slice(admitted.length, upTo)) admitted.push({ user, atMs: Date.parse(at) });
    }
  }
  return { users, line, room, admitted };
};

const play = async (given: {
  readonly steps: readonly Step[];
  readonly faults: readonly Fault[];
  readonly early: boolean;
}) => {
  let nowMs = START_MS;
  const clock = { zone: BEIJING, now: () => nowMs, after: (_: number, task: () => void) => realClock.after(0, task) };
  const inner = new MemoryEventStore();
  let next = 0;
  const store: EventStore = new FaultyStore(
    inner,
    () => given.faults[next++] ?? 'none',
    () => new Promise(setImmediate),
  );
  const rules = { ...QUEUE_RULES, first: FIRST, share: 0, leastPerSecond: RATE, mostWaiting: MOST_WAITING };
  const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
  const begin = (from: EventStore = store): Promise<QueueLine> =>
    QueueLine.read(RUN, { store: from, clock, random: seededRandom(next), logger: silent, rules, secret: SECRET });
  const processes = [await begin(), await begin()];
  const at = (index: number): QueueLine => processes[index] as QueueLine; // there are two
  const told = new Map<string, number>();
  const refused = new Set<string>();
  const known = (error: unknown): undefined => {
    if (error instanceof EventStoreError) return undefined;
    throw error;
  };
  let sent = 0;
  const command = (index: number, make: () => RunQueueCommand) => {
    sent += 1;
    return at(index)
      .write(ownOrigin(`test/${sent}`), make)
      .catch(known);
  };
  await inner.append([
    {
      stream: runQueueCategory.stream(RUN),
      expected: 'noStream',
      events: [
        {
          id: '00000000-0000-4000-8000-000000000000',
          type: 'QueueModeSet',
          version: 1,
          data: { mode: 'QUEUED', cause: 'operator' },
          meta: { commandId: 'c', correlationId: 'c', causationId: 'c', actor: 'olga', at: BEIJING.timestamp(nowMs) },
        },
      ],
    },
  ]);
  for (const line of processes) await line.refresh();
  for (const step of given.steps) {
    switch (step.does) {
      case 'wait':
        nowMs += step.ms;
        break;
      case 'crash':
        processes[step.process] = await begin();
        break;
      case 'openRoom':
        if (nowMs >= OPENS_MS) await at(step.process).openRoom().catch(known);
        break;
      case 'mode':
        await command(step.process, () => ({ type: 'SetMode', id: `m${sent}`, mode: step.mode }));
        break;
      case 'admit':
        // Two processes do so at the same moment.
        await Promise.all(
          [0, 1].map((index) =>
            command(index, () => ({ type: 'Admit', nowMs, at: BEIJING.timestamp(nowMs), seatsLeft: 0, rules })),
          ),
        );
        break;
      case 'join': {
        const opensMs = given.early && nowMs < OPENS_MS ? OPENS_MS : undefined;
        await Promise.all(
          step.users.map(async (number, index) => {
            const user = `u${number}`;
            const joined = await at((step.process + index) % 2)
              .join({ user }, opensMs)
              .catch(known);
            if (joined?.ok === false) refused.add(user);
            if (joined?.ok !== true) return;
            // Whoever asks again is told the same place.
            expect(told.get(user) ?? joined.value.place).toBe(joined.value.place);
            told.set(user, joined.value.place);
          }),
        );
      }
    }
  }
  const log = await inner.readStream(runQueueCategory.stream(RUN));
  return { log, told, refused, fresh: await begin(inner), nowMs };
};

const faults = fc.array(fc.constantFrom<Fault>('none', 'none', 'none', 'none', 'before', 'lost', 'after'), {
  maxLength: 30,
});

describe('a queue', () => {
  test('loses no place, admits nobody twice and nobody before those ahead, whatever fails', async () => {
    await fc.assert(
      fc.asyncProperty(fc.record({ steps, faults, early: fc.boolean() }), async (given) => {
        const { log, told, refused, fresh, nowMs } = await play(given);
        const events = log.filter(runQueueCategory.owns);
        expect(events).toHaveLength(log.length);
        const { users, line, room, admitted } = oracleOf(events);
        // Nobody has two places, and whoever was told one has it.
        expect(new Set(users).size).toBe(users.length);
        for (const [user, place] of told) expect(users[place - 1]).toBe(user);
        // Nobody is refused while there is room.
        if (users.length < MOST_WAITING) expect([...refused]).toEqual([]);
        // Everybody stands where the lists have them.
        for (const [index, user] of users.entries()) {
          const standing = standingIn(fresh, { place: index + 1, user }, nowMs);
          if (room?.includes(user) === true) expect(standing?.phase).toBe('WAITING_ROOM');
          else if (admitted.some((one) => one.user === user)) expect(standing?.phase).toBe('ADMITTED');
          else expect(standing).toMatchObject({ phase: 'QUEUED', position: line.indexOf(user) + 1 - admitted.length });
        }
        // Not faster than the rate: the first at once, then so many in any time, and two steps for a timer that is late.
        const paced = admitted.slice(FIRST);
        for (const [index, { atMs }] of paced.entries()) {
          const since = paced.filter((one, other) => other <= index && one.atMs > atMs - 10_000).length;
          expect(since).toBeLessThanOrEqual(RATE * 10 + 2 * RATE + RATE);
        }
        // The seed is the one that was committed to.
        const opened = events.find(({ type }) => type === 'WaitingRoomOpened');
        const revealed = events.find(({ type }) => type === 'WaitingRoomShuffled');
        if (opened?.type === 'WaitingRoomOpened' && revealed?.type === 'WaitingRoomShuffled')
          expect(commitmentOf(revealed.data.seed)).toBe(opened.data.commitment);
      }),
      { numRuns: 150 },
    );
  }, 120_000);

  test('is full for who comes last, and for nobody who has a place', async () => {
    const users = Array.from({ length: 16 }, (_, index) => index);
    const pause: Step = { does: 'mode', mode: 'PAUSED', process: 0 };
    const { told, refused } = await play({
      steps: [pause, { does: 'join', users, process: 0 }, { does: 'join', users, process: 1 }],
      faults: [],
      early: false,
    });
    expect(told.size).toBe(MOST_WAITING);
    for (const user of told.keys()) expect(refused.has(user)).toBe(false);
    expect(refused.size).toBe(4);
  });
});
