// Keeps the test server's records in an SQLite file, so that the server can be killed and started again.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import type { ServerRecord } from './server-record.ts';

export class Journal {
  readonly #db: DatabaseSync;
  readonly #insert: StatementSync;
  #waiting: ServerRecord[] = [];
  #flush: Promise<void> | undefined;

  constructor(folder: string) {
    mkdirSync(folder, { recursive: true });
    this.#db = new DatabaseSync(join(folder, 'dev-eventstoredb.db'), { timeout: 5_000 });
    this.#db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL');
    this.#db.exec(`CREATE TABLE IF NOT EXISTS records (
      position INTEGER PRIMARY KEY, stream TEXT NOT NULL, revision INTEGER NOT NULL, id TEXT NOT NULL,
      type TEXT NOT NULL, content_type TEXT NOT NULL, data BLOB NOT NULL, metadata BLOB NOT NULL, created TEXT NOT NULL
    ) STRICT`);
    this.#insert = this.#db.prepare('INSERT INTO records VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)');
  }

  *load(): Generator<ServerRecord> {
    for (const row of this.#db.prepare('SELECT * FROM records ORDER BY position').iterate())
      yield {
        position: Number(row.position),
        stream: String(row.stream),
        revision: Number(row.revision),
        id: String(row.id),
        type: String(row.type),
        contentType: String(row.content_type),
        // Safe cast: BLOB columns come back as bytes.
        data: row.data as Uint8Array,
        metadata: row.metadata as Uint8Array,
        created: String(row.created),
      };
  }

  add(record: ServerRecord): void {
    this.#waiting.push(record);
  }

  /** Resolves when all records so far are written. Records of one turn of the event loop share a transaction. */
  flushed(): Promise<void> {
    if (this.#waiting.length === 0 && this.#flush === undefined) return Promise.resolve();
    this.#flush ??= new Promise((resolve, reject) =>
      setImmediate(() => {
        this.#flush = undefined;
        try {
          this.#write();
          resolve();
        } catch (error) {
          reject(error);
        }
      }),
    );
    return this.#flush;
  }

  remove(positions: readonly number[]): void {
    this.#write();
    const remove = this.#db.prepare('DELETE FROM records WHERE position = ?');
    for (const position of positions) remove.run(position);
  }

  close(): void {
    this.#write();
    this.#db.close();
  }

  #write(): void {
    const records = this.#waiting;
    if (records.length === 0) return;
    this.#waiting = [];
    this.#db.exec('BEGIN');
    for (const { position, stream, revision, id, type, contentType, data, metadata, created } of records)
      this.#insert.run(position, stream, revision, id, type, contentType, data, metadata, created);
    this.#db.exec('COMMIT');
  }
}
