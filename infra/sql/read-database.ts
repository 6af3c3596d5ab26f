// The embedded read side: one SQLite file beside the log, built again from it whenever it cannot be read.
import { existsSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Logger } from '@railhead/commands/ports/logger.ts';
import { prepareTables } from '@railhead/projections/engine/prepare-tables.ts';
import type { EngineTables, ReadDatabase } from '@railhead/projections/engine/read-database.ts';
import type { ReadModel } from '@railhead/projections/engine/read-model.ts';
import { Kysely } from 'kysely';
import { nodeSqliteDialect } from './node-sqlite-dialect.ts';
import { sqliteSql } from './sqlite-sql.ts';

export const openReadDatabase = async (
  folder: string,
  models: readonly ReadModel<unknown>[],
  logger: Logger,
): Promise<ReadDatabase> => {
  const path = join(folder, 'read.db');
  if (existsSync(path) && statSync(path).isFile() && !isReadable(path)) {
    for (const suffix of ['', '-wal', '-shm']) rmSync(path + suffix, { force: true });
    logger.warn({ path }, 'the stored read models do not fit this program; they are built again');
  }
  const database = { db: new Kysely<EngineTables>({ dialect: nodeSqliteDialect(path) }), dialect: sqliteSql };
  try {
    await prepareTables(database, models, logger);
    return database;
  } catch (error) {
    await database.db.destroy();
    throw error;
  }
};

const isReadable = (path: string): boolean => {
  let db: DatabaseSync | undefined;
  try {
    db = new DatabaseSync(path, { timeout: 5_000 });
    db.prepare('SELECT max(position) FROM read_places').get();
    return true;
  } catch {
    // From an older scheme, damaged, or not a database: everything in it can be built again from the log.
    return false;
  } finally {
    db?.close();
  }
};
