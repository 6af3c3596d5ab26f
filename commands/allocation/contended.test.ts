// A class that others keep writing to: so often is it tried again, and then whoever asked is told.
import { describe, expect, test } from '@jest/globals';
import { seated } from '@railhead/domain/allocation/choose-legs.ts';
import { bestFit } from '@railhead/domain/allocation/choose-seats.ts';
import { lockBookCategory } from '@railhead/domain/seat-lock/stream.ts';
import { segmentCategory } from '@railhead/domain/segment-inventory/stream.ts';
import { MemoryEventStore } from '@railhead/infra/eventstore/memory/memory-event-store.ts';
import { newEvent, testMeta } from '@railhead/tests/support/events.ts';
import { realClock } from '@railhead/tests/support/fixed-clock.ts';
import { GuidedStore } from '@railhead/tests/support/guided-store.ts';
import { lockPartsOf } from '@railhead/tests/support/seat-events.ts';
import { seats } from '@railhead/tests/support/selling-class.ts';
import type { EventStore } from '../ports/event-store.ts';
import { type AllocatorDeps, ClassAllocator } from './class-allocator.ts';
import type { LockOutcome, Operation } from './operation.ts';

const key = { train: 'G1', date: '2026-12-01', seatClass: 'second' } as const;

const hold = (orderNo: string): Operation => ({
  kind: 'hold',
  orderNo,
  from: 0,
  to: 1,
  wants: [undefined],
  meta: testMeta(orderNo),
});

const ending = (orderNo: string): Operation => ({ kind: 'release', orderNo, meta: testMeta(`${orderNo}-r`) });

/** Pauses are asked for and not waited; `pauses` in ms. */
const allocatorOn = (store: EventStore, randomness = 1, more: Partial<AllocatorDeps> = {}) => {
  const pauses: number[] = [];
  let conflicts = 0;
  const allocator = new ClassAllocator(
    {
      store,
      clock: {
        ...realClock,
        after: (delayMs, task) => {
          pauses.push(delayMs);
          return realClock.after(0, task);
        },
      },
      random: { next: () => randomness },
      owner: 'one',
      onSaleStopped: (_, detail) => {
        throw new Error(detail);
      },
      onConflict: () => {
        conflicts += 1;
      },
      ...more,
    },
    key,
    {
      seats,
      segments: 3,
      chooseAt: () => ({ counted: false, choose: seated(bestFit) }),
      seatsNow: async () => seats,
    },
  );
  return { allocator, pauses, conflicts: () => conflicts };
};
const told = (outcome: LockOutcome): string => (outcome.ok ? 'done' : outcome.refusal.code);

describe('a batch that meets another writer', () => {
  test.each([
    [0, 'done'],
    [1, 'done'],
    [29, 'done'],
    [30, 'CONTENDED'],
  ])('%d times is %s, and each time is counted', async (times, answer) => {
    const store = new GuidedStore();
    const { allocator, conflicts } = allocatorOn(store);
    await allocator.submit(hold('N1'));
    store.refusals = times;
    const answers = await Promise.all([allocator.submit(hold('N2')), allocator.submit(hold('N3'))]);
    expect([answers.map(told), conflicts(), store.refusals]).toEqual([[answer, answer], times, 0]);
    // Whoever comes next finds it open.
    expect(told(await allocator.submit(hold('N4')))).toBe('done');
  });

  test('waits longer each time, up to a quarter of a second, and by chance for less', async () => {
    const pausesOf = async (randomness: number): Promise<readonly number[]> => {
      const store = new GuidedStore();
      const { allocator, pauses } = allocatorOn(store, randomness);
      await allocator.submit(hold('N1'));
      store.refusals = 12;
      await allocator.submit(hold('N2'));
      return pauses;
    };
    const longest = [4, 8, 16, 32, 64, 128, 250, 250, 250, 250, 250, 250];
    expect(await pausesOf(1)).toEqual(longest);
    expect(await pausesOf(0.5)).toEqual(longest.map((ms) => ms / 2));
  });
});

describe('batches that are refused', () => {
  /** Orders with a lock in the book. */
  const locked = async (store: EventStore): Promise<readonly string[]> =>
    (await store.readStream(lockBookCategory.stream(key)))
      .flatMap(lockPartsOf)
      .flatMap(({ plan }) => plan?.orderNo ?? []);

  test.each([1, 2, 3])(
    'while %d are on their way behind each other are all decided again, and written once',
    async (refusals) => {
      const store = new GuidedStore();
      const { allocator, conflicts } = allocatorOn(store, 1, { soleWriter: true, batchLimit: 1 });
      await allocator.submit(hold('N0'));
      store.refusals = refusals;
      const orders = ['N1', 'N2', 'N3', 'N4'];
      const answers = await Promise.all(orders.map((orderNo) => allocator.submit(hold(orderNo))));
      expect(answers.map(told)).toEqual(orders.map(() => 'done'));
      expect([...(await locked(store))].sort()).toEqual(['N0', ...orders]);
      expect([store.refusals, conflicts() > 0]).toEqual([0, true]);
    },
  );

  test.each([0, 1])(
    'where streams are written one at a time meet another writer on a segment, opened by it or not (%d)',
    async (before) => {
      const store = new GuidedStore(new MemoryEventStore({ atomicStreams: false }));
      const { allocator, conflicts } = allocatorOn(store);
      await allocator.submit(before === 0 ? ending('N9') : hold('N9'));
      const already = await locked(store);
      store.refusals = 1;
      expect(told(await allocator.submit(hold('N1')))).toBe('done');
      expect([await locked(store), conflicts()]).toEqual([[...already, 'N1'], 1]);
      const [first] = await store.readStream(segmentCategory.stream({ ...key, seq: 0 }));
      expect(first?.type).toBe('SegmentOpened');
    },
  );
});

describe('a book that changes hands', () => {
  test.each([
    [19, 'done'],
    [20, 'given up'],
  ])('%d times while it is being opened: %s', async (times, answer) => {
    const store = new GuidedStore();
    store.refusals = times;
    const { allocator } = allocatorOn(store);
    const asked = allocator.submit(hold('N1'));
    if (answer === 'done') expect(told(await asked)).toBe(answer);
    else await expect(asked).rejects.toThrow(lockBookCategory.stream(key));
    expect(store.refusals).toBe(0);
    expect(told(await allocator.submit(hold('N2')))).toBe('done');
  });

  test.each([
    [19, 'done'],
    [20, 'given up'],
  ])('in each of %d readings: %s', async (times, answer) => {
    const store = new GuidedStore();
    const book = lockBookCategory.stream(key);
    let left = times;
    let epoch = 0;
    const moving = new Proxy<EventStore>(store, {
      get: (target, name) => {
        if (name !== 'readStream') return Reflect.get(target, name).bind?.(target) ?? Reflect.get(target, name);
        return async (...[stream, options]: Parameters<EventStore['readStream']>) => {
          // While the segments are read, once a reading, somebody else opens the book.
          if (stream.startsWith('segmentInventory-') && stream.includes('_0_') && left > 0) {
            left -= 1;
            epoch += 1;
            const events = [newEvent({ owner: 'other', epoch }, 'BookOpened')];
            await target.append([{ stream: book, expected: 'any', events }]);
          }
          return target.readStream(stream, options);
        };
      },
    });
    const { allocator } = allocatorOn(moving);
    const asked = allocator.submit(hold('N1'));
    if (answer === 'done') expect(told(await asked)).toBe(answer);
    else await expect(asked).rejects.toThrow(lockBookCategory.stream(key));
    expect(left).toBe(0);
  });
});
