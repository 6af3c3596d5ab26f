// Creates the tables of the read models. Each model has a version of its own, and only its own tables are created anew.
import type { Logger } from '@railhead/commands/ports/logger.ts';
import { type Kysely, sql, type Transaction } from 'kysely';
import { NOBODY } from './model-lease.ts';
import { NOWHERE } from './model-place.ts';
import { forgetParts } from './part-places.ts';
import { type EngineTables, MODEL_PLACES_TABLE, type ReadDatabase, SET_ASIDE_TABLE } from './read-database.ts';
import type { ModelSchema, ReadModel } from './read-model.ts';
import type { SqlDialect } from './sql-dialect.ts';
import { createTable } from './tables.ts';
import { upsert } from './upsert.ts';

/** The version in a model's row while its tables are being created. */
const UNFINISHED = 0;

type Stored = { readonly version: number; readonly tables: readonly string[]; readonly epoch: number };
type Rebuilt = { readonly name: string; readonly schema: ModelSchema; readonly before: Stored | undefined };

/**
 * A model whose stored version differs, older or newer, gets new, empty tables and starts at position 0; all its old
 * tables are dropped. So does one of whose tables is missing. Everything is one transaction. In a database that defines
 * tables outside of transactions, the model's row says `UNFINISHED` until the last table exists, and the next call starts
 * again.
 *
 * In a database that other processes have too, one process at a time does this, and what a newer program has made there
 * is left alone: such a model cannot be fed by this one.
 */
export const prepareTables = async (
  database: ReadDatabase,
  models: readonly ReadModel<unknown>[],
  logger: Logger,
): Promise<void> => {
  assertOwnTables(models);
  const { db, dialect, shared } = database;
  if (dialect.exclusively === undefined)
    return prepare(db, { dialect, isShared: shared !== undefined }, models, logger);
  const { begin, end } = dialect.exclusively('railhead read models');
  await db.connection().execute(async (connection) => {
    await begin.execute(connection);
    try {
      await prepare(connection, { dialect, isShared: shared !== undefined }, models, logger);
    } finally {
      await end.execute(connection);
    }
  });
};

const prepare = async (
  db: Kysely<EngineTables>,
  { dialect, isShared }: { readonly dialect: SqlDialect; readonly isShared: boolean },
  models: readonly ReadModel<unknown>[],
  logger: Logger,
): Promise<void> => {
  await createTable(db.schema, dialect, 'model_places', MODEL_PLACES_TABLE, { ifNotExists: true });
  await createTable(db.schema, dialect, 'read_set_aside', SET_ASIDE_TABLE, { ifNotExists: true });
  const rows = await db.selectFrom('model_places').select(['model', 'version', 'tables', 'epoch']).execute();
  const stored = new Map(
    rows.map(({ model, version, tables, epoch }) => [model, { version, tables: dialect.fromJson(tables), epoch }]),
  );
  const rebuilt: Rebuilt[] = [];
  for (const { name, schema } of models) {
    if (schema === undefined) continue;
    const before = stored.get(name);
    if (isShared && before !== undefined && before.version > schema.version) {
      const found = { model: name, storedVersion: before.version, version: schema.version };
      logger.error(found, 'a newer program has made the tables of a read model; this one leaves them alone');
    } else if (before?.version !== schema.version || !(await haveTables(db, dialect, Object.keys(schema.tables))))
      rebuilt.push({ name, schema, before });
  }
  if (rebuilt.length === 0) return;
  if (isShared) await assertOurs(db, dialect, rebuilt, new Set([...stored.values()].flatMap(({ tables }) => tables)));
  await db.transaction().execute((trx) => rebuild(trx, dialect, rebuilt));
  for (const { name, schema, before } of rebuilt) {
    if (before === undefined) continue;
    const found = { model: name, storedVersion: before.version, version: schema.version };
    if (before.version === schema.version)
      logger.error(found, 'a table of a read model was missing; the model is built again from the log');
    else logger.warn(found, 'a read model was stored in another version; it is built again from the log');
  }
};

