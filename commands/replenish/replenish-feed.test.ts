// What the feed reads from a log, page by page: the same messages, whatever the pages, who asked before, and how much one
// call may fold.
import { describe, expect, test } from '@jest/globals';
import { seated } from '@railhead/domain/allocation/choose-legs.ts';
import { bestFit } from '@railhead/domain/allocation/choose-seats.ts';
import type { JoinedWaiting } from '@railhead/domain/seat-lock/events.ts';
import { lockBookCategory } from '@railhead/domain/seat-lock/stream.ts';
import { seatsOfClass } from '@railhead/domain/train-run/composition.ts';
import { waitlistCategory } from '@railhead/domain/waitlist/stream.ts';
import { MemoryEventStore } from '@railhead/infra/eventstore/memory/memory-event-store.ts';
import { storedHistories } from '@railhead/tests/support/clean-logs.ts';
import { newEvent, newEvents, testMeta } from '@railhead/tests/support/events.ts';
import { realClock } from '@railhead/tests/support/fixed-clock.ts';
import { expired, releasedLock } from '@railhead/tests/support/seat-events.ts';
import { seededRandom } from '@railhead/tests/support/seeded-random.ts';
import { ClassAllocator } from '../allocation/class-allocator.ts';
import type { Operation } from '../allocation/operation.ts';
import type { EventStore, RecordedEvent } from '../ports/event-store.ts';
import { ReplenishFeed } from './replenish-feed.ts';
import type { Replenishment } from './replenishment.ts';

const key = { train: 'G1', date: '2026-12-01', seatClass: 'second' } as const;
const book = lockBookCategory.stream(key);
const seats = seatsOfClass([{ coach: '01', seatClass: 'second', layout: { kind: 'numbers', seats: 3 } }], 'second');
const turn = async (): Promise<void> => {};

let owners = 0;
const openOn = (store: EventStore, batchLimit = 1_000): ClassAllocator => {
  owners += 1;
  const fail = (_: unknown, detail: string): never => {
    throw new Error(detail);
  };
  const deps = { store, clock: realClock, random: seededRandom(owners), owner: `o${owners}`, onSaleStopped: fail };
  return new ClassAllocator({ ...deps, batchLimit }, key, {
    ...{ seats, segments: 3, seatsNow: async () => seats },
    chooseAt: () => ({ counted: false, choose: seated(bestFit) }),
  });
};
const hold = (orderNo: string): Operation => ({
  ...{ kind: 'hold', orderNo, from: 0, to: 3, meta: testMeta(orderNo), wants: [undefined] },
});
const release = (orderNo: string): Operation => ({
  ...{ kind: 'release', orderNo, reason: 'CANCELLED', meta: testMeta(`${orderNo}/release`) },
});
const waits = async (store: EventStore, allocator: ClassAllocator, waitlistNo: string): Promise<void> => {
  const events = [
    newEvent({ waitlistNo, choices: [], passengers: [] }, 'WaitlistSubmitted'),
    newEvent({ paymentNo: 'P', amountFen: 1 }, 'WaitlistPrepaid'),
  ];
  await store.append([{ stream: waitlistCategory.stream(waitlistNo), expected: 'noStream', events }]);
  const [since, until] = ['2026-11-01T00:00:00.000Z', '2099-01-01T00:00:00.000Z'];
  const waiting: JoinedWaiting = { waitlistNo, choice: 0, from: 0, to: 3, wants: [null], since, until, revision: 1 };
  await allocator.submit({ kind: 'wait', orderNo: waitlistNo, waiting, meta: testMeta(waitlistNo) });
};

const allOf = async (feed: ReplenishFeed, limit = 1_000, after = 0): Promise<readonly Replenishment[]> => {
  const all: Replenishment[] = [];
  for (let place = after; ; ) {
    const { messages, next, atEnd } = await feed.read({ after: place, limit });
    for (const { position } of messages) expect(place < position && position <= next).toBe(true);
    all.push(...messages);
    if (atEnd) return all;
    expect(next).toBeGreaterThan(place);
    place = next;
  }
};

describe.each([true, false])('a seat that comes free (streams written at once: %s)', (atomicStreams) => {
  test('is told, and how many went to who waits, where that is known', async () => {
    const store = new MemoryEventStore({ atomicStreams });
    const feed = new ReplenishFeed({ store, turn });
    const allocator = openOn(store);
    for (const n of [1, 2, 3]) await allocator.submit(hold(`O${n}`));
    expect(await allOf(feed)).toEqual([]);
    await allocator.submit(release('O1'));
    await allocator.submit(hold('O4'));
    await waits(store, allocator, 'W1');
    await allocator.submit(release('O2'));
    await Promise.all([allocator.submit(release('O3')), allocator.submit(hold('O5'))]);
    const nobodyWaited = { ...key, count: 1, reason: 'CANCELLED', toWaiting: 0 };
    const { toWaiting: _, ...untold } = nobodyWaited;
    const all = await allOf(feed);
    expect(all).toMatchObject([nobodyWaited, atomicStreams ? { ...untold, toWaiting: 1 } : untold, nobodyWaited]);
    expect('toWaiting' in (all[1] ?? {})).toBe(atomicStreams);
    expect(await allOf(new ReplenishFeed({ store, turn }), 1)).toEqual(all);
  });
});

/** Appends of several seats that come free and are taken again, of one class. */
const busyClass = async (rounds = 12): Promise<MemoryEventStore> => {
  const store = new MemoryEventStore({ atomicStreams: true });
  const allocator = openOn(store);
  for (let round = 0; round < rounds; round += 1) {
    await Promise.all([1, 2, 3].map((n) => allocator.submit(hold(`O${round}x${n}`))));
    if (round % 3 === 0) await waits(store, allocator, `W${round}`);
    await Promise.all([1, 2, 3].map((n) => allocator.submit(release(`O${round}x${n}`))));
    if (round % 3 === 0) await allocator.submit(release(`W${round}`));
  }
  return store;
};

