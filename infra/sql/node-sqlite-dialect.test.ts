import { expect, test } from '@jest/globals';
import { type Generated, Kysely, sql } from 'kysely';
import { nodeSqliteDialect } from './node-sqlite-dialect.ts';

test('more statements than are kept prepared are each answered, again and again', async () => {
  const db = new Kysely<{ things: { no: Generated<number>; name: string } }>({
    dialect: nodeSqliteDialect(':memory:'),
  });
  await db.schema
    .createTable('things')
    .addColumn('no', 'integer', (column) => column.primaryKey())
    .addColumn('name', 'text')
    .execute();
  await db.insertInto('things').values({ name: 'only' }).execute();
  for (const statements of [201, 3, 201])
    for (let n = 0; n < statements; n += 1) {
      const { rows } = await sql<{
        n: number;
        name: string;
      }>`select ${sql.lit(n)} as n, name from things where no = ${1}`.execute(db);
      if (rows[0]?.n !== n || rows[0].name !== 'only') expect(rows).toEqual([{ n, name: 'only' }]);
    }
  await db.destroy();
});

test('a transaction that SQLite has ended itself, as on a full disk, tells why', async () => {
  const db = new Kysely<object>({ dialect: nodeSqliteDialect(':memory:') });
  const failing = db.transaction().execute(async (trx) => {
    await sql`ROLLBACK`.execute(trx);
    throw new Error('database or disk is full');
  });
  await expect(failing).rejects.toThrow('database or disk is full');
  await db.destroy();
});

test('statements for many rows, each another one, take no memory after they were run', async () => {
  const db = new Kysely<{ things: { no: number; name: string } }>({ dialect: nodeSqliteDialect(':memory:') });
  await db.schema
    .createTable('things')
    .addColumn('no', 'integer', (column) => column.primaryKey())
    .addColumn('name', 'text')
    .execute();
  const write = async (from: number): Promise<void> => {
    for (let n = from; n < from + 150; n += 1) {
      const rows = Array.from({ length: 2_000 + n }, (_, no) => sql`(${no}, ${'a'})`);
      await sql`insert into things (no, name) values ${sql.join(rows)} on conflict (no) do nothing`.execute(db);
    }
  };
  await write(0);
  const before = process.memoryUsage.rss();
  await write(150);
  // Kept prepared, these would have 100 MB.
  expect((process.memoryUsage.rss() - before) / 1e6).toBeLessThan(50);
  await db.destroy();
});
