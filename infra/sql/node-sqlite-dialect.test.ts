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
