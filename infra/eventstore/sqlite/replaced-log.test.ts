// Files taken from under a running store: it writes nothing more, and says which file is not its own.
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { newEvents } from '@railhead/tests/support/events.ts';
import { railhead } from '@railhead/tests/support/railhead-process.ts';
import { tempFolder } from '@railhead/tests/support/temp-folder.ts';
import { LogReader } from './log-reader.ts';
import { logPath, SqliteEventStore } from './sqlite-event-store.ts';

const root = tempFolder();
const append = (store: SqliteEventStore, stream: string) =>
  store.append([{ stream, expected: 'any', events: newEvents(1) }]);

test.each([
  ['events.db', 'removed'],
  ['events.db', 'replaced'],
  ['events.db-wal', 'removed'],
  ['owner.lock', 'removed'],
  ['owner.lock', 'replaced'],
])('%s %s: appends are refused, and whoever asks is told', async (name, what) => {
  const folder = mkdtempSync(join(root, 'data-'));
  const store = await SqliteEventStore.open({ folder });
  await append(store, 'a-1');
  expect(await store.ping()).toBe(1);
  renameSync(join(folder, name), join(root, 'kept'));
  if (what === 'replaced') writeFileSync(join(folder, name), '');
  const why = `${name} was ${what} while it was open`;
  for (let n = 0; n < 2; n += 1) {
    await expect(append(store, 'a-2')).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE', message: why });
    await expect(store.ping()).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE', message: why });
  }
  // Put back in time, it is the log again.
  renameSync(join(root, 'kept'), join(folder, name));
  expect(await append(store, 'a-2')).toMatchObject([{ position: 2 }]);
  await store.close();
});

test('a second owner, let in because the lock was deleted, writes alone', async () => {
  const folder = mkdtempSync(join(root, 'data-'));
  const first = await SqliteEventStore.open({ folder });
  await append(first, 'a-1');
  rmSync(join(folder, 'owner.lock'));
  const second = await SqliteEventStore.open({ folder });
  await append(second, 'a-2');
  await expect(append(first, 'a-3')).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
  expect(await append(second, 'a-4')).toMatchObject([{ position: 3 }]);
  await first.close();
  await second.close();
  const log = new LogReader(folder);
  expect(log.lastPosition()).toBe(3);
  log.close();
});

test('an empty file is no log to read', async () => {
  const folder = mkdtempSync(join(root, 'data-'));
  writeFileSync(logPath(folder), '');
  for (const command of ['verify', 'events']) {
    const { code, stderr } = await railhead(command, '--data', folder);
    expect([command, code, stderr]).toEqual([command, 5, expect.stringContaining('there is no event log in it')]);
  }
});
