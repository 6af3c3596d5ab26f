import { describe, expect, test } from '@jest/globals';
import { MemoryEventStore } from '@railhead/infra/eventstore/memory/memory-event-store.ts';
import { MemorySnapshots } from '@railhead/infra/snapshots/memory-snapshots.ts';
import { book, counting, hold, openOn, seats } from '@railhead/tests/support/selling-class.ts';
import { waitUntil } from '@railhead/tests/support/wait-until.ts';
import type { EventStore } from '../ports/event-store.ts';
import { parseSnapshot } from './class-snapshot.ts';

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
