// How rows are split into statements. What the statements do is tested by the contract of the dialects.
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { readSideOf } from '@railhead/tests/support/read-side.ts';
import { type ReadDatabase, tablesOf } from './read-database.ts';
import type { SqlDialect } from './sql-dialect.ts';
import { createTable, integer } from './tables.ts';
import { upsert } from './upsert.ts';

type Tables = { things: { one: number; two: number; three: number } };

let database: ReadDatabase;
beforeEach(async () => {
  database = await readSideOf();
  const columns = { one: integer, two: integer, three: integer };
  await createTable(database.db.schema, database.dialect, 'things', { columns, key: ['one', 'two'] });
});
afterEach(() => database.db.destroy());

type Row = Tables['things'];

/** The key and the changed columns of each statement, and the rows in the table afterwards. */
const written = async (rows: readonly Row[], maxParameters: number) => {
  const statements: (readonly (readonly string[])[])[] = [];
  const dialect: SqlDialect = {
    ...database.dialect,
    maxParameters,
    onExistingKey: (key, others) => {
      statements.push([key, others]);
      return database.dialect.onExistingKey(key, others);
    },
  };
  const db = tablesOf<Tables>(database.db);
  await db.transaction().execute((trx) => upsert({ trx, dialect, table: 'things', key: ['one', 'two'] }, rows));
  return { statements, found: await db.selectFrom('things').selectAll().orderBy('one').execute() };
};
const row = (one: number, three = one): Row => ({ one, two: 1, three });
const rows = (count: number): readonly Row[] => Array.from({ length: count }, (_, index) => row(index));

test.each([
  // Rows, values that a statement may bind, statements. A row has three values.
  [1, 3, 1],
  [2, 3, 2],
  [2, 5, 2],
  [2, 6, 1],
  [2, 7, 1],
  [3, 6, 2],
  [0, 6, 0],
  // Every row needs a statement, whatever the limit.
  [2, 2, 2],
])('%d rows, %d values at most: %d statements', async (count, maxParameters, expected) => {
  const { statements, found } = await written(rows(count), maxParameters);
  expect(found).toEqual(rows(count));
  expect(statements).toEqual(Array.from({ length: expected }, () => [['one', 'two'], ['three']]));
});

test('of several rows with one key the last is written', async () => {
  const { statements, found } = await written([row(1, 5), row(2, 6), row(1, 7)], 3);
  expect(found).toEqual([row(1, 7), row(2, 6)]);
  expect(statements).toHaveLength(2);
});
