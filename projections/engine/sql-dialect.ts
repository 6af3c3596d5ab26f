// What differs between SQL databases, as far as read models need it. Everything else is the same through Kysely.
import type { ColumnDataType, RawBuilder } from 'kysely';

declare const json: unique symbol;
declare const instant: unique symbol;

/** A JSON document in the driver's form: text or an object. Only a dialect looks inside. */
export type StoredJson<Value> = { readonly [json]: Value };
/** An instant in the driver's form. The stored instants of one database sort by time. */
export type StoredInstant = { readonly [instant]: true };

/** What a column holds. `length` counts characters; `position` is a position in the log. */
export type ColumnKind =
  | { readonly kind: 'text'; readonly length: number }
  | { readonly kind: 'integer' }
  | { readonly kind: 'position' }
  | { readonly kind: 'json' }
  | { readonly kind: 'instant' };

/**
 * To add a database, implement this beside a Kysely `Dialect`, and pass `tests/contract/sql-dialect.contract.ts`.
 *
 * Read models expect three things of the Kysely dialect. Numbers come back as numbers, 64-bit columns too (`pg`: set a
 * type parser for int8). A transaction sees its own writes. Text compares by its exact characters (MySQL: a binary
 * collation), because keys are text.
 *
 * Tables need not be defined in a transaction (MySQL cannot do it): `prepareTables` survives a crash between any two
 * statements.
 */
export interface SqlDialect {
  /** The database, as people call it. */
  readonly name: string;

  /** How many bytes these tables take on disk, with their indexes, as a query whose row has `bytes`. */
  bytesOf(tables: readonly string[]): RawBuilder<{ readonly bytes: number | null }>;

  /**
   * The most values that one statement may bind; statements with more rows are split. At most what the database
   * accepts: 65,535 in PostgreSQL and MySQL, 32,766 in SQLite.
   */
  readonly maxParameters: number;

  /** The type of a column in `create table`. Unless the column holds JSON, the type must be allowed in a key. */
  columnType(column: ColumnKind): ColumnDataType | RawBuilder<unknown>;

  /** `fromJson(toJson(value))` equals `value`, for every JSON value; the order of an object's keys may be lost. */
  toJson<Value>(value: Value): StoredJson<Value>;
  fromJson<Value>(stored: StoredJson<Value>): Value;

  /** Exact to the millisecond since the epoch, whatever the time zone of the database or of its session. */
  toInstant(epochMs: number): StoredInstant;
  fromInstant(stored: StoredInstant): number;

  /**
   * True for an error of the driver that comes from the state of the database and not from the statement (no room left,
   * no connection, a lock held by another, a disk that fails). The statement is then run again until it passes.
   */
  isPassing(error: unknown): boolean;

  /**
   * The end of an `insert` statement. Where a row with the same `key` exists, its `others` get the new values in place;
   * nothing is deleted. With empty `others` the row stays as it is.
   *
   *     SQLite, PostgreSQL   on conflict (key) do update set a = excluded.a
   *     MySQL, MariaDB       on duplicate key update a = values(a)
   *
   * No key occurs twice in one statement, because PostgreSQL would refuse that.
   */
  onExistingKey(key: readonly string[], others: readonly string[]): RawBuilder<unknown>;

  /**
   * Statements before and after what only one process may do at a time, on one connection. Absent: the database is of
   * one process alone.
   */
  exclusively?(what: string): { readonly begin: RawBuilder<unknown>; readonly end: RawBuilder<unknown> };
}
