// The SQLite dialect of the read models: JSON is text, and an instant is an integer.
import type { ColumnKind, SqlDialect, StoredInstant, StoredJson } from '@railhead/projections/engine/sql-dialect.ts';
import { type ColumnDataType, sql } from 'kysely';
import { isPassingSqliteError } from '../sqlite/open-sqlite.ts';

export const sqliteSql: SqlDialect = {
  // SQLite allows 32,766. Statements of one size stay prepared, and larger ones are no faster.
  maxParameters: 4_000,
  columnType: (column) => typeOf(column),
  // Safe casts: only these functions make stored values and look inside them.
  toJson: <Value>(value: Value) => JSON.stringify(value) as unknown as StoredJson<Value>,
  fromJson: <Value>(stored: StoredJson<Value>) => JSON.parse(stored as unknown as string) as Value,
  toInstant: (epochMs) => epochMs as unknown as StoredInstant,
  fromInstant: (stored) => stored as unknown as number,
  isPassing: (error) => isPassingSqliteError(error),
  onExistingKey: (key, others) => {
    const conflict = sql`on conflict (${sql.join(key.map((column) => sql.ref(column)))})`;
    if (others.length === 0) return sql`${conflict} do nothing`;
    const changes = others.map((column) => sql`${sql.ref(column)} = ${sql.ref(`excluded.${column}`)}`);
    return sql`${conflict} do update set ${sql.join(changes)}`;
  },
};

const typeOf = (column: ColumnKind): ColumnDataType => {
  switch (column.kind) {
    case 'text':
      return `varchar(${column.length})`;
    case 'integer':
      return 'integer';
    case 'position':
    case 'instant':
      return 'bigint';
    case 'json':
      return 'text';
  }
};
