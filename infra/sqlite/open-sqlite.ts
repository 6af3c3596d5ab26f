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
