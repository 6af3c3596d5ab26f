// The order in which this process met the events of all shards: merged position -> shard and position there. Kept beside
// the read models; a folder that loses it meets the events in another order, and builds its read models again.
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import type { Position } from '@railhead/commands/ports/event-store.ts';

export type Placed = { readonly merged: Position; readonly shard: number; readonly position: Position };

const TABLES = `
  CREATE TABLE IF NOT EXISTS merged (
    merged INTEGER PRIMARY KEY, shard INTEGER NOT NULL, position INTEGER NOT NULL, UNIQUE (shard, position)
  ) STRICT;
  CREATE TABLE IF NOT EXISTS shards (shard INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, position INTEGER NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS pinned (key TEXT PRIMARY KEY, shard TEXT NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS aliases (
    shard INTEGER NOT NULL, position INTEGER NOT NULL, merged INTEGER NOT NULL, PRIMARY KEY (shard, position)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS copies (
    stream TEXT NOT NULL, shard INTEGER NOT NULL, revision INTEGER NOT NULL, PRIMARY KEY (stream, shard)
  ) STRICT, WITHOUT ROWID;
`;

export class MergeIndex {
  readonly #db: DatabaseSync;
  readonly #insert: StatementSync;
  readonly #reach: StatementSync;
  readonly #page: StatementSync;
  readonly #find: StatementSync;
  readonly #copies = new Map<string, number>();
  #last: Position;

  /** `path` of its file, or `:memory:`. */
  constructor(path: string) {
    this.#db = new DatabaseSync(path, { timeout: 5_000 });
    this.#db.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; ${TABLES}`);
    this.#insert = this.#db.prepare('INSERT INTO merged (merged, shard, position) VALUES (?, ?, ?)');
    this.#reach = this.#db.prepare('UPDATE shards SET position = ? WHERE shard = ?');
    this.#page = this.#db.prepare(
      'SELECT merged, shard, position FROM merged WHERE merged > ? ORDER BY merged LIMIT ?',
    );
    this.#find = this.#db.prepare(
      `SELECT merged FROM merged WHERE shard = ?1 AND position = ?2
       UNION ALL SELECT merged FROM aliases WHERE shard = ?1 AND position = ?2`,
    );
    this.#last = Number(this.#db.prepare('SELECT coalesce(max(merged), 0) AS last FROM merged').get()?.last);
    for (const { stream, shard, revision } of this.#db.prepare('SELECT stream, shard, revision FROM copies').all())
      this.#copies.set(`${shard}/${stream}`, Number(revision));
  }

  get last(): Position {
    return this.#last;
  }

  /** The number of a shard here, by its name, and how far it has been read: the position vector's entry. */
  shard(name: string): { readonly shard: number; readonly position: Position } {
    this.#db.prepare('INSERT OR IGNORE INTO shards (name, position) VALUES (?, 0)').run(name);
    const row = this.#db.prepare('SELECT shard, position FROM shards WHERE name = ?').get(name);
    return { shard: Number(row?.shard), position: Number(row?.position) };
  }

  /** Gives the next merged positions to a shard's events, in their order; returns the first of them. */
  add(shard: number, positions: readonly Position[], reached: Position): Position {
    const first = this.#last + 1;
    let next = this.#last;
    this.#db.exec('BEGIN IMMEDIATE');
    try {
      for (const position of positions) {
        next += 1;
        this.#insert.run(next, shard, position);
      }
      this.#reach.run(reached, shard);
      this.#db.exec('COMMIT');
    } catch (error) {
      if (this.#db.isTransaction) this.#db.exec('ROLLBACK');
      throw error;
    }
    this.#last = next;
    return first;
  }

  page(after: Position, limit: number): readonly Placed[] {
    return this.#page.all(after, limit).map(({ merged, shard, position }) => ({
      merged: Number(merged),
      shard: Number(shard),
      position: Number(position),
    }));
  }

  mergedOf(shard: number, position: Position): Position | undefined {
    const row = this.#find.get(shard, position);
    return row === undefined ? undefined : Number(row.merged);
  }

  pinned(): Readonly<Record<string, string>> {
    const rows = this.#db.prepare('SELECT key, shard FROM pinned').all();
    return Object.fromEntries(rows.map(({ key, shard }) => [String(key), String(shard)]));
  }

  /** A copy of an event keeps the merged position of the original. */
  alias(shard: number, position: Position, merged: Position): void {
    this.#db.prepare('INSERT OR REPLACE INTO aliases VALUES (?, ?, ?)').run(shard, position, merged);
  }

  /** From now on a run stands in another shard. */
  pin(key: string, name: string): void {
    this.#db.prepare('INSERT OR REPLACE INTO pinned (key, shard) VALUES (?, ?)').run(key, name);
  }

  /** Events of the stream up to this revision are in the merged log already, from where it stood before. */
  expectCopies(shard: number, stream: string, revision: number): void {
    const insert = this.#db.prepare('INSERT OR REPLACE INTO copies (stream, shard, revision) VALUES (?, ?, ?)');
    insert.run(stream, shard, revision);
    this.#copies.set(`${shard}/${stream}`, revision);
  }

  /** Takes over which runs have moved from the index of the process that moved them. */
  learnMoves(path: string): void {
    const other = new DatabaseSync(path, { readOnly: true, timeout: 5_000 });
    try {
      for (const { key, shard } of other.prepare('SELECT key, shard FROM pinned').all())
        this.pin(String(key), String(shard));
      const copies = 'SELECT c.stream, c.revision, s.name FROM copies c JOIN shards s ON s.shard = c.shard';
      for (const { stream, revision, name } of other.prepare(copies).all())
        this.expectCopies(this.shard(String(name)).shard, String(stream), Number(revision));
    } finally {
      other.close();
    }
  }

  isCopy(shard: number, stream: string, revision: number): boolean {
    return this.#copies.size > 0 && revision <= (this.#copies.get(`${shard}/${stream}`) ?? -1);
  }

  close(): void {
    this.#db.close();
  }
}
