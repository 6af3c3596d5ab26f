// The tables of the embedded log, and the checks when a file is opened.
import { DatabaseSync } from 'node:sqlite';
import { EventStoreError } from '@railhead/commands/ports/event-store.ts';
import { isOfFullDisk, sqliteCodeOf } from '../../sqlite/open-sqlite.ts';
import { CHECKSUMS } from './checksums.ts';

/** `application_id` of a Railhead log ("RAIL"), so that no other SQLite file is mistaken for one. */
const APPLICATION_ID = 0x5241494c;
const SCHEMA_VERSION = 1;

const TABLES = `
  CREATE TABLE streams (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    category TEXT NOT NULL
  ) STRICT;
  CREATE TABLE events (
    position INTEGER PRIMARY KEY,
    stream INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    id TEXT NOT NULL,
    type TEXT NOT NULL,
    version INTEGER NOT NULL,
    data TEXT NOT NULL,
    meta TEXT NOT NULL,
    UNIQUE (stream, revision)
  ) STRICT;
`;

/** Finds the streams of a category. A log of an older version has none until it is opened for writing. */
export const CATEGORY_INDEX = 'streams_by_category';
const INDEXES = `CREATE INDEX IF NOT EXISTS ${CATEGORY_INDEX} ON streams (category)`;

const pragma = (db: DatabaseSync, name: string): number => {
  const row = db.prepare(`PRAGMA ${name}`).get();
  return Number(row === undefined ? 0 : Object.values(row)[0]);
};

/** Translates SQLite's errors. `STORE_FULL` means a full disk, or the store's own size limit. */
export const translateSqliteError = (error: unknown, path = ''): EventStoreError => {
  if (error instanceof EventStoreError) return error;
  const message = error instanceof Error ? error.message : String(error);
  if (path !== '' && isOfFullDisk(error, path))
    return new EventStoreError('STORE_FULL', 'no room left for the event log: the disk is full', { cause: error });
  switch (sqliteCodeOf(error)) {
    case 13:
      return new EventStoreError('STORE_FULL', 'no room left for the event log', { cause: error });
    case 5:
    case 6:
      return new EventStoreError('STORE_IN_USE', 'another process holds the event log', { cause: error });
    case 8:
      return new EventStoreError('STORE_ACCESS_DENIED', `the event log may only be read: ${message}`, { cause: error });
    case 11:
    case 26:
      return new EventStoreError('STORE_CORRUPT', `the event log is damaged: ${message}`, { cause: error });
    case 14:
      // Of a folder that may only be read, SQLite says no more.
      return new EventStoreError('STORE_UNAVAILABLE', `${path} cannot be opened, or not written beside: ${message}`, {
        cause: error,
      });
    default:
      return new EventStoreError('STORE_UNAVAILABLE', message, { cause: error });
  }
};

const checkVersion = (db: DatabaseSync, path: string): 'new' | 'known' => {
  const version = pragma(db, 'user_version');
  if (version > SCHEMA_VERSION)
    throw new EventStoreError(
      'STORE_TOO_NEW',
      `${path} was written by a newer Railhead (format ${version}, this one knows ${SCHEMA_VERSION})`,
    );
  const tables = Number(db.prepare('SELECT count(*) AS n FROM sqlite_master').get()?.n ?? 0);
  if (version === 0 && tables === 0) return 'new';
  if (pragma(db, 'application_id') !== APPLICATION_ID)
    throw new EventStoreError('STORE_CORRUPT', `${path} is not a Railhead event log`);
  return 'known';
};

/** Opens the log for writing; creates it if missing. Durable: a commit returns when the WAL is on disk. */
export const openForWriting = (path: string, maxBytes?: number): DatabaseSync => {
  let db: DatabaseSync | undefined;
  try {
    db = new DatabaseSync(path, { timeout: 5_000 });
    const state = checkVersion(db, path);
    db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA temp_store = MEMORY');
    db.exec('PRAGMA wal_autocheckpoint = 8000; PRAGMA journal_size_limit = 67108864; PRAGMA cache_size = -65536');
    if (state === 'new')
      db.exec(
        `BEGIN; ${TABLES} PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${SCHEMA_VERSION}; COMMIT`,
      );
    db.exec(`${INDEXES}; ${CHECKSUMS}`);
    if (maxBytes !== undefined)
      db.exec(`PRAGMA max_page_count = ${Math.max(1, Math.floor(maxBytes / pragma(db, 'page_size')))}`);
    return db;
  } catch (error) {
    db?.close();
    throw translateSqliteError(error, path);
  }
};

/** Opens the log for reading beside a writer, in this or another process. */
export const openForReading = (path: string): DatabaseSync => {
  let db: DatabaseSync | undefined;
  try {
    db = new DatabaseSync(path, { readOnly: true, timeout: 5_000 });
    if (checkVersion(db, path) === 'new')
      throw new EventStoreError('STORE_UNAVAILABLE', `${path} is empty: there is no event log in it`);
    return db;
  } catch (error) {
    db?.close();
    throw translateSqliteError(error, path);
  }
};
