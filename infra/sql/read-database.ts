// The embedded read side: one SQLite file beside the log, built again from it whenever it cannot be read.
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { EventStoreError } from '@railhead/commands/ports/event-store.ts';
import type { Logger } from '@railhead/commands/ports/logger.ts';
import { prepareTables } from '@railhead/projections/engine/prepare-tables.ts';
import type { EngineTables, ReadDatabase, Repair } from '@railhead/projections/engine/read-database.ts';
import type { ReadModel } from '@railhead/projections/engine/read-model.ts';
import type { StoredJson } from '@railhead/projections/engine/sql-dialect.ts';
import { Kysely, SqliteDialect } from 'kysely';
import {
  assertAsSealed,
  assertSound,
  DataFileError,
  isDamage,
  isPassingSqliteError,
  removeDatabase,
  sqliteCodeOf,
} from '../sqlite/open-sqlite.ts';
import { breakSeal, MAX_CHECKED_BYTES, sealFile } from '../sqlite/seal.ts';
import { type Guard, NodeSqliteFile } from './node-sqlite-dialect.ts';
import { sqliteSql } from './sqlite-sql.ts';

/** What a caller is told who met damage: ask again, it is being repaired. */
const repaired = (cause: unknown): EventStoreError =>
  new EventStoreError('STORE_UNAVAILABLE', 'the read models are damaged; they are built again from the log', { cause });

export const openReadDatabase = async (
  folder: string,
  models: readonly ReadModel<unknown>[],
  logger: Logger,
): Promise<ReadDatabase> => {
  const path = join(folder, 'read.db');
  if (!existsSync(path)) breakSeal(path);
  else if (statSync(path).isFile()) {
    const state = stateOf(path);
    if (state !== 'readable') removeDatabase(path);
    if (state === 'damaged') logger.warn({ path }, 'the stored read models are damaged; they are built again');
    if (state === 'strange')
      logger.warn({ path }, 'the stored read models do not fit this program; they are built again');
  }
  const met = (error: unknown): EventStoreError => {
    repair.onDamage(error);
    return repaired(error);
  };
  const guard: Guard = (work) => {
    try {
      return work();
    } catch (error) {
      throw isDamage(error) ? met(error) : error;
    }
  };
  const parsing =
    (damaged: (error: unknown) => EventStoreError) =>
    <Value>(stored: StoredJson<Value>): Value => {
      try {
        return sqliteSql.fromJson(stored);
      } catch (error) {
        throw damaged(error);
      }
    };
  const file = new NodeSqliteFile(path, guard, () => sealFile(path));
  const db = new Kysely<EngineTables>({ dialect: new SqliteDialect({ database: file }) });
  const repair: Repair = {
    onDamage: () => {},
    onDamagedRows: () => {},
    fromJsonOf: (model) =>
      parsing((error) => {
        repair.onDamagedRows(model, error);
        return repaired(error);
      }),
    renewals: 0,
    renew: async () => {
      file.reopen(() => removeDatabase(path));
      repair.renewals += 1;
      await prepareTables(database, models, logger);
    },
  };
  const database: ReadDatabase = { db, dialect: { ...sqliteSql, fromJson: parsing(met) }, repair };
  try {
    await prepareTables(database, models, logger);
    return database;
  } catch (error) {
    await db.destroy();
    throw error;
  }
};

const stateOf = (path: string): 'readable' | 'damaged' | 'strange' => {
  let db: DatabaseSync | undefined;
  try {
    assertAsSealed(path);
    db = new DatabaseSync(path, { timeout: 5_000 });
    if (statSync(path).size <= MAX_CHECKED_BYTES) assertSound(db);
    db.prepare('SELECT max(position) FROM model_places').get();
    return 'readable';
  } catch (error) {
    // Everything in it can be built again from the log. But a disk or folder that cannot be used is no fault of the file.
    if (isDamage(error)) return 'damaged';
    if (sqliteCodeOf(error) === 0 || isPassingSqliteError(error))
      throw new DataFileError(`${path} cannot be used: ${error instanceof Error ? error.message : String(error)}`, {
        cause: error,
      });
    return 'strange';
  } finally {
    db?.close();
  }
};
