// Whatever people do to a class, and whatever happens in a simulated day: what others are told of places that come free is
// what a count over the segments finds, and each message is told once.
import { describe, expect, test } from '@jest/globals';
import { ClassAllocator } from '@railhead/commands/allocation/class-allocator.ts';
import type { Operation } from '@railhead/commands/allocation/operation.ts';
import type { EventStore, RecordedEvent } from '@railhead/commands/ports/event-store.ts';
import { ReplenishFeed } from '@railhead/commands/replenish/replenish-feed.ts';
import type { Replenishment } from '@railhead/commands/replenish/replenishment.ts';
import { load } from '@railhead/commands/streams/load.ts';
import { seated } from '@railhead/domain/allocation/choose-legs.ts';
import { bestFit } from '@railhead/domain/allocation/choose-seats.ts';
import { lockBookCategory } from '@railhead/domain/seat-lock/stream.ts';
import { seatsOfClass } from '@railhead/domain/train-run/composition.ts';
import { waitlistCategory } from '@railhead/domain/waitlist/stream.ts';
import { MemoryEventStore } from '@railhead/infra/eventstore/memory/memory-event-store.ts';
import fc from 'fast-check';
import { simulatedDay, storedHistories } from '../support/clean-logs.ts';
import { newEvent, testMeta } from '../support/events.ts';
import { realClock } from '../support/fixed-clock.ts';
import { freedByHand, takenByHand } from '../support/freed-by-hand.ts';
import { recordedLog } from '../support/recorded-log.ts';
import { seededRandom } from '../support/seeded-random.ts';

type Log = readonly RecordedEvent[];

/** All messages of a log, read in pages of some size by one who goes forward. */
const toldOf = async (log: Log, atomicStreams: boolean, limit: number): Promise<readonly Replenishment[]> => {
  const store = { ...recordedLog(log), capabilities: { atomicStreams, durable: false } };
  const feed = new ReplenishFeed({ store, turn: async () => {} });
  const all: Replenishment[] = [];
  for (let after = 0; ; ) {
    const { messages, next, atEnd } = await feed.read({ after, limit });
    all.push(...messages);
    if (atEnd) break;
    after = next;
  }
  expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
  return all;
};

const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0);
const bookOf = (one: Replenishment): string => lockBookCategory.stream(one);

const assertCounted = (log: Log, told: readonly Replenishment[]): number => {
  const closed = new Set(log.filter(({ type }) => type === 'BookClosed').map(({ stream }) => stream));
  const open = told.filter((one) => !closed.has(bookOf(one)));
  const byBook = new Map([...Map.groupBy(open, bookOf)].map(([book, of]) => [book, sum(of.map(({ count }) => count))]));
  expect(byBook).toEqual(freedByHand(log));
  return sum([...byBook.values()]);
};

/** `ends`: positions at which a commit ended. Only where a commit has all streams is it known who got a place. */
const assertTaken = (log: Log, ends: readonly number[], told: readonly Replenishment[]): number => {
  let all = 0;
  for (const [index, end] of ends.entries()) {
    const begin = ends[index - 1] ?? 0;
    const isWithin = ({ position }: { readonly position: number }): boolean => begin < position && position <= end;
    const known = sum(told.filter(isWithin).map(({ toWaiting = 0 }) => toWaiting));
    expect([end, known]).toEqual([end, takenByHand(log, log.filter(isWithin))]);
    all += known;
  }
  return all;
};

const SEGMENTS = 3;
const key = { train: 'G1', date: '2026-12-01', seatClass: 'second' } as const;
const seats = seatsOfClass([{ coach: '01', seatClass: 'second', layout: { kind: 'numbers', seats: 4 } }], 'second');

/** A store that knows where its commits ended. */
const witnessed = (atomicStreams: boolean): { readonly store: EventStore; readonly ends: number[] } => {
  const memory = new MemoryEventStore({ atomicStreams });
  const ends: number[] = [];
  const append: EventStore['append'] = async (appends, options) => {
    const results = await memory.append(appends, options);
    ends.push(await memory.lastPosition());
    return results;
  };
  const store = new Proxy<EventStore>(memory, {
    get: (of, name) => {
      if (name === 'append') return append;
      const value = Reflect.get(of, name);
      return typeof value === 'function' ? value.bind(of) : value;
    },
  });
  return { store, ends };
};

const openOn = (store: EventStore, batchLimit: number): ClassAllocator => {
  const fail = (_: unknown, detail: string): never => {
    throw new Error(detail);
  };
  const deps = { store, clock: realClock, random: seededRandom(1), owner: 'o1', onSaleStopped: fail, batchLimit };
  return new ClassAllocator(deps, key, {
    ...{ seats, segments: SEGMENTS, seatsNow: async () => seats },
    chooseAt: () => ({ counted: false, choose: seated(bestFit) }),
  });
};

const act = fc.record({
  kind: fc.constantFrom(
    'hold',
    'hold',
    'wait',
    'wait',
    'withdraw',
    'return',
    'release',
    'expire',
    'confirm',
    'giveBack',
    'giveBack',
    'leave',
  ),
  from: fc.integer({ min: 0, max: SEGMENTS - 1 }),
  length: fc.integer({ min: 1, max: SEGMENTS }),
  party: fc.constantFrom(1, 1, 2, 3),
  pick: fc.nat(1_000),
  /** Submitted together with the one before. */
  together: fc.boolean(),
  changesSeats: fc.boolean(),
});
type Act = typeof act extends fc.Arbitrary<infer Value> ? Value : never;

