import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { tempFolder } from '@railhead/tests/support/temp-folder.ts';
import { SqliteSnapshots } from './sqlite-snapshots.ts';

const folder = tempFolder();

test('the last snapshot of each name is kept across processes, and others are not there', async () => {
  const first = new SqliteSnapshots(folder);
  expect(await first.load('one')).toBeUndefined();
  await first.save('one', 'old');
  await first.save('two', 'other');
  await first.save('one', 'new');
  expect([await first.load('one'), await first.load('two')]).toEqual(['new', 'other']);
  first.close();
  const second = new SqliteSnapshots(folder);
  expect([await second.load('one'), await second.load('two'), await second.load('three')]).toEqual([
    'new',
    'other',
    undefined,
  ]);
  second.close();
  expect(existsSync(join(folder, 'snapshots.db'))).toBe(true);
});
