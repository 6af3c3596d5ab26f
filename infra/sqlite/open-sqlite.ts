// Opens the SQLite files of a data folder. A file that cannot be used says which, and why; one that is derived is built again.
import { rmSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';

/** How long a statement waits for another connection's lock. */
const BUSY_MS = 5_000;

export class DataFileError extends Error {
  readonly code = 'DATA_UNUSABLE';
}

/** `prepare` gets the database ready; if it fails, the database is closed again. Throws `DataFileError`. */
export const openSqlite = (path: string, prepare: (db: DatabaseSync) => void): DatabaseSync => {
  let db: DatabaseSync | undefined;
  try {
    db = new DatabaseSync(path, { timeout: BUSY_MS });
    prepare(db);
    return db;
  } catch (cause) {
    db?.close();
    throw new DataFileError(`${path} cannot be used: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    });
  }
};

/** As `openSqlite`, for a file that the log builds again: where it is damaged it is removed, and `rebuilt` is told. */
export const openDerivedSqlite = (
  path: string,
  prepare: (db: DatabaseSync) => void,
  rebuilt: (path: string) => void,
): DatabaseSync => {
  const checked = (db: DatabaseSync): void => {
    prepare(db);
    const found = db.prepare('PRAGMA quick_check(1)').get()?.quick_check;
    if (found !== 'ok') throw Object.assign(new Error(String(found)), { errcode: SQLITE_CORRUPT });
  };
  try {
    return openSqlite(path, checked);
  } catch (error) {
    if (!(error instanceof DataFileError) || !isDamage(error.cause)) throw error;
    for (const suffix of ['', '-wal', '-shm']) rmSync(path + suffix, { force: true });
    rebuilt(path);
    return openSqlite(path, prepare);
  }
};

/** SQLite's own number for what went wrong; 0 for what is no error of SQLite. */
export const sqliteCodeOf = (error: unknown): number =>
  typeof error === 'object' && error !== null && 'errcode' in error ? Number(error.errcode) & 0xff : 0;

const SQLITE_CORRUPT = 11;
const SQLITE_NOTADB = 26;
export const isDamage = (error: unknown): boolean => [SQLITE_CORRUPT, SQLITE_NOTADB].includes(sqliteCodeOf(error));

/** SQLITE_BUSY, LOCKED, NOMEM, READONLY, IOERR, FULL, CANTOPEN, PROTOCOL: of the machine, and not of what was asked. */
const PASSING = new Set([5, 6, 7, 8, 10, 13, 14, 15]);

export const isPassingSqliteError = (error: unknown): boolean => PASSING.has(sqliteCodeOf(error));
