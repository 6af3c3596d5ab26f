// Kysely's SQLite dialect on Node's built-in SQLite.
import type { SQLInputValue, StatementSync } from 'node:sqlite';
import { SqliteDialect, type SqliteStatement } from 'kysely';
import { LRUCache } from 'lru-cache';
import { openSqlite } from '../sqlite/open-sqlite.ts';

/** Size of the cache of prepared statements; the read side has few different queries. */
const MAX_PREPARED = 200;

class Statement implements SqliteStatement {
  readonly reader: boolean;
  readonly #statement: StatementSync;

  constructor(statement: StatementSync) {
    this.#statement = statement;
    this.reader = statement.columns().length > 0;
  }

  all(parameters: readonly unknown[]): unknown[] {
    return this.#statement.all(...values(parameters));
  }

  run(parameters: readonly unknown[]): { changes: number | bigint; lastInsertRowid: number | bigint } {
    return this.#statement.run(...values(parameters));
  }

  iterate(parameters: readonly unknown[]): IterableIterator<unknown> {
    return this.#statement.iterate(...values(parameters));
  }
}

/** Safe cast: Kysely passes on its callers' values, and the table types allow only what SQLite accepts. */
const values = (parameters: readonly unknown[]): SQLInputValue[] => parameters as SQLInputValue[];

export const nodeSqliteDialect = (path: string): SqliteDialect => {
  // Read models can be built again, so a commit need not survive a power cut. It does survive the process.
  const pragmas = 'PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA cache_size = -65536';
  const db = openSqlite(path, (opened) => opened.exec(pragmas));
  const prepared = new LRUCache<string, Statement>({ max: MAX_PREPARED });
  return new SqliteDialect({
    database: {
      close: () => db.close(),
      prepare: (sql: string): SqliteStatement => {
        const known = prepared.get(sql);
        if (known !== undefined) return known;
        const statement = new Statement(db.prepare(sql));
        prepared.set(sql, statement);
        return statement;
      },
    },
  });
};
