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

test('the secrets of tokens and gateway are made once, two that differ, readable by the owner only', () => {
  const data = join(newFolder(), 'new', 'folder');
  const first = configured(data);
  expect(first.authSecret.length).toBeGreaterThanOrEqual(32);
  expect(first.gatewaySecret).not.toBe(first.authSecret);
  expect(statSync(join(data, 'secrets.json')).mode & 0o777).toBe(0o600);
  expect(configured(data)).toEqual(first);
  expect(configured(newFolder()).authSecret).not.toBe(first.authSecret);
});

test('the secret of the order numbers is made once, in a file of its own', () => {
  const data = newFolder();
  const first = configured(data);
  expect(first.orderSecret.length).toBeGreaterThanOrEqual(32);
  expect([first.authSecret, first.gatewaySecret]).not.toContain(first.orderSecret);
  expect(first.ordersKeyedSince).toBe('');
  expect(statSync(join(data, 'order-secret.json')).mode & 0o777).toBe(0o600);
  // It has served since, but its orders were keyed from the first.
  writeFileSync(join(data, 'events.db'), '');
  expect(configured(data)).toEqual(first);
});

test.each(['events.db', 'log.json'])(
  'a folder with %s, from before order numbers were keyed, notes when that began',
  (name) => {
    const data = newFolder();
    const secrets = { authSecret: 'a'.repeat(20), gatewaySecret: 'g'.repeat(20) };
    writeFileSync(join(data, 'secrets.json'), JSON.stringify(secrets));
    writeFileSync(join(data, name), '');
    const before = Date.now();
    const first = configured(data);
    expect(first).toMatchObject(secrets);
    expect(Date.parse(first.ordersKeyedSince)).toBeGreaterThanOrEqual(before);
    expect(Date.parse(first.ordersKeyedSince)).toBeLessThanOrEqual(Date.now());
    expect(configured(data)).toEqual(first);
    expect(configured(data, { ordersKeyedSince: '2026-01-01T00:00:00Z' }).ordersKeyedSince).toBe(
      '2026-01-01T00:00:00Z',
    );
  },
);

test('one that is configured is used, the other is made', () => {
  const data = newFolder();
  const made = configured(data);
  const given = 'a-secret-of-my-own';
  expect(configured(data, { authSecret: given })).toEqual({ ...made, authSecret: given });
  expect(configured(data, { gatewaySecret: given })).toEqual({ ...made, gatewaySecret: given });
  expect(configured(data, { orderSecret: given })).toEqual({ ...made, orderSecret: given });
});

test('with all configured the folder is left alone', () => {
  const data = join(newFolder(), 'untouched');
  configured(data, { authSecret: 'x'.repeat(16), gatewaySecret: 'y'.repeat(16), orderSecret: 'z'.repeat(16) });
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

test.each(['', '{', '{}', '{"orderSecret":"short"}'])(
  'an order secret of %j is refused, and left as it is',
  (content) => {
    const data = newFolder();
    const path = join(data, 'order-secret.json');
    writeFileSync(path, content);
    expect(() => configured(data)).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }));
    expect(readFileSync(path, 'utf8')).toBe(content);
  },
);
