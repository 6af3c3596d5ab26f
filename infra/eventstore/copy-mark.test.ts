import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import type { EventStore, NewEvent } from '@railhead/commands/ports/event-store.ts';
import { newEvents } from '@railhead/tests/support/events.ts';
import { tempFolder } from '@railhead/tests/support/temp-folder.ts';
import { CopyMark } from './copy-mark.ts';
import { viewOf } from './log-view.ts';
import { MemoryEventStore } from './memory/memory-event-store.ts';

const folder = tempFolder();
const NAMES = { from: 'here', to: 'there' };
let marks = 0;
const logOf = async (events: readonly NewEvent[]): Promise<EventStore> => {
  const store = new MemoryEventStore();
  if (events.length > 0) await store.append([{ stream: 'a-1', expected: 'noStream', events }]);
  return store;
};

/** A copy that has come to the third event of these. */
const marked = async (events: readonly NewEvent[], names = NAMES) => {
  marks += 1;
  const path = join(folder, `${marks}.json`);
  const last = (await (await logOf(events)).readStream('a-1'))[2];
  if (last === undefined) throw new Error('there are three');
  new CopyMark(path, names).reach(last);
  return { path, last };
};

test('a copy goes on at its mark only if both logs still have the event of the mark', async () => {
  const events = newEvents(5);
  const other = newEvents(5);
  const putBack = [...events.slice(0, 2), ...other.slice(0, 3)];
  for (const [what, from, to, expected] of [
    ['as they were', events, events, 3],
    ['the target has just what was copied', events, events.slice(0, 3), 3],
    ['the source was put back', putBack, events, 0],
    ['the source is another log', other, events, 0],
    ['the target was put back', events, events.slice(0, 2), 0],
    ['the target was put back and has gone another way', events, putBack, 0],
    ['the target is empty', events, [], 0],
  ] as const) {
    const { path } = await marked(events);
    const mark = new CopyMark(path, NAMES);
    expect([what, await mark.position(viewOf(await logOf(from)), await logOf(to))]).toEqual([what, expected]);
  }
});

test('a mark of other places, one that is damaged, and one that was forgotten count for nothing', async () => {
  const events = newEvents(5);
  const [from, to] = [viewOf(await logOf(events)), await logOf(events)];
  const at = (path: string): Promise<number> => new CopyMark(path, NAMES).position(from, to);
  expect(await at((await marked(events, { ...NAMES, from: 'elsewhere' })).path)).toBe(0);
  expect(await at((await marked(events, { ...NAMES, to: 'elsewhere' })).path)).toBe(0);
  const { path } = await marked(events);
  for (const text of ['', '{', '{"position":3}', '[]']) {
    writeFileSync(path, text);
    expect(await at(path)).toBe(0);
  }
  const { path: whole, last } = await marked(events);
  expect(await at(whole)).toBe(last.position);
  new CopyMark(whole, NAMES).forget();
  expect(await at(whole)).toBe(0);
});
