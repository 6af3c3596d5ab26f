// Opens an SQLite file.
import { DatabaseSync } from 'node:sqlite';

/** How long a statement waits for another connection's lock. */
const BUSY_MS = 5_000;

/** `prepare` gets the database ready; if it fails, the database is closed again. */
export const openSqlite = (path: string, prepare: (db: DatabaseSync) => void): DatabaseSync => {
  const db = new DatabaseSync(path, { timeout: BUSY_MS });
  try {
    prepare(db);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
};

/** SQLITE_BUSY, LOCKED, NOMEM, READONLY, IOERR, FULL, CANTOPEN, PROTOCOL: of the machine, and not of what was asked. */
const PASSING = new Set([5, 6, 7, 8, 10, 13, 14, 15]);

export const isPassingSqliteError = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && 'errcode' in error && PASSING.has(Number(error.errcode) & 0xff);
