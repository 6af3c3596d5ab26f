import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { newEvents } from '@railhead/tests/support/events.ts';
import { tempFolder } from '@railhead/tests/support/temp-folder.ts';
import { MemoryEventStore } from '../eventstore/memory/memory-event-store.ts';
import { dropForeignState } from './derived-state.ts';

const root = tempFolder();
let folders = 0;
const newFolder = (): string => {
  folders += 1;
  const folder = join(root, String(folders));
  mkdirSync(folder);
  return folder;
};

const DERIVED = ['read.db', 'processes.db'].flatMap((name) => ['', '-wal', '-shm'].map((end) => name + end));
const KEPT = ['events.db', 'secrets.json', 'gateway.db'];

const filled = (): string => {
  const folder = newFolder();
  for (const name of [...DERIVED, ...KEPT]) writeFileSync(join(folder, name), '');
  return folder;
};
const log = async (events = 2): Promise<MemoryEventStore> => {
  const store = new MemoryEventStore();
  if (events > 0) await store.append([{ stream: 'a-1', expected: 'noStream', events: newEvents(events) }]);
  return store;
};
/** Whether the derived files still exist; all other files must always stay. */
const left = (folder: string): 'all' | 'none' => {
  for (const name of KEPT) expect({ name, there: existsSync(join(folder, name)) }).toEqual({ name, there: true });
  const there = DERIVED.filter((name) => existsSync(join(folder, name)));
  expect([0, DERIVED.length]).toContain(there.length);
  return there.length === 0 ? 'none' : 'all';
};

test('the state of the same log stays, even when the log has grown', async () => {
  const [folder, store] = [filled(), await log()];
  await dropForeignState(folder, store, 'embedded');
  expect(left(folder)).toBe('all');
  await store.append([{ stream: 'a-1', expected: 1, events: newEvents(3) }]);
  await dropForeignState(folder, store, 'embedded');
  expect(left(folder)).toBe('all');
});

test('the state of another log, of another kind of log, or with a damaged mark is removed', async () => {
  const others = {
    begunAnew: async (folder: string) => dropForeignState(folder, await log(), 'embedded'),
    emptied: async (folder: string) => dropForeignState(folder, await log(0), 'embedded'),
    elsewhere: async (folder: string, store: MemoryEventStore) => dropForeignState(folder, store, 'esdb'),
    damaged: async (folder: string, store: MemoryEventStore) => {
      writeFileSync(join(folder, 'log.json'), '{');
      await dropForeignState(folder, store, 'embedded');
    },
  };
  for (const [how, change] of Object.entries(others)) {
    const [folder, store] = [filled(), await log()];
    await dropForeignState(folder, store, 'embedded');
    expect({ how, left: left(folder) }).toEqual({ how, left: 'all' });
    await change(folder, store);
    expect({ how, left: left(folder) }).toEqual({ how, left: 'none' });
  }
});

test('a folder without a mark belongs to an embedded log, and to no other', async () => {
  for (const [kind, expected] of [
    ['embedded', 'all'],
    ['esdb', 'none'],
  ] as const) {
    const folder = filled();
    await dropForeignState(folder, await log(), kind);
    expect({ kind, left: left(folder) }).toEqual({ kind, left: expected });
  }
});
