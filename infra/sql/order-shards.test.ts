import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { tempFolder } from '@railhead/tests/support/temp-folder.ts';
import { readOrderShards } from './order-shards.ts';

const folder = tempFolder();
const file = join(folder, 'shards.json');
const read = (content: unknown) => {
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
  return readOrderShards(file);
};
const url = 'postgres://user:a-password@127.0.0.1/orders';

test('a file of shards has databases, tables, and perhaps the next layout', () => {
  const layout = { databases: [url, 'mysql://127.0.0.1/orders'], tables: 4 };
  expect(read(layout)).toEqual(layout);
  expect(read({ ...layout, next: { databases: [url], tables: 1024 } }).next?.tables).toBe(1024);
  expect(read({ ...layout, next: { ...layout, mark: 'b' } }).next?.mark).toBe('b');
});

test.each([
  ['no JSON', '{', 'CONFIG_FILE_UNREADABLE'],
  ['a list', [], 'CONFIG_INVALID'],
  ['no database', { databases: [], tables: 4 }, 'CONFIG_INVALID'],
  ['a database that is no server', { databases: [url, 'file:orders.db'], tables: 4 }, 'CONFIG_INVALID'],
  ['no table', { databases: [url], tables: 0 }, 'CONFIG_INVALID'],
  ['half a table', { databases: [url], tables: 1.5 }, 'CONFIG_INVALID'],
  ['more tables than shards', { databases: [url], tables: 1025 }, 'CONFIG_INVALID'],
  ['what nobody reads', { databases: [url], tables: 4, replicas: 1 }, 'CONFIG_INVALID'],
  ['a mark with a dash', { databases: [url], tables: 4, mark: 'a-b' }, 'CONFIG_INVALID'],
  ['two layouts of one name', { databases: [url], tables: 4, next: { databases: [url], tables: 4 } }, 'CONFIG_INVALID'],
])('a file of shards with %s is refused, and tells no password', (_, content, code) => {
  let refused: unknown;
  try {
    read(content);
  } catch (error) {
    refused = error;
  }
  expect(refused).toMatchObject({ code });
  expect(String(refused)).toContain('readSqlShards');
  expect(String(refused)).not.toContain('a-password');
});
