// The rows of read models in a form that is the same in every database.
import type { EventStore } from '@railhead/commands/ports/event-store.ts';
import { type ReadDatabase, tablesOf } from '@railhead/projections/engine/read-database.ts';
import { allIn } from '@railhead/projections/engine/read-databases.ts';
import type { StoredInstant, StoredJson } from '@railhead/projections/engine/sql-dialect.ts';
import { SQL_MODELS } from '@railhead/projections/read-models.ts';
import { openModels } from './open-models.ts';
import { anyLog, inMemory, preparedWith } from './read-side.ts';

export type ComparableRows = Readonly<Record<string, readonly object[]>>;

export const comparableRows = async ({ db, dialect }: ReadDatabase): Promise<ComparableRows> => {
  const rows: Record<string, readonly object[]> = {};
  for (const { schema } of SQL_MODELS)
    for (const [table, { columns }] of Object.entries(schema?.tables ?? {})) {
      const found = await tablesOf<Record<string, Record<string, unknown>>>(db).selectFrom(table).selectAll().execute();
      // Safe casts: the table says what its columns hold.
      const plain = (column: string, value: unknown): unknown => {
        const kind = columns[column]?.kind;
        if (kind === 'json') return dialect.fromJson(value as StoredJson<unknown>);
        return kind === 'instant' ? dialect.fromInstant(value as StoredInstant) : value;
      };
      rows[table] = found
        .map((row) => Object.fromEntries(Object.entries(row).map(([column, value]) => [column, plain(column, value)])))
        .sort((one, other) => (JSON.stringify(one) < JSON.stringify(other) ? -1 : 1));
    }
  return rows;
};

/** What the models make of the whole log in one go. */
export const rowsOfLog = async (store: EventStore): Promise<ComparableRows> => {
  const database = await preparedWith(inMemory(), SQL_MODELS);
  for (const { projection } of Object.values(openModels(allIn(database)))) {
    if (!SQL_MODELS.some(({ name }) => name === projection.name)) continue;
    await projection.load(anyLog);
    await projection.apply(await store.readAll({ after: 0, limit: 1_000_000, categories: projection.categories }));
  }
  const rows = await comparableRows(database);
  await database.db.destroy();
  return rows;
};