describe('the same is told', () => {
  test('in pages of any size, to whoever asks again or from another place, and however little one call may fold', async () => {
    const store = await busyClass();
    const all = await allOf(new ReplenishFeed({ store, turn }));
    expect(all.map(({ count, toWaiting = 0 }) => [count, toWaiting])).toContainEqual([3, 1]);
    expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
    const feed = new ReplenishFeed({ store, turn });
    for (const limit of [1, 2, 3, 7]) expect(await allOf(feed, limit)).toEqual(all);
    for (const mostFolded of [0, 1, 5])
      expect(await allOf(new ReplenishFeed({ store, turn, mostFolded }), 10)).toEqual(all);
    const middle = all[4]?.position ?? 0;
    expect(await allOf(feed, 2, middle)).toEqual(all.filter(({ position }) => position > middle));
    const together = await Promise.all([allOf(feed, 2), allOf(feed, 3), allOf(feed, 3)]);
    for (const one of together) expect(one).toEqual(all);
  });

  test('of the stored histories', async () => {
    const reasons = new Set<string>();
    for (const log of storedHistories()) {
      const store = new MemoryEventStore();
      for (const { stream, id, type, version, data, meta } of log) {
        const event = { id, type, version, data, meta } as RecordedEvent; // what an append looks at
        await store.append([{ stream, expected: 'any', events: [event] }]);
      }
      const all = await allOf(new ReplenishFeed({ store, turn }));
      expect(await allOf(new ReplenishFeed({ store, turn, mostFolded: 20 }), 7)).toEqual(all);
      for (const { reason, count } of all) {
        reasons.add(reason);
        expect(count).toBeGreaterThan(0);
      }
    }
    expect([...reasons].sort()).toEqual(
      expect.arrayContaining(['CANCELLED', 'CHANGED', 'COACHES_ADDED', 'EXPIRED', 'REFUNDED', 'WITHDRAWAL_LIFTED']),
    );
    // Their orders say what became of the tickets.
    expect(reasons).not.toContain('GIVEN_BACK');
  });
});

describe('the work of one call is bounded', () => {
  test('a long stretch of other events is passed in several calls', async () => {
    const store = new MemoryEventStore();
    await store.append([{ stream: 'other-1', expected: 'any', events: newEvents(450) }]);
    const feed = new ReplenishFeed({ store, turn });
    const first = await feed.read({ after: 0, limit: 1 });
    expect(first).toEqual({ messages: [], next: 100, atEnd: false });
    expect(await allOf(feed, 1)).toEqual([]);
  });

  test('a book is folded once, for as long as the feed goes forward', async () => {
    const store = await busyClass(60);
    let read = 0;
    const counting = {
      capabilities: store.capabilities,
      readAll: (options: Parameters<EventStore['readAll']>[0]) => store.readAll(options),
      readStream: async (...of: Parameters<EventStore['readStream']>) => {
        const events = await store.readStream(...of);
        read += events.length;
        return events;
      },
    };
    const feed = new ReplenishFeed({ store: counting, turn });
    let calls = 0;
    for (let [after, isEnd] = [0, false]; !isEnd; calls += 1) {
      const { next, atEnd } = await feed.read({ after, limit: 40 });
      [after, isEnd] = [next, atEnd];
    }
    const { length } = await store.readStream(book);
    expect(calls).toBeGreaterThan(5);
    // Each call also looks whether the log is the one that was folded, and at what follows an append. Where a page ended
    // within an append the book is folded again.
    expect(read).toBeLessThan(length * 3);
  });
});

test('where the log is another one by now, what was kept of it is not used', async () => {
  const [before, after] = [await busyClass(), await busyClass()];
  let store = before;
  const feed = new ReplenishFeed({
    store: {
      capabilities: before.capabilities,
      readAll: (options) => store.readAll(options),
      readStream: (...of) => store.readStream(...of),
    },
    turn,
  });
  const half = Math.floor((await before.lastPosition()) / 2);
  await feed.read({ after: 0, limit: half });
  store = after;
  const fresh = await allOf(new ReplenishFeed({ store: after, turn }), 1_000, half);
  expect(await allOf(feed, 1_000, half)).toEqual(fresh);
});

test('of a book that a newer version has written to, what stands before that is told', async () => {
  const store = new MemoryEventStore({ atomicStreams: true });
  const allocator = openOn(store);
  for (const n of [1, 2]) await allocator.submit(hold(`O${n}`));
  await allocator.submit(release('O1'));
  const before = await allOf(new ReplenishFeed({ store, turn }));
  expect(before).toHaveLength(1);
  const strange = [newEvent({}, 'SeatsAuctioned'), { ...newEvent(), ...expired('O2.1.1') }];
  await store.append([{ stream: book, expected: 'any', events: strange }]);
  const other = lockBookCategory.stream({ ...key, train: 'G2' });
  const unknown = { ...newEvent(), ...releasedLock('X.1.1'), version: 3 };
  await store.append([{ stream: other, expected: 'any', events: [unknown] }]);
  await store.append([{ stream: 'seatLock-nonsense', expected: 'any', events: [{ ...newEvent(), ...expired('X') }] }]);
  await store.append([
    { stream: 'trainRun-G1_2026-12-01', expected: 'any', events: [newEvent({}, 'CoachesAdded', 9)] },
  ]);
  expect(await allOf(new ReplenishFeed({ store, turn }))).toEqual(before);
});
