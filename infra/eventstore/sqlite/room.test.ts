import { truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { tempFolder } from '@railhead/tests/support/temp-folder.ts';
import { hasRoomIn } from './room.ts';
import { logPath } from './sqlite-event-store.ts';

const NEEDED_BYTES = 16 * 1024 * 1024;
const folder = tempFolder();

test('a log has room while its limit is not near, or where it has none; a folder that is not there has none', async () => {
  writeFileSync(logPath(folder), '');
  truncateSync(logPath(folder), 4_096);
  for (const [maxBytes, hasRoom] of [
    [0, true],
    [4_096 + NEEDED_BYTES, true],
    [4_095 + NEEDED_BYTES, false],
    [4_096, false],
  ] as const)
    expect([maxBytes, await hasRoomIn(folder, maxBytes)]).toEqual([maxBytes, hasRoom]);
  expect(await hasRoomIn(join(folder, 'none'), 0)).toBe(false);
});

test('a disk without a free block has no room', async () => {
  // Where there is such a folder, it is a file system without blocks.
  expect(await hasRoomIn('/proc', 0)).toBe(false);
});
