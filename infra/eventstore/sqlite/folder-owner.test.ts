import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { tempFolder } from '@railhead/tests/support/temp-folder.ts';
import { lockFolder } from './folder-lock.ts';
import { describeOwner, ownerOf, writeOwner } from './folder-owner.ts';

const root = tempFolder();

test('a folder that is locked names its process, then where it serves; a second one is told', () => {
  const folder = join(root, 'one');
  const lock = lockFolder(folder);
  expect(ownerOf(folder)).toEqual({ pid: process.pid });
  expect(() => lockFolder(folder)).toThrow(`process ${process.pid} owns ${folder}`);
  writeOwner(folder, { pid: process.pid, url: 'http://localhost:1' });
  expect(() => lockFolder(folder)).toThrow(`process ${process.pid}, which serves http://localhost:1 owns`);
  lock.release();
  expect(ownerOf(folder)).toBeUndefined();
  lockFolder(folder).release();
});

test('a lock that was deleted under a living owner lets nobody in', () => {
  const folder = join(root, 'deleted');
  mkdirSync(folder);
  writeOwner(folder, { pid: process.ppid });
  expect(() => lockFolder(folder)).toThrow(`owner.lock was deleted, and process ${process.ppid} seems to own`);
  writeFileSync(join(folder, 'owner.lock'), '');
  lockFolder(folder).release();
});

test('what a dead process left, or somebody else wrote, names nobody', () => {
  const folder = join(root, 'two');
  lockFolder(folder).release();
  const { pid } = spawnSync(process.execPath, ['-e', '']);
  for (const text of [`{"pid":${pid}}`, '{"pid":"x"}', '{', '']) {
    writeFileSync(join(folder, 'owner.json'), text);
    expect([text, describeOwner(folder)]).toEqual([text, 'another Railhead process']);
  }
});
