// Kysely's SQLite dialect on the SQLite that comes with Node.
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import { SqliteDialect, type SqliteStatement } from 'kysely';
import { LRUCache } from 'lru-cache';

/** Statements kept prepared; queries of the read side are few and alike. */
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

/** Kysely passes what its callers gave; the table types allow nothing that SQLite does not take. */
const values = (parameters: readonly unknown[]): SQLInputValue[] => parameters as SQLInputValue[];

export const nodeSqliteDialect = (path: string): SqliteDialect => {
  const db = new DatabaseSync(path, { timeout: 5_000 });
  // A read model can always be built again, so it need not survive a power cut; it does survive the process.
  db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA cache_size = -65536');
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
