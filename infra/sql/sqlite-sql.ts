// The SQLite dialect of the read models: JSON is text, and an instant is an integer.
import type { ColumnKind, SqlDialect, StoredInstant } from '@railhead/projections/engine/sql-dialect.ts';
import { type ColumnDataType, sql } from 'kysely';
import { isPassingSqliteError } from '../sqlite/open-sqlite.ts';
import { JSON_AS_TEXT, onConflict } from './stored-values.ts';

export const sqliteSql: SqlDialect = {
  name: 'SQLite',
  bytesOf: (tables) =>
    sql`select sum(pgsize) as bytes from dbstat where name in (select name from sqlite_schema where tbl_name in (${sql.join([...tables])}))`,
  // SQLite allows 32,766. Statements of one size stay prepared, and larger ones are no faster.
  maxParameters: 4_000,
  columnType: (column) => typeOf(column),
  ...JSON_AS_TEXT,
  // Safe casts, as there.
  toInstant: (epochMs) => epochMs as unknown as StoredInstant,
  fromInstant: (stored) => stored as unknown as number,
  isPassing: (error) => isPassingSqliteError(error),
  onExistingKey: onConflict,
};

const typeOf = (column: ColumnKind): ColumnDataType => {
  switch (column.kind) {
    case 'text':
      return `varchar(${column.length})`;
    case 'integer':
    // A key of one position is the row's own number, and no index besides.
    case 'position':
      return 'integer';
    case 'instant':
      return 'bigint';
    case 'json':
      return 'text';
  }
};
