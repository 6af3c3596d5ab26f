// Snapshots are kept beside the log and checked against it, also on EventStoreDB.
import { expect, test } from '@jest/globals';
import { MemorySnapshots } from '@railhead/infra/snapshots/memory-snapshots.ts';
import { anyEventStore } from '../support/any-eventstore.ts';
import { closeAfterEach } from '../support/esdb-world.ts';
import { book, counting, hold, openOn } from '../support/selling-class.ts';
import { waitUntil } from '../support/wait-until.ts';

closeAfterEach();

test('a class goes on from its snapshot, and does not trust one of another log', async () => {
  const { store } = await anyEventStore();
  const snapshots = new MemorySnapshots();
  const first = openOn(store, snapshots, 'first');
  await Promise.all(Array.from({ length: 40 }, (_, n) => first.submit(hold(`o${n}`))));
  await waitUntil('the snapshot', async () => (await snapshots.load(book)) !== undefined);
  const { store: counted, read } = counting(store);
  expect((await openOn(counted, snapshots, 'second').submit(hold('o0'))).ok).toBe(true);
  expect(read()).toBeLessThan(70);
  const { store: other } = await anyEventStore();
  const { store: bare, read: readAll } = counting(other);
  expect((await openOn(bare, snapshots, 'third').submit(hold('x'))).ok).toBe(true);
  expect((await openOn(bare, snapshots, 'fourth').submit(hold('o0'))).ok).toBe(true);
  // Nothing of the first log: the order it knew gets seats anew.
  expect(readAll()).toBeLessThan(70);
});
