// The database of the SQL read models, and the one table of the engine in it.
import type { Kysely, Transaction } from 'kysely';
import type { SqlDialect, StoredJson } from './sql-dialect.ts';
import { json, position, type TableDefinition, text } from './tables.ts';

/** One row for each model: the version its tables were made in, their names, and how far it has read. */
export type EngineTables = {
  read_models: { model: string; version: number; tables: StoredJson<readonly string[]>; position: number };
};

/** Another shape of this table needs another name: what was built under the old name is then built again. */
export const READ_MODELS_TABLE: TableDefinition<EngineTables['read_models']> = {
  columns: { model: text(64), version: { kind: 'integer' }, tables: json, position },
  key: ['model'],
};

export type ReadDatabase = { readonly db: Kysely<EngineTables>; readonly dialect: SqlDialect };

/** Safe cast, of types only: a model asks for the tables of its own definition, which `prepareTables` makes. */
export const tablesOf = <Tables>(db: Kysely<EngineTables>): Kysely<Tables> => db as unknown as Kysely<Tables>;

/** As `tablesOf`. */
export const tablesIn = <Tables>(trx: Transaction<EngineTables>): Transaction<Tables> =>
  trx as unknown as Transaction<Tables>;
