// What SQL databases do each in their own way, as far as read models need it. Whatever they share goes through Kysely.
import type { ColumnDataType, RawBuilder } from 'kysely';

declare const json: unique symbol;
declare const instant: unique symbol;

/** A JSON document as the driver takes and gives it: text for one, an object for another. Only a dialect looks inside. */
export type StoredJson<Value> = { readonly [json]: Value };
/** An instant as the driver takes and gives it. Stored instants of one database sort by time. */
export type StoredInstant = { readonly [instant]: true };

/** What a column holds. `length` counts characters; `position` is a place in the log. */
export type ColumnKind =
  | { readonly kind: 'text'; readonly length: number }
  | { readonly kind: 'integer' }
  | { readonly kind: 'position' }
  | { readonly kind: 'json' }
  | { readonly kind: 'instant' };

/**
 * For whoever brings another database: implement this beside a Kysely `Dialect`, and pass
 * `tests/contract/sql-dialect.contract.ts`.
 *
 * Of the Kysely dialect the read models expect three things. Numbers come back as numbers, 64-bit columns too
 * (`pg`: set a type parser for int8). A transaction sees what it wrote. Text compares by its exact characters
 * (MySQL: a binary collation), for keys are text.
 *
 * Definition of tables need not be part of a transaction (it is not in MySQL): `prepareTables` survives a crash between
 * any two statements.
 */
export interface SqlDialect {
  /**
   * Values that one statement may bind; statements of more rows are cut into several. Not above what the database takes:
   * 65,535 in PostgreSQL and MySQL, 32,766 in SQLite.
   */
  readonly maxParameters: number;

  /** The type of a column, as it stands in `create table`. It must be able to stand in a key, unless it holds JSON. */
  columnType(column: ColumnKind): ColumnDataType | RawBuilder<unknown>;

  /** `fromJson(toJson(value))` equals `value`, for whatever JSON can carry; the order of an object's keys may be lost. */
  toJson<Value>(value: Value): StoredJson<Value>;
  fromJson<Value>(stored: StoredJson<Value>): Value;

  /** Milliseconds since the epoch, to the millisecond, whatever the zone of the database or of its session. */
  toInstant(epochMs: number): StoredInstant;
  fromInstant(stored: StoredInstant): number;

  /**
   * The end of an `insert` statement: where a row with the same `key` is there, its `others` get the new values, in
   * place; nothing is deleted. `others` may be empty: the row stays as it is.
   *
   *     SQLite, PostgreSQL   on conflict (key) do update set a = excluded.a
   *     MySQL, MariaDB       on duplicate key update a = values(a)
   *
   * No key occurs twice in one statement: PostgreSQL would refuse it.
   */
  onExistingKey(key: readonly string[], others: readonly string[]): RawBuilder<unknown>;
}