/** In a database that others have too, a table of the same name may be another program's: it is never dropped. */
const assertOurs = async (
  db: Kysely<EngineTables>,
  dialect: SqlDialect,
  models: readonly Rebuilt[],
  ours: ReadonlySet<string>,
): Promise<void> => {
  const wanted = models.flatMap(({ schema }) => Object.keys(schema.tables)).filter((table) => !ours.has(table));
  for (const table of wanted)
    if (await haveTables(db, dialect, [table]))
      throw new Error(
        `the database has a table ${table} that Railhead did not make: name another one, or move it away`,
      );
};

/** Somebody may have dropped one by hand. */
const haveTables = async (
  db: Kysely<EngineTables>,
  dialect: SqlDialect,
  tables: readonly string[],
): Promise<boolean> => {
  try {
    for (const table of tables) await sql`select 1 from ${sql.table(table)} where 1 = 0`.execute(db);
    return true;
  } catch (error) {
    if (dialect.isPassing(error)) throw error;
    return false;
  }
};

/** Drops all old tables before it creates the first new one: a table may have moved from one model to another. */
const rebuild = async (
  trx: Transaction<EngineTables>,
  dialect: SqlDialect,
  models: readonly Rebuilt[],
): Promise<void> => {
  const note = (
    rows: readonly {
      readonly name: string;
      readonly version: number;
      readonly tables: Iterable<string>;
      readonly before: Stored | undefined;
    }[],
  ) =>
    upsert(
      { trx, dialect, table: 'model_places', key: MODEL_PLACES_TABLE.key },
      rows.map(({ name, version, tables, before }) => ({
        model: name,
        version,
        tables: dialect.toJson([...tables]),
        ...NOWHERE,
        ...NOBODY,
        epoch: (before?.epoch ?? 0) + 1,
      })),
    );
  const unfinished = models.map(({ name, schema, before }) => ({
    name,
    version: UNFINISHED,
    tables: new Set([...(before?.tables ?? []), ...Object.keys(schema.tables)]),
    before,
  }));
  await note(unfinished);
  for (const { name } of unfinished) {
    await trx.deleteFrom('read_set_aside').where('model', '=', name).execute();
    await forgetParts(trx, name);
  }
  for (const table of unfinished.flatMap(({ tables }) => [...tables]))
    await sql`drop table if exists ${sql.table(table)}`.execute(trx);
  for (const { schema } of models)
    for (const [table, definition] of Object.entries(schema.tables))
      await createTable(trx.schema, dialect, table, definition);
  await note(
    models.map(({ name, schema: { version, tables }, before }) => ({
      name,
      version,
      tables: Object.keys(tables),
      before,
    })),
  );
};

/** How much the tables of a model have. */
export const sizeOf = async (
  { db, dialect }: Pick<ReadDatabase, 'db' | 'dialect'>,
  { schema }: Pick<ReadModel<unknown>, 'schema'>,
): Promise<{ readonly rows: number; readonly bytes: number }> => {
  const tables = Object.keys(schema?.tables ?? {});
  let rows = 0;
  for (const table of tables) {
    const counted = await sql<{ counted: number }>`select count(*) as counted from ${sql.table(table)}`.execute(db);
    rows += Number(counted.rows[0]?.counted ?? 0);
  }
  const taken = await dialect.bytesOf([...tables, ...(schema?.others ?? [])]).execute(db);
  return { rows, bytes: Number(taken.rows[0]?.bytes ?? 0) };
};

/** Drops the tables of a model that nobody feeds any more, and forgets its place. */
export const removeTables = async (
  { db }: Pick<ReadDatabase, 'db'>,
  { name, schema }: Pick<ReadModel<unknown>, 'name' | 'schema'>,
): Promise<void> => {
  if (schema === undefined) return;
  await db.transaction().execute(async (trx) => {
    // First, so that whoever still feeds it writes nothing more.
    await trx.deleteFrom('model_places').where('model', '=', name).execute();
    await trx.deleteFrom('read_set_aside').where('model', '=', name).execute();
    await forgetParts(trx, name);
    for (const table of [...Object.keys(schema.tables), ...(schema.others ?? [])])
      await sql`drop table if exists ${sql.table(table)}`.execute(trx);
  });
};

const assertOwnTables = (models: readonly ReadModel<unknown>[]): void => {
  const owners = new Map(['model_places', 'read_set_aside'].map((table) => [table, 'the engine']));
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
