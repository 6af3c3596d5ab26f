// Two owners of one class: whatever one of them does between any two calls of the other, each seat is held once, and
// each lock by all its segments or by none.

import { describe, expect, test } from '@jest/globals';
import { isFree } from '@railhead/domain/allocation/bitmap.ts';
import { seated } from '@railhead/domain/allocation/choose-legs.ts';
import { bestFit } from '@railhead/domain/allocation/choose-seats.ts';
import { brokenLock, contradictionOf, untouchedStock } from '@railhead/domain/class-stock/class-stock.ts';
import { occupies } from '@railhead/domain/seat-lock/fold.ts';
import { segmentCategory } from '@railhead/domain/segment-inventory/stream.ts';
import { seatsOfClass } from '@railhead/domain/train-run/composition.ts';
import { MemoryEventStore } from '@railhead/infra/eventstore/memory/memory-event-store.ts';
import { newEvent, testMeta } from '@railhead/tests/support/events.ts';
import { realClock } from '@railhead/tests/support/fixed-clock.ts';
import { held } from '@railhead/tests/support/seat-events.ts';
import { seededRandom } from '@railhead/tests/support/seeded-random.ts';
import type { EventStore } from '../ports/event-store.ts';
import { ClassAllocator } from './class-allocator.ts';
import { ClassStreams } from './class-streams.ts';
import type { LockOutcome, Operation } from './operation.ts';

const SEGMENTS = 3;
const key = { train: 'G1', date: '2026-12-01', seatClass: 'second' } as const;
const seatsOf = (count: number) =>
  seatsOfClass([{ coach: '01', seatClass: 'second', layout: { kind: 'numbers', seats: count } }], 'second');

/** Before the `at`th call of this store, something else happens; streams that are not written at once are a call each. */
const interrupted = (inner: EventStore, at: number, meanwhile: () => Promise<void>) => {
  let calls = 0;
  const count = async (): Promise<void> => {
    if (calls++ === at) await meanwhile();
  };
  const store = new Proxy(inner, {
    get: (target, name) => {
      if (name === 'append')
        return async (...[appends, options]: Parameters<EventStore['append']>) => {
          if (options?.atomic === true) {
            await count();
            return target.append(appends, options);
          }
          const results = [];
          for (const append of appends) {
            await count();
            results.push(...(await target.append([append], options)));
          }
          return results;
        };
      if (name === 'readStream')
        return async (...args: Parameters<EventStore['readStream']>) => {
          await count();
          return target.readStream(...args);
        };
      return Reflect.get(target, name);
    },
  });
  return { store, reached: () => calls > at };
};

let owners = 0;
const ownerOn = (store: EventStore, seats: number): ClassAllocator => {
  owners += 1;
  return new ClassAllocator(
    {
      store,
      // Pauses only let others through.
      clock: { ...realClock, after: (_, task) => realClock.after(0, task) },
      random: seededRandom(owners),
      owner: `owner-${owners}`,
      onSaleStopped: (_, detail) => {
        throw new Error(detail);
      },
    },
    key,
    {
      seats: seatsOf(seats),
      segments: SEGMENTS,
      chooseAt: () => ({ counted: false, choose: seated(bestFit) }),
      seatsNow: async () => seatsOf(seats),
    },
  );
};

const hold = (orderNo: string, from = 0, to = SEGMENTS): Operation => ({
  kind: 'hold',
  orderNo,
  from,
  to,
  wants: [undefined],
  meta: testMeta(orderNo),
});
const ending = (kind: 'release' | 'confirm' | 'expire', orderNo: string): Operation => ({
  kind,
  orderNo,
  meta: testMeta(`${orderNo}-${kind}`),
});
const withdrawal: Operation = {
  kind: 'withdraw',
  orderNo: 'W1',
  from: 0,
  to: SEGMENTS,
  seats: [0],
  reason: 'broken',
  meta: testMeta('W1'),
};

