import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { tempFolder } from '@railhead/tests/support/temp-folder.ts';
import { loadConfig } from './load-config.ts';
import { withSecrets } from './secrets.ts';

const root = tempFolder();
let folders = 0;
const newFolder = (): string => {
  folders += 1;
  const folder = join(root, String(folders));
  mkdirSync(folder);
  return folder;
};

const configured = (data: string, flags = {}) =>
  withSecrets(loadConfig({ flags: { data, ...flags }, env: {}, file: undefined }).config);

test('secrets are made once, two that differ, readable by the owner only', () => {
  const data = join(newFolder(), 'new', 'folder');
  const first = configured(data);
  expect(first.authSecret.length).toBeGreaterThanOrEqual(32);
  expect(first.gatewaySecret).not.toBe(first.authSecret);
  expect(statSync(join(data, 'secrets.json')).mode & 0o777).toBe(0o600);
  expect(configured(data)).toEqual(first);
  expect(configured(newFolder()).authSecret).not.toBe(first.authSecret);
});

test('one that is configured is used, the other is made', () => {
  const data = newFolder();
  const made = configured(data);
  const given = 'a-secret-of-my-own';
  expect(configured(data, { authSecret: given })).toEqual({ ...made, authSecret: given });
  expect(configured(data, { gatewaySecret: given })).toEqual({ ...made, gatewaySecret: given });
});

test('with both configured the folder is left alone', () => {
  const data = join(newFolder(), 'untouched');
  configured(data, { authSecret: 'x'.repeat(16), gatewaySecret: 'y'.repeat(16) });
  expect(() => statSync(data)).toThrow('ENOENT');
});

test.each(['', '{', '{}', '[]', JSON.stringify({ authSecret: 'short', gatewaySecret: 'x'.repeat(16) })])(
  'a file that holds %j is refused, and left as it is',
  (content) => {
    const data = newFolder();
    const path = join(data, 'secrets.json');
    writeFileSync(path, content);
    expect(() => configured(data)).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }));
    expect(readFileSync(path, 'utf8')).toBe(content);
  },
);
