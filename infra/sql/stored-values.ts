// What several databases store alike.
import type { SqlDialect, StoredInstant, StoredJson } from '@railhead/projections/engine/sql-dialect.ts';
import { type RawBuilder, sql } from 'kysely';

// Safe casts: only these functions make stored values and look inside them.

/** JSON as its own text. */
export const JSON_AS_TEXT: Pick<SqlDialect, 'toJson' | 'fromJson'> = {
  toJson: <Value>(value: Value) => JSON.stringify(value) as unknown as StoredJson<Value>,
  fromJson: <Value>(stored: StoredJson<Value>) => JSON.parse(stored as unknown as string) as Value,
};

/** Instants as the dates of the driver. */
export const INSTANTS_AS_DATES: Pick<SqlDialect, 'toInstant' | 'fromInstant'> = {
  toInstant: (epochMs) => new Date(epochMs) as unknown as StoredInstant,
  fromInstant: (stored) => (stored as unknown as Date).getTime(),
};

/** As SQLite and PostgreSQL say it. */
export const onConflict = (key: readonly string[], others: readonly string[]): RawBuilder<unknown> => {
  const conflict = sql`on conflict (${sql.join(key.map((column) => sql.ref(column)))})`;
  if (others.length === 0) return sql`${conflict} do nothing`;
  const changes = others.map((column) => sql`${sql.ref(column)} = ${sql.ref(`excluded.${column}`)}`);
  return sql`${conflict} do update set ${sql.join(changes)}`;
};
