// The order in which the merge reader received the events of all shards: for each merged position, a shard and a
// position there. Kept beside the read models. Without this file the order changes, so read models are built again.
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { fingerprintOf, type Position, type RecordedEvent } from '@railhead/commands/ports/event-store.ts';
import { openSqlite } from '../../sqlite/open-sqlite.ts';

export type Placed = { readonly merged: Position; readonly shard: number; readonly position: Position };

const VERSION = 2;
const DROP = ['merged', 'shards', 'aliases', 'heads'].map((table) => `DROP TABLE IF EXISTS ${table};`).join(' ');

const TABLES = `
  CREATE TABLE IF NOT EXISTS merged (
    merged INTEGER PRIMARY KEY, shard INTEGER NOT NULL, position INTEGER NOT NULL, UNIQUE (shard, position)
  ) STRICT;
  CREATE TABLE IF NOT EXISTS shards (
    shard INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, position INTEGER NOT NULL,
    met INTEGER NOT NULL, fingerprint TEXT NOT NULL
  ) STRICT;
  CREATE TABLE IF NOT EXISTS aliases (
    shard INTEGER NOT NULL, position INTEGER NOT NULL, merged INTEGER NOT NULL, PRIMARY KEY (shard, position)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS heads (stream TEXT PRIMARY KEY, revision INTEGER NOT NULL) STRICT, WITHOUT ROWID;
`;

export class MergeIndex {
  readonly #db: DatabaseSync;
  readonly #insert: StatementSync;
  readonly #reach: StatementSync;
  readonly #meet: StatementSync;
  readonly #page: StatementSync;
  readonly #find: StatementSync;
  readonly #before: StatementSync;
  readonly #head: StatementSync;
  readonly #setHead: StatementSync;
  #last: Position;

  /** `path` of its file, or `:memory:`. */
  constructor(path: string) {
    this.#db = openSqlite(path, (db) => {
      db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL');
      if (db.prepare('PRAGMA user_version').get()?.user_version !== VERSION) db.exec(DROP);
      db.exec(`${TABLES} PRAGMA user_version = ${VERSION}`);
    });
    this.#insert = this.#db.prepare('INSERT INTO merged (merged, shard, position) VALUES (?, ?, ?)');
    this.#reach = this.#db.prepare('UPDATE shards SET position = ? WHERE shard = ?');
    this.#meet = this.#db.prepare('UPDATE shards SET met = ?, fingerprint = ? WHERE shard = ?');
    this.#page = this.#db.prepare(
      'SELECT merged, shard, position FROM merged WHERE merged > ? ORDER BY merged LIMIT ?',
    );
    this.#find = this.#db.prepare(
      `SELECT merged FROM merged WHERE shard = ?1 AND position = ?2
       UNION ALL SELECT merged FROM aliases WHERE shard = ?1 AND position = ?2`,
    );
    this.#before = this.#db.prepare('SELECT max(position) AS position FROM merged WHERE shard = ? AND position < ?');
    this.#last = Number(this.#db.prepare('SELECT coalesce(max(merged), 0) AS last FROM merged').get()?.last);
    this.#head = this.#db.prepare('SELECT revision FROM heads WHERE stream = ?');
    this.#setHead = this.#db.prepare('INSERT OR REPLACE INTO heads (stream, revision) VALUES (?, ?)');
  }

  get last(): Position {
    return this.#last;
  }

  /** The newest event met of a shard, and what proves that the shard is still of the same history. */
  proofOf(shard: number): { readonly position: Position; readonly fingerprint: string } {
    const row = this.#db.prepare('SELECT met, fingerprint FROM shards WHERE shard = ?').get(shard);
    return { position: Number(row?.met ?? 0), fingerprint: String(row?.fingerprint ?? '') };
  }

  /** Nothing after the newest event met is known of the shard: what is there now may have come since. */
  readFromProof(shard: number): void {
    this.#db.prepare('UPDATE shards SET position = met WHERE shard = ?').run(shard);
  }

  /** Forgets the whole order. Shards keep their numbers. */
  clear(): void {
    this.#db.exec(`BEGIN; DELETE FROM merged; DELETE FROM aliases; DELETE FROM heads;
      UPDATE shards SET position = 0, met = 0, fingerprint = ''; COMMIT`);
    this.#last = 0;
  }

  /** The number of a shard here, by its name, and how far it has been read: the position vector's entry. */
  shard(name: string): { readonly shard: number; readonly position: Position } {
    this.#db.prepare("INSERT OR IGNORE INTO shards (name, position, met, fingerprint) VALUES (?, 0, 0, '')").run(name);
    const row = this.#db.prepare('SELECT shard, position FROM shards WHERE name = ?').get(name);
    return { shard: Number(row?.shard), position: Number(row?.position) };
  }

  /**
   * Gives the next merged positions to events of a shard, in order, and stores the heads of runs' streams. Returns the
   * first.
   */
  add(
    shard: number,
    events: readonly RecordedEvent[],
    reached: Position,
    heads: ReadonlyMap<string, number> = new Map(),
  ): Position {
    const first = this.#last + 1;
    let next = this.#last;
    this.#db.exec('BEGIN IMMEDIATE');
    try {
      for (const { position } of events) {
        next += 1;
        this.#insert.run(next, shard, position);
      }
      for (const [stream, revision] of heads) this.#setHead.run(stream, revision);
      const newest = events.at(-1);
      if (newest !== undefined) this.#meet.run(newest.position, fingerprintOf(newest), shard);
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

  /** Of the event of a shard that was met before the one at `position`; 0 for none. */
  positionBefore(shard: number, position: Position): Position {
    return Number(this.#before.get(shard, position)?.position ?? 0);
  }

  /** The last merged revision of a run's stream; -1 if there is none. */
  headOf(stream: string): number {
    return Number(this.#head.get(stream)?.revision ?? -1);
  }

  /** Gives a copied event the merged position of its original. */
  alias(shard: number, position: Position, merged: Position): void {
    this.#db.prepare('INSERT OR REPLACE INTO aliases VALUES (?, ?, ?)').run(shard, position, merged);
  }

  close(): void {
    this.#db.close();
  }
}
