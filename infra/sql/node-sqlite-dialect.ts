// Kysely's SQLite dialect on Node's built-in SQLite.
import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import { type SqliteDatabase, SqliteDialect, type SqliteStatement } from 'kysely';
import { LRUCache } from 'lru-cache';
import { openSqlite } from '../sqlite/open-sqlite.ts';

/** Prepared statements that are kept; the read side has few different queries. */
const MAX_PREPARED = 200;
/**
 * SQLite needs memory for each in proportion to its text, which no heap shows. Statements for many rows are the longest,
 * and nearly each is another one: they are not kept.
 */
const MAX_KEPT_TEXT = 4_000;

/** Runs what SQLite does, and may throw another error than SQLite threw. */
export type Guard = <Value>(work: () => Value) => Value;
const UNGUARDED: Guard = (work) => work();

type Ran = { changes: number | bigint; lastInsertRowid: number | bigint };

/** SQLite itself rolls back on a full disk. An error about that would hide why. */
const rollback = (db: DatabaseSync): SqliteStatement => ({
  reader: false,
  all: () => [],
  iterate: () => [].values(),
  run: () => {
    if (db.isTransaction) db.exec('ROLLBACK');
    return { changes: 0, lastInsertRowid: 0 };
  },
});

class Statement implements SqliteStatement {
  readonly reader: boolean;
  readonly #statement: StatementSync;
  readonly #guard: Guard;

  constructor(statement: StatementSync, guard: Guard) {
    this.#statement = statement;
    this.#guard = guard;
    this.reader = statement.columns().length > 0;
  }

  all(parameters: readonly unknown[]): unknown[] {
    return this.#guard(() => this.#statement.all(...values(parameters)));
  }

  run(parameters: readonly unknown[]): Ran {
    return this.#guard(() => this.#statement.run(...values(parameters)));
  }

  *iterate(parameters: readonly unknown[]): IterableIterator<unknown> {
    const rows = this.#statement.iterate(...values(parameters));
    for (;;) {
      const { done, value } = this.#guard(() => rows.next());
      if (done === true) return;
      yield value;
    }
  }
}

/** Safe cast: Kysely passes on its callers' values, and the table types allow only what SQLite accepts. */
const values = (parameters: readonly unknown[]): SQLInputValue[] => parameters as SQLInputValue[];

/** One file; `reopen` closes it, and opens what stands at its path by then. No transaction may be under way. */
export class NodeSqliteFile implements SqliteDatabase {
  readonly #path: string;
  readonly #guard: Guard;
  readonly #onClosed: () => void;
  readonly #prepared = new LRUCache<string, Statement>({ max: MAX_PREPARED });
  #db;

  constructor(path: string, guard: Guard = UNGUARDED, onClosed: () => void = () => {}) {
    this.#path = path;
    this.#onClosed = onClosed;
    this.#guard = guard;
    this.#db = openReadFile(path);
  }

  prepare(sql: string): SqliteStatement {
    if (sql === 'rollback') return rollback(this.#db);
    const known = this.#prepared.get(sql);
    if (known !== undefined) return known;
    const statement = this.#guard(() => new Statement(this.#db.prepare(sql), this.#guard));
    if (sql.length <= MAX_KEPT_TEXT) this.#prepared.set(sql, statement);
    return statement;
  }

  reopen(between: () => void): void {
    this.#close();
    between();
    this.#db = openReadFile(this.#path);
  }

  close(): void {
    this.#close();
    this.#onClosed();
  }

  #close(): void {
    this.#prepared.clear();
    this.#db.close();
  }
}

// Read models can be built again, so a commit need not survive a power cut. It does survive the process.
const PRAGMAS = 'PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA cache_size = -65536';
const CHECKED_BEFORE = (): void => {};
const openReadFile = (path: string) => openSqlite(path, (opened) => opened.exec(PRAGMAS), CHECKED_BEFORE);

export const nodeSqliteDialect = (path: string): SqliteDialect =>
  new SqliteDialect({ database: new NodeSqliteFile(path) });
