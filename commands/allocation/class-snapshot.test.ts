import { describe, expect, test } from '@jest/globals';
import { segmentCategory } from '@railhead/domain/segment-inventory/stream.ts';
import { MemoryEventStore } from '@railhead/infra/eventstore/memory/memory-event-store.ts';
import { MemorySnapshots } from '@railhead/infra/snapshots/memory-snapshots.ts';
import { newEvent } from '@railhead/tests/support/events.ts';
import { lockPartsOf } from '@railhead/tests/support/seat-events.ts';
import { book, counting, hold, openOn, seats } from '@railhead/tests/support/selling-class.ts';
import { waitUntil } from '@railhead/tests/support/wait-until.ts';
import type { EventStore } from '../ports/event-store.ts';
import { parseSnapshot } from './class-snapshot.ts';

const SECOND = { train: 'G1', date: '2026-12-01', seatClass: 'second' } as const;

/** Writes forty orders with three events each, and a snapshot of them. */
const soldOn = async (store: EventStore, snapshots: MemorySnapshots): Promise<void> => {
  const allocator = openOn(store, snapshots, 'first');
  for (let n = 0; n < 40; n += 1) expect((await allocator.submit(hold(`o${n}`))).ok).toBe(true);
  await waitUntil('the snapshot', async () => (await snapshots.load(book)) !== undefined);
};

describe('a class that is reopened', () => {
  test('continues from its snapshot and reads only later events', async () => {
    const inner = new MemoryEventStore();
    const snapshots = new MemorySnapshots();
    await soldOn(inner, snapshots);
    const { store, read } = counting(inner);
    const again = openOn(store, snapshots, 'second');
    // The same order gets the same seats, which are known from the snapshot.
    expect((await again.submit(hold('o0'))).ok).toBe(true);
    expect(read()).toBeLessThan(70);
    const rest = await Promise.all(Array.from({ length: 30 }, (_, n) => again.submit(hold(`p${n}`))));
    expect(rest.filter((outcome) => outcome.ok)).toHaveLength(seats.length - 40);
    const { store: bare, read: readAll } = counting(inner);
    await openOn(bare, new MemorySnapshots(), 'third').submit(hold('o0'));
    expect(readAll()).toBeGreaterThan(140);
  });

  test('is saved again after as many holds as ever, however few events they are', async () => {
    const store = new MemoryEventStore();
    const first = openOn(store, new MemorySnapshots(), 'first');
    await Promise.all(seats.map((_, n) => first.submit(hold(`o${n}`))));
    const { length } = await store.readStream(segmentCategory.stream({ ...SECOND, seq: 0 }));
    expect(length).toBe(2);
    const snapshots = new MemorySnapshots();
    await openOn(store, snapshots, 'second').submit(hold('o0'));
    await waitUntil('the snapshot', async () => (await snapshots.load(book)) !== undefined);
  });

  test('keeps a hold that the book says nothing about yet', async () => {
    const store = new MemoryEventStore();
    const snapshots = new MemorySnapshots();
    const first = openOn(store, snapshots, 'first');
    await first.submit(hold('o0'));
    const stream = segmentCategory.stream({ ...SECOND, seq: 0 });
    // Of an owner who comes after all of these.
    const holds = [{ lockId: 'late.99.1', seats: [seats.length - 1] }];
    const late = { ...newEvent({ holds }, 'SeatsHeld'), version: 2 };
    await store.append([{ stream, expected: 'exists', events: [late] }]);
    await first.submit(hold('o1'));
    await soldOn(store, snapshots);
    const second = openOn(store, snapshots, 'second');
    const outcomes = await Promise.all(seats.map((_, n) => second.submit(hold(`o${n}`))));
    expect(outcomes.filter((outcome) => outcome.ok)).toHaveLength(seats.length - 1);
    const held = (await store.readStream(stream)).filter(({ type }) => type === 'SeatsHeld').flatMap(lockPartsOf);
    expect(new Set(held.flatMap(({ seats: taken = [] }) => taken)).size).toBe(seats.length);
    expect(held).toHaveLength(seats.length);
  });

  test('does not trust a snapshot of another log', async () => {
    const snapshots = new MemorySnapshots();
    await soldOn(new MemoryEventStore(), snapshots);
    const other = new MemoryEventStore();
    const elsewhere = openOn(other, new MemorySnapshots(), 'elsewhere');
    await elsewhere.submit(hold('x'));
    const opened = openOn(other, snapshots, 'second');
    const outcomes = await Promise.all(seats.map((_, n) => opened.submit(hold(`q${n}`))));
    expect(outcomes.filter((outcome) => outcome.ok)).toHaveLength(seats.length - 1);
  });

  test.each([
    ['of another version', '{"version":0}'],
    ['that is no JSON', 'cut o'],
    ['of a run with fewer stops', '{"version":1,"held":[],"ended":[],"segments":[]}'],
  ])('does without a snapshot %s', async (_, text) => {
    const snapshots = new MemorySnapshots();
    await snapshots.save(book, text);
    expect((await openOn(new MemoryEventStore(), snapshots, 'first').submit(hold('a'))).ok).toBe(true);
  });

  test('finds no snapshot where no text was saved', () => {
    expect(parseSnapshot(undefined)).toBeUndefined();
  });
});
