// Read models on a database in memory.
import type { Logger } from '@railhead/commands/ports/logger.ts';
import { nodeSqliteDialect } from '@railhead/infra/sql/node-sqlite-dialect.ts';
import { sqliteSql } from '@railhead/infra/sql/sqlite-sql.ts';
import { prepareTables } from '@railhead/projections/engine/prepare-tables.ts';
import type { PositionProof } from '@railhead/projections/engine/projection.ts';
import type { EngineTables, ReadDatabase } from '@railhead/projections/engine/read-database.ts';
import type { ReadModel } from '@railhead/projections/engine/read-model.ts';
import { Kysely } from 'kysely';

export const silentLogger: Logger = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

/** A log that bears out whatever place a model has stored. */
export const anyLog: PositionProof = {
  fingerprintAt: async () => 'the same',
  dropped: () => {},
  setAside: () => {},
  notKept: () => {},
};

/** With the tables of these models, empty; it ends with `db.destroy()`. */
export const readSideOf = async (...models: readonly ReadModel<unknown>[]): Promise<ReadDatabase> => {
  const database = { db: new Kysely<EngineTables>({ dialect: nodeSqliteDialect(':memory:') }), dialect: sqliteSql };
  await prepareTables(database, models, silentLogger);
  return database;
};

/** One more version of a model, which differs in nothing else. */
export const raised = <Queries>(model: ReadModel<Queries>, by = 1): ReadModel<Queries> => {
  if (model.schema === undefined) throw new Error(`${model.name} has no tables`);
  return { ...model, schema: { ...model.schema, version: model.schema.version + by } };
};
