// The embedded index answers as any index does, also after somebody has dropped its words.
import { afterEach, expect, test } from '@jest/globals';
import { nodeSqliteDialect } from '@railhead/infra/sql/node-sqlite-dialect.ts';
import { sqliteSql } from '@railhead/infra/sql/sqlite-sql.ts';
import { orderIndexContract } from '@railhead/tests/contract/order-index.contract.ts';
import { silentLogger } from '@railhead/tests/support/read-side.ts';
import { documentsOf, SEARCHED_EVENTS } from '@railhead/tests/support/searched-orders.ts';
import { Kysely, sql } from 'kysely';
import { prepareTables } from '../engine/prepare-tables.ts';
import type { EngineTables, ReadDatabase } from '../engine/read-database.ts';
import { ORDER_SEARCH_VERSION, orderSearchModel } from './order-search-model.ts';
import { SqliteOrderIndex } from './sqlite-order-index.ts';

const opened: ReadDatabase[] = [];
const inMemory = async (): Promise<ReadDatabase> => {
  const db = new Kysely<EngineTables>({ dialect: nodeSqliteDialect(':memory:') });
  const database = { db, dialect: sqliteSql };
  opened.push(database);
  await prepareTables(database, [orderSearchModel], silentLogger);
  return database;
};
const indexIn = async (database: ReadDatabase): Promise<SqliteOrderIndex> => {
  const index = new SqliteOrderIndex(database, ORDER_SEARCH_VERSION);
  await index.place();
  return index;
};
afterEach(async () => {
  // Kept for the tests that share one.
  for (const { db } of opened.splice(0, Math.max(0, opened.length - 5))) await db.destroy();
});

orderIndexContract('SQLite', async () => indexIn(await inMemory()));

test('an index whose words were dropped begins anew', async () => {
  const database = await inMemory();
  const index = await indexIn(database);
  await index.put(documentsOf(SEARCHED_EVENTS), { position: 5, fingerprint: 'five' }, []);
  expect((await index.place()).position).toBe(5);
  await sql`drop table found_text`.execute(database.db);
  expect((await index.place()).position).toBe(0);
  expect((await index.search({ limit: 5 })).orders).toEqual([]);
});

test('an order whose words have lost pieces is not whole, and is again when it is written anew', async () => {
  const database = await inMemory();
  const index = await indexIn(database);
  const [document] = documentsOf(SEARCHED_EVENTS);
  if (document === undefined) throw new Error('there are orders to be searched');
  const { orderNo } = document;
  await index.put([document], { position: 5, fingerprint: 'five' }, []);
  const isWhole = async () => (await index.examine([orderNo])).documents.get(orderNo)?.isWhole;
  expect(await isWhole()).toBe(true);
  await sql`delete from found_pieces where word = (select min(word) from found_pieces)`.execute(database.db);
  expect(await isWhole()).toBe(false);
  await index.rewrite([document], [], { position: 5, fingerprint: 'five' });
  expect(await isWhole()).toBe(true);
});

test('tables of another version are neither read nor written', async () => {
  const database = await inMemory();
  const older = new SqliteOrderIndex(database, ORDER_SEARCH_VERSION + 1);
  await expect(older.place()).rejects.toThrow('not of version');
  await expect(older.put([], { position: 1, fingerprint: 'f' }, [])).rejects.toThrow('not of version');
});
