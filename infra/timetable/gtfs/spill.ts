// Keeps a feed's rows on disk instead of in memory: an SQLite database without a name, which ends with the process.
import { DatabaseSync } from 'node:sqlite';

/** `left_out`: the trip is known, and was reported or ignored before. `weekdays`: ISO digits. */
const TABLES = `
  CREATE TABLE stops (key INTEGER PRIMARY KEY, id TEXT UNIQUE, name TEXT, wanted TEXT, lat REAL, lon REAL, parent TEXT,
                      station INTEGER, code TEXT);
  CREATE TABLE routes (key INTEGER PRIMARY KEY, id TEXT UNIQUE, type TEXT, rail INTEGER);
  CREATE TABLE services (key INTEGER PRIMARY KEY, id TEXT UNIQUE, since TEXT, until TEXT, weekdays TEXT);
  CREATE TABLE service_dates (service INTEGER, date TEXT, runs INTEGER);
  CREATE TABLE trips (key INTEGER PRIMARY KEY, id TEXT UNIQUE, line INTEGER, route INTEGER, service INTEGER,
                      short_name TEXT, left_out INTEGER);
  CREATE TABLE calls (trip INTEGER, seq INTEGER, line INTEGER, station INTEGER, arrives INTEGER, departs INTEGER,
                      travelled REAL);
  CREATE TABLE codes (kind TEXT, code TEXT, PRIMARY KEY (kind, code)) WITHOUT ROWID;
`;

/** No row outlives the read, so nothing is journalled or synced. The page cache is 32 MiB. */
const PRAGMAS = `
  PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA locking_mode = EXCLUSIVE; PRAGMA temp_store = FILE;
  PRAGMA cache_size = -32768;
`;

export class Spill {
  /** The empty path makes a temporary file, in SQLITE_TMPDIR if set, unlinked at once (sqlite.org/inmemorydb.html). */
  readonly db = new DatabaseSync('');

  constructor() {
    this.db.exec(PRAGMAS);
    this.db.exec(TABLES);
    this.db.exec('BEGIN');
  }

  /** Returns a function that grants each code of a kind once: true the first time. */
  claims(kind: 'station' | 'train'): (code: string) => boolean {
    const insert = this.db.prepare('INSERT OR IGNORE INTO codes VALUES (?, ?)');
    return (code) => insert.run(kind, code).changes === 1;
  }

  close(): void {
    this.db.close();
  }
}

/** Size of the cache of ids: a few ids are looked up many times in a row. */
const REMEMBERED_IDS = 10_000;

/** Looks up a number by id; undefined for an unknown id, null for a known one without a number. */
export const lookup = (db: DatabaseSync, sql: string): ((id: string) => number | null | undefined) => {
  const select = db.prepare(sql);
  const known = new Map<string, number | null>();
  return (id) => {
    const remembered = known.get(id);
    if (remembered !== undefined) return remembered;
    const value = select.get(id)?.value;
    const found = typeof value === 'number' || value === null ? value : undefined;
    if (found === undefined) return undefined;
    if (known.size >= REMEMBERED_IDS) known.clear();
    known.set(id, found);
    return found;
  };
};
