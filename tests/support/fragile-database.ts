// A database in memory whose process dies at a given statement; what was committed stays.
import { DatabaseSync, type SQLInputValue } from 'node:sqlite';
import { sqliteSql } from '@railhead/infra/sql/sqlite-sql.ts';
import type { EngineTables, ReadDatabase } from '@railhead/projections/engine/read-database.ts';
import { Kysely, SqliteDialect, type SqliteStatement } from 'kysely';

export class FragileDatabase {
  readonly #db = new DatabaseSync(':memory:');
  readonly #transactional: boolean;
  #left = Number.POSITIVE_INFINITY;

  /** Not `transactional`: every statement is committed at once, as MySQL does with definitions of tables. */
  constructor({ transactional }: { readonly transactional: boolean }) {
    this.#transactional = transactional;
  }

  /** Opens it for a process that dies after so many statements; by default never. */
  open(statements = Number.POSITIVE_INFINITY): ReadDatabase {
    if (this.#db.isTransaction) this.#db.exec('rollback');
    this.#left = statements;
    const database = { prepare: (text: string) => this.#prepare(text), close: () => {} };
    return { db: new Kysely<EngineTables>({ dialect: new SqliteDialect({ database }) }), dialect: sqliteSql };
  }

  #prepare(text: string): SqliteStatement {
    this.#left -= 1;
    if (this.#left < 0) throw new Error('the process has died');
    const ofTransaction = /^(begin|commit|rollback)/.test(text);
    const statement = this.#db.prepare(ofTransaction && !this.#transactional ? 'select 1' : text);
    // Kysely passes what its callers gave; the table types allow nothing that SQLite does not take.
    const values = (parameters: readonly unknown[]) => parameters as SQLInputValue[];
    return {
      reader: statement.columns().length > 0,
      all: (parameters) => statement.all(...values(parameters)),
      run: (parameters) => statement.run(...values(parameters)),
      iterate: (parameters) => statement.iterate(...values(parameters)),
    };
  }
}
