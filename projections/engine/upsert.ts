// Inserts rows or changes existing ones, in statements of a size that the database accepts.
import { sql, type Transaction } from 'kysely';
import { pagesOf } from './pages.ts';
import type { SqlDialect } from './sql-dialect.ts';

type Target<Tables> = {
  readonly trx: Transaction<Tables>;
  readonly dialect: SqlDialect;
  readonly table: string;
  readonly key: readonly string[];
};

/** A row whose key exists is changed in place. Of several rows with one key the last counts. */
export const upsert = async <Tables>(
  { trx, dialect, table, key }: Target<Tables>,
  rows: readonly Readonly<Record<string, unknown>>[],
): Promise<void> => {
  const last = new Map(rows.map((row) => [JSON.stringify(key.map((column) => row[column])), row]));
  const [first] = rows;
  if (first === undefined) return;
  const columns = Object.keys(first);
  const others = columns.filter((column) => !key.includes(column));
  for (const page of pagesOf([...last.values()], Math.floor(dialect.maxParameters / columns.length))) {
    const values = page.map((row) => sql`(${sql.join(columns.map((column) => row[column]))})`);
    await sql`insert into ${sql.table(table)} (${sql.join(columns.map((column) => sql.ref(column)))}) values ${sql.join(values)} ${dialect.onExistingKey(key, others)}`.execute(
      trx,
    );
  }
};
