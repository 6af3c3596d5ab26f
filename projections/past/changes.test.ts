import { expect, test } from '@jest/globals';
import type { RecordedEvent } from '@railhead/commands/ports/event-store.ts';
import { newEvent } from '@railhead/tests/support/events.ts';
import { Changes } from './changes.ts';
import { leavesOf } from './leaves.ts';
import { eachEvent } from './past-log.ts';

const eventAt = (position: number): RecordedEvent => ({ ...newEvent(), stream: 'order-1', revision: 0, position });

test('a value has the first twenty of its events and the number of the others', () => {
  const changes = new Changes();
  for (let n = 1; n <= 25; n += 1) changes.note(leavesOf({ count: n - 1 }), leavesOf({ count: n }), eventAt(n));
  const [change] = changes.list;
  expect(change).toMatchObject({ what: 'count', before: 0, after: 25, moreEvents: 5 });
  expect(change?.events.map(({ position }) => position)).toEqual(Array.from({ length: 20 }, (_, n) => n + 1));
});

test('a value that is what it was is no change; one that came or went has one side', () => {
  const changes = new Changes();
  changes.note(leavesOf({ same: 1, gone: true }), leavesOf({ same: 2, came: null }), eventAt(1));
  changes.note(leavesOf({ same: 2 }), leavesOf({ same: 1 }), eventAt(2));
  const events = [expect.objectContaining({ position: 1 })];
  expect(changes.list).toEqual([
    { what: 'gone', before: true, events, moreEvents: 0 },
    { what: 'came', after: null, events, moreEvents: 0 },
  ]);
});

test('elements of lists are told apart by what names them, others by their place', () => {
  const leaves = leavesOf({ items: [{ itemNo: 2, changes: [{ at: 'A' }] }], classes: ['first'], nothing: undefined });
  expect([...leaves]).toEqual([
    ['items[2].itemNo', 2],
    ['items[2].changes[0].at', 'A'],
    ['classes[0]', 'first'],
  ]);
});

test('others have the thread after each fifty events', async () => {
  let breaths = 0;
  const taken: number[] = [];
  const events = Array.from({ length: 101 }, (_, n) => eventAt(n));
  const breathe = async (): Promise<void> => {
    breaths += 1;
  };
  const log = { breathe } as Parameters<typeof eachEvent>[0]; // nothing is read
  await eachEvent(log, events, ({ position }) => taken.push(position));
  expect([taken.length, breaths]).toEqual([101, 3]);
});
