// Process checkpoints in an SQLite file of their own.
import { join } from 'node:path';
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Position } from '@railhead/commands/ports/event-store.ts';
import type {
  CheckpointChange,
  ProcessCheckpoint,
  ProcessCheckpoints,
} from '@railhead/commands/ports/process-checkpoints.ts';
import { openDerivedSqlite } from '../sqlite/open-sqlite.ts';
import { sealFile } from '../sqlite/seal.ts';

const TABLES = `
  CREATE TABLE IF NOT EXISTS places (
    process TEXT PRIMARY KEY, position INTEGER NOT NULL, fingerprint TEXT NOT NULL
  ) STRICT;
  CREATE TABLE IF NOT EXISTS unfinished (
    process TEXT NOT NULL, name TEXT NOT NULL, PRIMARY KEY (process, name)
  ) STRICT, WITHOUT ROWID;
`;

export type OpenCheckpoints = ((process: string) => ProcessCheckpoints) & { readonly close: () => void };

/** The checkpoints of every process of this folder, in one file. `rebuilt` is told if the file was damaged. */
export const sqliteCheckpoints = (folder: string, rebuilt: (path: string) => void = () => {}): OpenCheckpoints => {
  const path = join(folder, 'processes.db');
  const db = openDerivedSqlite(
    path,
    (opened) => {
      opened.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL');
      opened.exec(TABLES);
    },
    rebuilt,
  );
  return Object.assign((process: string) => new SqliteCheckpoints(db, process), {
    close: () => {
      db.close();
      sealFile(path);
    },
  });
};

class SqliteCheckpoints implements ProcessCheckpoints {
  readonly #db: DatabaseSync;
  readonly #process: string;
  readonly #add: StatementSync;
  readonly #remove: StatementSync;
  readonly #clear: StatementSync;
  readonly #at: StatementSync;
  readonly #move: StatementSync;

  constructor(db: DatabaseSync, process: string) {
    this.#db = db;
    this.#process = process;
    this.#add = this.#db.prepare('INSERT OR IGNORE INTO unfinished (process, name) VALUES (?, ?)');
    this.#remove = this.#db.prepare('DELETE FROM unfinished WHERE process = ? AND name = ?');
    this.#clear = this.#db.prepare('DELETE FROM unfinished WHERE process = ?');
    this.#at = this.#db.prepare('SELECT position, fingerprint FROM places WHERE process = ?');
    this.#move = this.#db.prepare('INSERT OR REPLACE INTO places (process, position, fingerprint) VALUES (?, ?, ?)');
  }

  async load(): Promise<ProcessCheckpoint> {
    const names = this.#db.prepare('SELECT name FROM unfinished WHERE process = ?').all(this.#process);
    return { ...this.#place(), unfinished: names.map(({ name }) => String(name)) };
  }

  async save({ since, position, fingerprint, begun, finished }: CheckpointChange): Promise<boolean> {
    return this.#inTransaction(() => {
      if (this.#place().position !== since) return false;
      for (const name of begun) this.#add.run(this.#process, name);
      for (const name of finished) this.#remove.run(this.#process, name);
      this.#move.run(this.#process, position, fingerprint);
      return true;
    });
  }

  async replace({ position, fingerprint, unfinished }: ProcessCheckpoint): Promise<void> {
    this.#inTransaction(() => {
      this.#clear.run(this.#process);
      for (const name of unfinished) this.#add.run(this.#process, name);
      this.#move.run(this.#process, position, fingerprint);
    });
  }

  #place(): { readonly position: Position; readonly fingerprint: string } {
    const row = this.#at.get(this.#process);
    return { position: Number(row?.position ?? 0), fingerprint: String(row?.fingerprint ?? '') };
  }

  #inTransaction<Value>(work: () => Value): Value {
    this.#db.exec('BEGIN IMMEDIATE');
    try {
      const value = work();
      this.#db.exec('COMMIT');
      return value;
    } catch (error) {
      if (this.#db.isTransaction) this.#db.exec('ROLLBACK');
      throw error;
    }
  }
}
