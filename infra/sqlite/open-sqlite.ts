// Opens the SQLite files of a data folder. A file that cannot be used says which, and why; one that is derived is built again.
import { existsSync, rmSync, statfsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { breakSeal, isAsSealed, MAX_CHECKED_BYTES } from './seal.ts';

/** How long a statement waits for another connection's lock. */
const BUSY_MS = 5_000;

export class DataFileError extends Error {
  readonly code = 'DATA_UNUSABLE';
}

/**
 * `prepare` gets the database ready; if it fails, or if a page is broken, the database is closed again. Throws
 * `DataFileError`. `check` is left out by who has checked the file before.
 */
export const openSqlite = (
  path: string,
  prepare: (db: DatabaseSync) => void,
  check: (db: DatabaseSync, path: string) => void = checkPages,
): DatabaseSync => {
  let db: DatabaseSync | undefined;
  try {
    db = new DatabaseSync(path, { timeout: BUSY_MS });
    prepare(db);
    check(db, path);
    return db;
  } catch (cause) {
    db?.close();
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new DataFileError(`${path} cannot be used: ${message}${hintOf(cause, path)}`, {
      cause,
    });
  }
};

const hintOf = (cause: unknown, path: string): string => {
  if (isDamage(cause)) return '; it is damaged: put back a copy, or remove it to begin without what it holds';
  return isOfFullDisk(cause, path) ? '; the disk is full' : '';
};

const checkPages = (db: DatabaseSync, path: string): void => {
  if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) <= MAX_CHECKED_BYTES) assertSound(db);
};

/** As `openSqlite`, for a file that the log builds again: where it is damaged it is removed, and `rebuilt` is told. */
export const openDerivedSqlite = (
  path: string,
  prepare: (db: DatabaseSync) => void,
  rebuilt: (path: string) => void,
): DatabaseSync => {
  try {
    assertAsSealed(path);
    return openSqlite(path, prepare);
  } catch (error) {
    if (!isDamage(error instanceof DataFileError ? error.cause : error)) throw error;
    removeDatabase(path);
    rebuilt(path);
    return openSqlite(path, prepare);
  }
};

export const removeDatabase = (path: string): void => {
  for (const suffix of ['', '-wal', '-shm']) rmSync(path + suffix, { force: true });
};

/** Throws `SQLITE_CORRUPT` where a page is broken. About a second for each gigabyte. */
export const assertSound = (db: DatabaseSync): void => {
  const found = db.prepare('PRAGMA quick_check(1)').get()?.quick_check;
  if (found !== 'ok') throw damage(String(found));
};

/** Throws the same for a file that was changed since it was closed. */
export const assertAsSealed = (path: string): void => {
  if (!existsSync(path)) breakSeal(path);
  else if (statSync(path).isFile() && !isAsSealed(path)) throw damage('the file is not the one that was closed');
};

const damage = (message: string): Error => Object.assign(new Error(message), { errcode: SQLITE_CORRUPT });

const SQLITE_IOERR = 10;
const SQLITE_CANTOPEN = 14;
/** SQLite's smallest files need about as much. */
const NO_ROOM_BYTES = 65_536;

/** On a full disk SQLite cannot make the files beside a database, and calls that an I/O error. */
export const isOfFullDisk = (error: unknown, path: string): boolean => {
  if (![SQLITE_IOERR, SQLITE_CANTOPEN].includes(sqliteCodeOf(error))) return false;
  try {
    const { bavail, bsize } = statfsSync(dirname(path));
    return bavail * bsize < NO_ROOM_BYTES;
  } catch {
    return false;
  }
};

const SQLITE_FULL = 13;
/** No room is left for the file: on its disk, or by its own limit. */
export const isFull = (error: unknown, path: string): boolean =>
  sqliteCodeOf(error) === SQLITE_FULL || isOfFullDisk(error, path);

/** SQLite's own number for what went wrong; 0 for what is no error of SQLite. */
export const sqliteCodeOf = (error: unknown): number =>
  typeof error === 'object' && error !== null && 'errcode' in error ? Number(error.errcode) & 0xff : 0;

const SQLITE_CORRUPT = 11;
const SQLITE_NOTADB = 26;
export const isDamage = (error: unknown): boolean => [SQLITE_CORRUPT, SQLITE_NOTADB].includes(sqliteCodeOf(error));

/** SQLITE_BUSY, LOCKED, NOMEM, READONLY, IOERR, FULL, CANTOPEN, PROTOCOL: of the machine, and not of what was asked. */
const PASSING = new Set([5, 6, 7, 8, 10, 13, 14, 15]);

export const isPassingSqliteError = (error: unknown): boolean => PASSING.has(sqliteCodeOf(error));