const told = (outcome: LockOutcome): string => (outcome.ok ? 'done' : outcome.refusal.code);

type Scene = {
  readonly seats: number;
  readonly before: readonly Operation[];
  readonly one: readonly Operation[];
  readonly other: readonly Operation[];
  /** What the two may be told, sorted: first what the one is told, then the other. */
  readonly answers: readonly string[];
};

const SCENES: Readonly<Record<string, Scene>> = {
  'one seat, both want it': {
    seats: 1,
    before: [],
    one: [hold('o1')],
    other: [hold('o2')],
    answers: ['SOLD_OUT | done', 'done | SOLD_OUT'],
  },
  'one seat, both want a part of the way that overlaps': {
    seats: 1,
    before: [],
    one: [hold('o1', 0, 2)],
    other: [hold('o2', 1, 3)],
    answers: ['SOLD_OUT | done', 'done | SOLD_OUT'],
  },
  'one seat, both want parts of the way that do not overlap': {
    seats: 1,
    before: [],
    one: [hold('o1', 0, 2)],
    other: [hold('o2', 2, 3)],
    answers: ['done | done'],
  },
  'two seats for both': {
    seats: 2,
    before: [],
    one: [hold('o1')],
    other: [hold('o2')],
    answers: ['done | done'],
  },
  'two seats for three, one of whom asks both': {
    seats: 2,
    before: [],
    one: [hold('o1'), hold('o2')],
    other: [hold('o1'), hold('o3')],
    answers: ['done SOLD_OUT | done done', 'done done | done SOLD_OUT'],
  },
  'a seat that comes back while it is wanted': {
    seats: 1,
    before: [hold('o1')],
    one: [ending('release', 'o1')],
    other: [hold('o2', 1, 2)],
    answers: ['done | SOLD_OUT', 'done | done'],
  },
  'a seat that is wanted while it comes back': {
    seats: 1,
    before: [hold('o1')],
    one: [hold('o2', 1, 2)],
    other: [ending('release', 'o1')],
    answers: ['SOLD_OUT | done', 'done | done'],
  },
  'a lock that is confirmed while it expires': {
    seats: 1,
    before: [hold('o1')],
    one: [ending('confirm', 'o1')],
    other: [ending('expire', 'o1')],
    answers: ['LOCK_NOT_HELD | done', 'LOCK_ENDED | done', 'done | LOCK_NOT_HELD', 'done | done'],
  },
  'a seat that is withdrawn while it is wanted': {
    seats: 1,
    before: [],
    one: [withdrawal],
    other: [hold('o2')],
    answers: ['SEATS_SOLD | done', 'done | SOLD_OUT'],
  },
  'a seat that is wanted while it is withdrawn': {
    seats: 1,
    before: [],
    one: [hold('o1')],
    other: [withdrawal],
    answers: ['SOLD_OUT | done', 'done | SEATS_SOLD'],
  },
};

const assertWhole = async (store: EventStore, seats: number): Promise<void> => {
  const stock = untouchedStock(seatsOf(seats), SEGMENTS);
  await new ClassStreams(store, 'test', key, SEGMENTS).readAll(stock);
  expect([contradictionOf(stock), brokenLock(stock)]).toEqual([undefined, undefined]);
  const held = [...stock.book.locks.values()].flatMap((lock) =>
    occupies(lock)
      ? (lock.plan?.legs ?? []).flatMap(({ from, to, seats: of }) =>
          of.flatMap((seat) => Array.from({ length: to - from }, (_, at) => `${from + at}/${seat}`)),
        )
      : [],
  );
  expect(new Set(held).size).toBe(held.length);
  for (let seq = 0; seq < SEGMENTS; seq += 1)
    for (let seat = 0; seat < seats; seat += 1)
      expect([seq, seat, isFree(stock.occupancy, seq, seq + 1, seat)]).toEqual([
        seq,
        seat,
        !held.includes(`${seq}/${seat}`),
      ]);
};