/** People on one class, by what they do. */
class People {
  readonly #store: EventStore;
  readonly #orders: string[] = [];
  readonly #waiters: string[] = [];
  readonly #withdrawals: string[] = [];

  constructor(store: EventStore) {
    this.#store = store;
  }

  async operationOf(
    { kind, from, length, party, pick, changesSeats }: Act,
    index: number,
  ): Promise<Operation | undefined> {
    const to = Math.min(SEGMENTS, from + length);
    const meta = testMeta(`${kind}${index}`);
    const one = (of: readonly string[]): string => of[pick % Math.max(1, of.length)] ?? 'nobody';
    const somebody = { orderNo: one([...this.#orders, ...this.#waiters]), meta };
    switch (kind) {
      case 'hold': {
        this.#orders.push(`O${index}`);
        const wants = Array.from({ length: party }, () => undefined);
        return { kind, orderNo: `O${index}`, from, to, wants, acceptSeatChange: changesSeats, meta };
      }
      case 'wait':
        return this.#wait(`W${index}`, index, { from, to, party });
      case 'withdraw':
        this.#withdrawals.push(`B${index}`);
        return { kind, orderNo: `B${index}`, from, to, seats: [pick % seats.length], reason: 'broken', meta };
      case 'return':
        return { kind, orderNo: one(this.#withdrawals), meta };
      case 'release':
        return { kind, ...somebody, reason: pick % 2 === 0 ? 'CANCELLED' : 'TICKETING_FAILED' };
      case 'giveBack':
        return { kind, ...somebody, travellers: [pick % 3], reason: 'REFUNDED' };
      case 'leave':
        return this.#leave(one(this.#waiters), meta);
      default:
        return { kind, ...somebody };
    }
  }

  async #wait(no: string, second: number, of: { readonly from: number; readonly to: number; readonly party: number }) {
    this.#waiters.push(no);
    const events = [
      newEvent({ waitlistNo: no, choices: [], passengers: [] }, 'WaitlistSubmitted'),
      newEvent({ paymentNo: 'P', amountFen: 1 }, 'WaitlistPrepaid'),
    ];
    await this.#store.append([{ stream: waitlistCategory.stream(no), expected: 'noStream', events }]);
    const { from, to, party } = of;
    const since = new Date(Date.UTC(2026, 10, 1, 0, 0, second)).toISOString();
    const line = { since, until: '2099-01-01T00:00:00.000Z', revision: 1 };
    const wants = Array.from({ length: party }, () => null);
    const waiting = { waitlistNo: no, choice: 0, from, to, wants, ...line };
    return { kind: 'wait', orderNo: no, waiting, meta: testMeta(no) } as const;
  }

  async #leave(orderNo: string, meta: Operation['meta']): Promise<Operation | undefined> {
    if ((await load(this.#store, waitlistCategory, orderNo)).state.status !== 'MATCHING') return undefined;
    const failed = newEvent({ reason: 'GIVEN_UP' }, 'WaitlistFailed');
    await this.#store.append([{ stream: waitlistCategory.stream(orderNo), expected: 1, events: [failed] }]);
    return { kind: 'leave', orderNo, meta };
  }
}

test.each([true, false])('any sequence of what people do (streams written at once: %s)', async (atomicStreams) => {
  let [freed, toWaiting] = [0, 0];
  await fc.assert(
    fc.asyncProperty(
      fc.array(act, { minLength: 10, maxLength: 40 }),
      fc.constantFrom(1, 3, 1_000),
      fc.constantFrom(1, 4, 1_000),
      async (acts, batchLimit, limit) => {
        const { store, ends } = witnessed(atomicStreams);
        const allocator = openOn(store, batchLimit);
        const people = new People(store);
        const flying: Promise<unknown>[] = [];
        for (const [index, one] of acts.entries()) {
          if (!one.together) await Promise.all(flying.splice(0));
          const operation = await people.operationOf(one, index);
          if (operation !== undefined) flying.push(allocator.submit(operation));
        }
        await Promise.all(flying);
        await allocator.close();
        const { events } = await store.readAll({ after: 0, limit: 100_000 });
        const told = await toldOf(events, atomicStreams, limit);
        freed += assertCounted(events, told);
        if (atomicStreams) toWaiting += assertTaken(events, ends, told);
        else for (const { toWaiting: known = 0 } of told) expect(known).toBe(0);
      },
    ),
    { numRuns: 150 },
  );
  // Otherwise nothing was tried.
  expect(freed).toBeGreaterThan(200);
  if (atomicStreams) expect(toWaiting).toBeGreaterThan(20);
});

describe('all that happens in a day', () => {
  test.each([148, 334])('of seed %d', async (seed) => {
    const { log, ends } = await simulatedDay(seed);
    const atomicStreams = seed === 148;
    const told = await toldOf(log, atomicStreams, 50);
    assertCounted(log, told);
    if (atomicStreams) expect(assertTaken(log, ends, told)).toBeGreaterThan(0);
  });

  test('of a stored history', async () => {
    for (const log of storedHistories()) assertCounted(log, await toldOf(log, true, 50));
  });
});
