// The embedded read side: one SQLite file beside the log, built again from it whenever it does not fit.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { createReadTables, READ_SCHEMA_VERSION, type ReadTables } from '@railhead/projections/engine/read-tables.ts';
import { Kysely } from 'kysely';
import { nodeSqliteDialect } from './node-sqlite-dialect.ts';

/** `logPosition`: where the log ends. A read side that is ahead of its log belongs to another one. */
export const openReadDatabase = async (folder: string, logPosition: number): Promise<Kysely<ReadTables>> => {
  const path = join(folder, 'read.db');
  if (!fits(path, logPosition)) for (const suffix of ['', '-wal', '-shm']) rmSync(path + suffix, { force: true });
  const db = new Kysely<ReadTables>({ dialect: nodeSqliteDialect(path) });
  await createReadTables(db);
  const stamp = new DatabaseSync(path);
  stamp.exec(`PRAGMA user_version = ${READ_SCHEMA_VERSION}`);
  stamp.close();
  return db;
};

const fits = (path: string, logPosition: number): boolean => {
  let db: DatabaseSync | undefined;
  try {
    db = new DatabaseSync(path, { timeout: 5_000 });
    if (Number(db.prepare('PRAGMA user_version').get()?.user_version) !== READ_SCHEMA_VERSION) return false;
    const row = db.prepare('SELECT coalesce(max(position), 0) AS position FROM model_positions').get();
    return Number(row?.position) <= logPosition;
  } catch {
    // Damaged, or no database at all: nothing in it cannot be had from the log.
    return false;
  } finally {
    db?.close();
  }
};
