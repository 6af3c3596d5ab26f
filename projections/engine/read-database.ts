// The database of the SQL read models, and the engine's own table in it.
import type { Kysely, Transaction } from 'kysely';
import type { SqlDialect, StoredJson } from './sql-dialect.ts';
import { json, position, type TableDefinition, text } from './tables.ts';

/** One row for each model: the version and names of its tables, and the position it has read to. */
export type EngineTables = {
  read_models: { model: string; version: number; tables: StoredJson<readonly string[]>; position: number };
};

/** To change the columns of this table, give it a new name; all models are then built again. */
export const READ_MODELS_TABLE: TableDefinition<EngineTables['read_models']> = {
  columns: { model: text(64), version: { kind: 'integer' }, tables: json, position },
  key: ['model'],
};

export type ReadDatabase = { readonly db: Kysely<EngineTables>; readonly dialect: SqlDialect };

/** Safe cast, of types only: a model reads the tables of its own definition, which `prepareTables` has created. */
export const tablesOf = <Tables>(db: Kysely<EngineTables>): Kysely<Tables> => db as unknown as Kysely<Tables>;

/** Like `tablesOf`. */
export const tablesIn = <Tables>(trx: Transaction<EngineTables>): Transaction<Tables> =>
  trx as unknown as Transaction<Tables>;
