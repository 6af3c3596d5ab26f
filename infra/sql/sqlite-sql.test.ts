import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from '@jest/globals';
import { sqlDialectContract } from '@railhead/tests/contract/sql-dialect.contract.ts';
import { readSideOf } from '@railhead/tests/support/read-side.ts';
import { tempFolder } from '@railhead/tests/support/temp-folder.ts';
import { sqliteSql } from './sqlite-sql.ts';

sqlDialectContract('SQLite', () => readSideOf());

const root = tempFolder();
let files = 0;
/** A file with one table, as two connections see it. */
const opened = () => {
  files += 1;
  const path = join(root, `${files}.db`);
  const [db, other] = [new DatabaseSync(path, { timeout: 0 }), new DatabaseSync(path, { timeout: 0 })];
  db.exec('CREATE TABLE things (id INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT');
  return { db, other };
};
const insert = (db: DatabaseSync, id = 1): unknown =>
  db.prepare('INSERT INTO things VALUES (?, ?)').run(id, 'x'.repeat(100_000));
const thrownBy = (work: () => unknown): unknown => {
  try {
    work();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
};

test.each([
  ['there is no room', ({ db }) => db.exec('PRAGMA max_page_count = 3'), true],
  ['another has the file', ({ other }) => other.exec('BEGIN EXCLUSIVE'), true],
  ['the file may only be read', ({ db }) => db.exec('PRAGMA query_only = 1'), true],
  ['the row is there already', ({ db }) => insert(db), false],
  ['there is no such table', ({ db }) => db.exec('DROP TABLE things'), false],
] as const satisfies readonly (readonly [string, (files: ReturnType<typeof opened>) => unknown, boolean])[])(
  'whether a failure passes by itself: %s',
  (_, prepare, passes) => {
    const files = opened();
    prepare(files);
    expect(sqliteSql.isPassing(thrownBy(() => insert(files.db)))).toBe(passes);
    for (const db of Object.values(files)) db.close();
  },
);

test('what is no error of SQLite does not pass by itself', () => {
  for (const error of [
    new Error('full'),
    new TypeError('no'),
    'full',
    undefined,
    Object.assign(new Error(''), { errcode: 'x' }),
  ])
    expect(sqliteSql.isPassing(error)).toBe(false);
});
