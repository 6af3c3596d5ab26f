// Read models on a database in memory, or on the server that is named for tests.
import type { Logger } from '@railhead/commands/ports/logger.ts';
import type { ClassId } from '@railhead/domain/train-run/stream.ts';
import { nodeSqliteDialect } from '@railhead/infra/sql/node-sqlite-dialect.ts';
import { sqliteSql } from '@railhead/infra/sql/sqlite-sql.ts';
import type { AvailabilityQueries, ShownClass, StockCount } from '@railhead/projections/availability/shown-stock.ts';
import { prepareTables } from '@railhead/projections/engine/prepare-tables.ts';
import type { PositionProof } from '@railhead/projections/engine/projection.ts';
import type { EngineTables, ReadDatabase } from '@railhead/projections/engine/read-database.ts';
import type { ReadModel } from '@railhead/projections/engine/read-model.ts';
import { Kysely } from 'kysely';
import { onSqlServer, openOwnReadSql } from './own-read-sql.ts';

export const silentLogger: Logger = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

/** A log that bears out whatever place a model has stored. */
export const anyLog: PositionProof = {
  fingerprintAt: async () => 'the same',
  dropped: () => {},
  setAside: () => {},
  notKept: () => {},
};

/** With the tables of these models, empty; it ends with `db.destroy()`. Nobody else writes into it. */
export const readSideOf = async (...models: readonly ReadModel<unknown>[]): Promise<ReadDatabase> => {
  const { db, dialect } = onSqlServer ? await openOwnReadSql() : inMemory();
  return preparedWith({ db, dialect }, models);
};

export const preparedWith = async (
  database: ReadDatabase,
  models: readonly ReadModel<unknown>[],
): Promise<ReadDatabase> => {
  await prepareTables(database, models, silentLogger);
  return database;
};

/** On no disk, and without tables. */
export const inMemory = (): ReadDatabase => ({
  db: new Kysely<EngineTables>({ dialect: nodeSqliteDialect(':memory:') }),
  dialect: sqliteSql,
});

/** What a model of free seats shows of one class. */
export const countOf = async (
  model: AvailabilityQueries,
  id: ClassId,
  ...journey: Parameters<ShownClass['count']>
): Promise<StockCount | undefined> => (await model.stocks([id]))[0]?.count(...journey);

/** One more version of a model, which differs in nothing else. */
export const raised = <Queries>(model: ReadModel<Queries>, by = 1): ReadModel<Queries> => {
  if (model.schema === undefined) throw new Error(`${model.name} has no tables`);
  return { ...model, schema: { ...model.schema, version: model.schema.version + by } };
};
