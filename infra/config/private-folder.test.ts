import { chmodSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { tempFolder } from '@railhead/tests/support/temp-folder.ts';
import { exposedIn, privateFolder } from './private-folder.ts';

const root = tempFolder();
const modeOf = (path: string): number => statSync(path).mode & 0o777;

test('a folder that is made is its owner’s', () => {
  const folder = join(root, 'new', 'data');
  privateFolder(folder);
  expect([modeOf(folder), exposedIn(folder)]).toEqual([0o700, []]);
});

test('a folder of before is closed, with every file of ours in it and no other', () => {
  const folder = join(root, 'old');
  mkdirSync(folder);
  chmodSync(folder, 0o755);
  const own = [
    'events.db',
    'events.db-wal',
    'events.db-shm',
    'gateway.db',
    'gateway_form.db',
    'secrets.json',
    'order-secret.json',
    'log.json',
    'owner.lock',
  ];
  const others = ['notes.txt', 'feed.json', 'timetable.zip', 'log.json.bak'];
  for (const name of [...own, ...others]) {
    writeFileSync(join(folder, name), '');
    chmodSync(join(folder, name), 0o644);
  }
  expect([...exposedIn(folder)].sort()).toEqual([folder, ...own.map((name) => join(folder, name))].sort());
  privateFolder(folder);
  expect(exposedIn(folder)).toEqual([]);
  for (const name of own) expect([name, modeOf(join(folder, name))]).toEqual([name, 0o600]);
  for (const name of others) expect([name, modeOf(join(folder, name))]).toEqual([name, 0o644]);
  expect(modeOf(folder)).toBe(0o700);
});

test('a folder without anything of ours is left as it is', () => {
  const folder = join(root, 'foreign');
  mkdirSync(folder);
  chmodSync(folder, 0o755);
  writeFileSync(join(folder, 'notes.txt'), '');
  privateFolder(folder);
  expect(modeOf(folder)).toBe(0o755);
});
