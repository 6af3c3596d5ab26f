// A folder that this user may not enter: it is said, and not that there is no log.
import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { tempFolder } from '@railhead/tests/support/temp-folder.ts';
import { LogReader } from './log-reader.ts';
import { SqliteEventStore } from './sqlite-event-store.ts';

const NOBODY = 65_534;
const folder = join(tempFolder(), 'data');

test('a log of somebody else', async () => {
  mkdirSync(folder);
  await (await SqliteEventStore.open({ folder })).close();
  chmodSync(folder, 0);
  const isRoot = process.geteuid?.() === 0;
  // Root may do everything.
  if (isRoot) process.seteuid?.(NOBODY);
  try {
    expect(() => new LogReader(folder)).toThrow(
      expect.objectContaining({ code: 'STORE_ACCESS_DENIED', message: expect.stringContaining('permission denied') }),
    );
  } finally {
    if (isRoot) process.seteuid?.(0);
    chmodSync(folder, 0o700);
  }
  expect(() => new LogReader(join(folder, 'nothing'))).toThrow(expect.objectContaining({ code: 'STORE_UNAVAILABLE' }));
});
