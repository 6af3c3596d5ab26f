// Creates the tables of the read models. Each model has a version of its own, and only its own tables are created anew.
import type { Logger } from '@railhead/commands/ports/logger.ts';
import { sql, type Transaction } from 'kysely';
import { type EngineTables, READ_PLACES_TABLE, type ReadDatabase, SET_ASIDE_TABLE } from './read-database.ts';
import type { ModelSchema, ReadModel } from './read-model.ts';
import type { SqlDialect } from './sql-dialect.ts';
import { createTable } from './tables.ts';
import { upsert } from './upsert.ts';

/** The version in a model's row while its tables are being created. */
const UNFINISHED = 0;

type Stored = { readonly version: number; readonly tables: readonly string[] };
type Rebuilt = { readonly name: string; readonly schema: ModelSchema; readonly before: Stored | undefined };

/**
 * A model whose stored version differs, older or newer, gets new, empty tables and starts at position 0; all its old
 * tables are dropped. Everything is one transaction. In a database that defines tables outside of transactions, the
 * model's row says `UNFINISHED` until the last table exists, and the next call starts again.
 */
export const prepareTables = async (
  { db, dialect }: ReadDatabase,
  models: readonly ReadModel<unknown>[],
  logger: Logger,
): Promise<void> => {
  assertOwnTables(models);
  await createTable(db.schema, dialect, 'read_places', READ_PLACES_TABLE, { ifNotExists: true });
  await createTable(db.schema, dialect, 'read_set_aside', SET_ASIDE_TABLE, { ifNotExists: true });
  const rows = await db.selectFrom('read_places').select(['model', 'version', 'tables']).execute();
  const stored = new Map(
    rows.map(({ model, version, tables }) => [model, { version, tables: dialect.fromJson(tables) }]),
  );
  const rebuilt = models.flatMap(({ name, schema }): readonly Rebuilt[] => {
    const before = stored.get(name);
    return schema === undefined || before?.version === schema.version ? [] : [{ name, schema, before }];
  });
  if (rebuilt.length === 0) return;
  await db.transaction().execute((trx) => rebuild(trx, dialect, rebuilt));
  for (const { name, schema, before } of rebuilt)
    if (before !== undefined)
      logger.warn(
        { model: name, storedVersion: before.version, version: schema.version },
        'a read model was stored in another version; it is built again from the log',
      );
};

/** Drops all old tables before it creates the first new one: a table may have moved from one model to another. */
const rebuild = async (
  trx: Transaction<EngineTables>,
  dialect: SqlDialect,
  models: readonly Rebuilt[],
): Promise<void> => {
  const note = (
    rows: readonly { readonly name: string; readonly version: number; readonly tables: Iterable<string> }[],
  ) =>
    upsert(
      { trx, dialect, table: 'read_places', key: READ_PLACES_TABLE.key },
      rows.map(({ name, version, tables }) => ({
        model: name,
        version,
        tables: dialect.toJson([...tables]),
        position: 0,
        fingerprint: '',
      })),
    );
  const unfinished = models.map(({ name, schema, before }) => ({
    name,
    version: UNFINISHED,
    tables: new Set([...(before?.tables ?? []), ...Object.keys(schema.tables)]),
  }));
  await note(unfinished);
  for (const { name } of unfinished) await trx.deleteFrom('read_set_aside').where('model', '=', name).execute();
  for (const table of unfinished.flatMap(({ tables }) => [...tables]))
    await sql`drop table if exists ${sql.table(table)}`.execute(trx);
  for (const { schema } of models)
    for (const [table, definition] of Object.entries(schema.tables))
      await createTable(trx.schema, dialect, table, definition);
  await note(models.map(({ name, schema: { version, tables } }) => ({ name, version, tables: Object.keys(tables) })));
};

const assertOwnTables = (models: readonly ReadModel<unknown>[]): void => {
  const owners = new Map(['read_places', 'read_set_aside'].map((table) => [table, 'the engine']));
  for (const { name, schema } of models) {
    if (schema !== undefined && schema.version <= UNFINISHED)
      throw new Error(`versions of ${name} count from ${UNFINISHED + 1}`);
    for (const table of Object.keys(schema?.tables ?? {})) {
      const owner = owners.get(table);
      if (owner !== undefined) throw new Error(`table ${table} is declared by ${name} and by ${owner}`);
      owners.set(table, name);
    }
  }
};
