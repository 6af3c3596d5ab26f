// Process checkpoints in an SQLite file of their own.
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { ProcessCheckpoint, ProcessCheckpoints } from '@railhead/commands/ports/process-checkpoints.ts';

const TABLES = `
  CREATE TABLE IF NOT EXISTS positions (process TEXT PRIMARY KEY, position INTEGER NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS entries (
    process TEXT NOT NULL, key TEXT NOT NULL, state TEXT NOT NULL, PRIMARY KEY (process, key)
  ) STRICT, WITHOUT ROWID;
`;

export class SqliteCheckpoints<State> implements ProcessCheckpoints<State> {
  readonly #db: DatabaseSync;
  readonly #process: string;

  constructor(folder: string, process: string) {
    this.#process = process;
    this.#db = new DatabaseSync(join(folder, 'processes.db'), { timeout: 5_000 });
    this.#db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL');
    this.#db.exec(TABLES);
  }

  async load(): Promise<ProcessCheckpoint<State>> {
    const row = this.#db.prepare('SELECT position FROM positions WHERE process = ?').get(this.#process);
    const entries = this.#db.prepare('SELECT key, state FROM entries WHERE process = ?').all(this.#process);
    return {
      position: Number(row?.position ?? 0),
      // Written by `save` from this very type.
      entries: entries.map((entry) => [String(entry.key), JSON.parse(String(entry.state)) as State]),
    };
  }

  async save(position: number, changed: ReadonlyMap<string, State | undefined>): Promise<void> {
    const remove = this.#db.prepare('DELETE FROM entries WHERE process = ? AND key = ?');
    const put = this.#db.prepare('INSERT OR REPLACE INTO entries (process, key, state) VALUES (?, ?, ?)');
    this.#db.exec('BEGIN IMMEDIATE');
    try {
      for (const [key, state] of changed)
        if (state === undefined) remove.run(this.#process, key);
        else put.run(this.#process, key, JSON.stringify(state));
      this.#db
        .prepare('INSERT OR REPLACE INTO positions (process, position) VALUES (?, ?)')
        .run(this.#process, position);
      this.#db.exec('COMMIT');
    } catch (error) {
      if (this.#db.isTransaction) this.#db.exec('ROLLBACK');
      throw error;
    }
  }

  close(): void {
    this.#db.close();
  }
}
