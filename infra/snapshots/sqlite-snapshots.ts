// Snapshots in an SQLite file of their own. The file may be deleted at any time; it is written again.
import { join } from 'node:path';
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Snapshots } from '@railhead/commands/ports/snapshots.ts';
import { openDerivedSqlite } from '../sqlite/open-sqlite.ts';
import { sealFile } from '../sqlite/seal.ts';

export class SqliteSnapshots implements Snapshots {
  readonly #path: string;
  readonly #db: DatabaseSync;
  readonly #get: StatementSync;
  readonly #put: StatementSync;

  constructor(folder: string, rebuilt: (path: string) => void = () => {}) {
    const prepare = (db: DatabaseSync): void => {
      db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL');
      db.exec('CREATE TABLE IF NOT EXISTS snapshots (name TEXT PRIMARY KEY, text TEXT NOT NULL) STRICT');
    };
    this.#path = join(folder, 'snapshots.db');
    this.#db = openDerivedSqlite(this.#path, prepare, rebuilt);
    this.#get = this.#db.prepare('SELECT text FROM snapshots WHERE name = ?');
    this.#put = this.#db.prepare('INSERT OR REPLACE INTO snapshots (name, text) VALUES (?, ?)');
  }

  async load(name: string): Promise<string | undefined> {
    const row = this.#get.get(name);
    return row === undefined ? undefined : String(row.text);
  }

  async save(name: string, text: string): Promise<void> {
    this.#put.run(name, text);
  }

  close(): void {
    this.#db.close();
    sealFile(this.#path);
  }
}
