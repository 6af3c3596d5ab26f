// The rows of a model in a form that is the same in every store, for who compares two of them.
import type { Position } from '@railhead/commands/ports/event-store.ts';
import { sql } from 'kysely';
import { pagesOf } from '../pages.ts';
import { type ReadDatabase, tablesIn } from '../read-database.ts';
import type { SqlDialect } from '../sql-dialect.ts';
import type { StoredTable } from '../tables.ts';

/** By key: what is not there is not in it. All of them include every event up to `position`, and no other. */
export type ReadRows = { readonly position: Position; readonly rows: ReadonlyMap<string, string> };

export type ComparableRows = {
  /** Keys of all rows, page by page: each that is there from the first page to the last at least once, others perhaps. */
  keys(): AsyncIterable<readonly string[]>;
  read(keys: readonly string[]): Promise<ReadRows>;
  /** Words of a key by which the streams are found that have made the row. */
  wordsIn(key: string): readonly string[];
  /** The row as it is told, without what people are not shown. Absent: all of it. */
  shown?(row: string): string;
  /** May a row be further than the position says? It is then looked at more than once before it counts as another one. */
  readonly mayBeAhead?: true;
};

const PAGE = 200;

/** With the members of objects in order. */
export const canonical = (value: unknown): string =>
  JSON.stringify(value, (_, one: unknown) =>
    typeof one === 'object' && one !== null && !Array.isArray(one)
      ? Object.fromEntries(Object.entries(one).sort(([a], [b]) => (a < b ? -1 : 1)))
      : one,
  );

type Key = readonly [table: string, ...values: (string | number)[]];
/** Safe cast: this module has written the key. */
const keyOf = (text: string): Key => JSON.parse(text) as Key;

type AnyRow = Readonly<Record<string, unknown>>;
type AnyTables = Record<string, Record<string, unknown>>;

/** Rows of tables, with the place that is stored under the name of the model. The database may rename the tables. */
export const sqlRows = (
  { db, dialect }: Pick<ReadDatabase, 'db' | 'dialect'>,
  model: string,
  tables: Readonly<Record<string, StoredTable>>,
): ComparableRows => {
  const rowOf = (table: StoredTable, row: AnyRow): string =>
    canonical(
      Object.entries(table.columns).map(([column, { kind }]) => [column, plainValue(kind, row[column], dialect)]),
    );
  return {
    async *keys() {
      for (const [name, { key }] of Object.entries(tables)) {
        let after: readonly unknown[] | undefined;
        for (;;) {
          const past = after === undefined ? sql`` : sql`where (${refs(key)}) > (${sql.join(after)})`;
          const { rows } =
            await sql<AnyRow>`select ${refs(key)} from ${sql.table(name)} ${past} order by ${refs(key)} limit ${sql.lit(PAGE)}`.execute(
              db,
            );
          if (rows.length > 0) yield rows.map((row) => JSON.stringify([name, ...key.map((column) => row[column])]));
          const last = rows.at(-1);
          if (last === undefined || rows.length < PAGE) break;
          after = key.map((column) => last[column]);
        }
      }
    },
    read: (keys) =>
      db
        .transaction()
        .setIsolationLevel('repeatable read')
        .execute(async (trx) => {
          const place = await trx
            .selectFrom('model_places')
            .select('position')
            .where('model', '=', model)
            .executeTakeFirst();
          const rows = new Map<string, string>();
          for (const [name, wanted] of Map.groupBy(keys.map(keyOf), ([table]) => table)) {
            const table = tables[name];
            if (table === undefined) continue;
            for (const page of pagesOf(wanted, Math.floor(dialect.maxParameters / table.key.length))) {
              const found = await tablesIn<AnyTables>(trx)
                .selectFrom(name)
                .selectAll()
                .where((each) =>
                  each.or(
                    page.map(([, ...values]) =>
                      each.and(table.key.map((column, index) => each(column, '=', values[index]))),
                    ),
                  ),
                )
                .execute();
              for (const row of found)
                rows.set(JSON.stringify([name, ...table.key.map((column) => row[column])]), rowOf(table, row));
            }
          }
          return { position: place?.position ?? 0, rows };
        }),
    wordsIn: (key) =>
      keyOf(key)
        .slice(1)
        .filter((value) => typeof value === 'string'),
  };
};

const refs = (columns: readonly string[]) => sql.join(columns.map((column) => sql.ref(column)));

/** Safe casts: a column has what its kind says. */
const plainValue = (kind: string, value: unknown, dialect: SqlDialect): unknown => {
  if (kind === 'json') return dialect.fromJson(value as Parameters<SqlDialect['fromJson']>[0]);
  if (kind === 'instant') return dialect.fromInstant(value as Parameters<SqlDialect['fromInstant']>[0]);
  return value;
};