const FAR_BEYOND = 500;

describe.each([
  ['all streams at once', true],
  ['one stream at a time', false],
])('%s', (_, atomicStreams) => {
  describe.each([
    ['that has just begun', false],
    ['that was there before', true],
  ])('another owner %s', (__, wasThere) => {
    test.each(Object.entries(SCENES))('%s', async (___, { seats, before, one, other, answers }) => {
      const seen = new Set<string>();
      for (let at = 0; at < FAR_BEYOND; at += 1) {
        const inner = new MemoryEventStore({ atomicStreams });
        const rival = ownerOn(inner, seats);
        for (const operation of before) await rival.submit(operation);
        if (wasThere) await rival.submit(ending('confirm', 'nobody'));
        let others: readonly LockOutcome[] = [];
        const { store, reached } = interrupted(inner, at, async () => {
          const second = wasThere ? rival : ownerOn(inner, seats);
          others = await Promise.all(other.map((operation) => second.submit(operation)));
        });
        const first = ownerOn(store, seats);
        const ones = await Promise.all(one.map((operation) => first.submit(operation)));
        if (!reached()) break;
        seen.add(`${ones.map(told).join(' ')} | ${others.map(told).join(' ')}`);
        // Whoever comes next finds nothing half done that it does not mend.
        await ownerOn(inner, seats).submit(ending('confirm', 'nobody'));
        await assertWhole(inner, seats);
      }
      expect(answers).toEqual(expect.arrayContaining([...seen]));
      expect(seen.size).toBeGreaterThan(0);
    });
  });
});

describe('a hold of a dead owner that arrives after its lock was ended', () => {
  const segment = (seq: number): string => segmentCategory.stream({ ...key, seq });
  const late = async (store: EventStore, seq: number): Promise<void> => {
    const event = { ...newEvent(), ...held('o9.1.1', [0]) };
    await store.append([{ stream: segment(seq), expected: 'any', events: [event] }]);
  };
  /** The dead owner held the first segment, its heir has ended that, and now the second one's hold arrives. */
  const met = async (seats: number) => {
    const store = new MemoryEventStore({ atomicStreams: false });
    const dead = ownerOn(store, seats);
    for (const operation of [hold('o1'), ending('release', 'o1')]) await dead.submit(operation);
    await late(store, 0);
    const heir = ownerOn(store, seats);
    await heir.submit(ending('confirm', 'nobody'));
    await late(store, 1);
    const ask = async (...operations: readonly Operation[]): Promise<readonly string[]> =>
      (await Promise.all(operations.map((operation) => heir.submit(operation)))).map(told);
    return { store, ask };
  };

  test('takes its seat from the lock that meets it, which is given another', async () => {
    const { store, ask } = await met(2);
    expect(await ask(hold('o3'))).toEqual(['done']);
    await ownerOn(store, 2).submit(ending('confirm', 'nobody'));
    await assertWhole(store, 2);
  });

  test('ends the lock that meets it where there is no other seat; who was refused because of that lock is seated', async () => {
    const { store, ask } = await met(1);
    expect(await ask(hold('o3'), hold('o4', 0, 1), hold('o5', 2, 3))).toEqual(['SOLD_OUT', 'done', 'done']);
    // The next owner gives its seat back.
    const next = ownerOn(store, 1);
    expect(told(await next.submit(hold('o6', 1, 2)))).toBe('done');
    await assertWhole(store, 1);
  });

  test('leaves the others of the batch what they have', async () => {
    const { store, ask } = await met(3);
    const all = await ask(hold('o3'), hold('o4'), hold('o3'), ending('release', 'o4'));
    expect(all).toEqual(['done', 'done', 'done', 'done']);
    await ownerOn(store, 3).submit(ending('confirm', 'nobody'));
    await assertWhole(store, 3);
  });
});
