// A page of a table in the order of an index, in bounded time: where no index answers a condition, so many rows are looked
// at and no more, and the page may end before it is full.
import { type Kysely, type RawBuilder, type SqlBool, sql } from 'kysely';

export type Condition = RawBuilder<SqlBool>;

/** The values of a row's keys, in the form of the database. */
export type RowKeys = readonly unknown[];

export type PageQuestion = {
  readonly table: string;
  readonly columns: readonly string[];
  /** Rows come in the order of these; together they are unique. An index has them behind what `found` names. */
  readonly keys: readonly string[];
  readonly direction: 'asc' | 'desc';
  /** Conditions that an index answers, and others that leave few rows. */
  readonly found: readonly Condition[];
  /** Conditions for which rows have to be looked at. */
  readonly looked: readonly Condition[];
  /** The keys of the last row of the page before. */
  readonly after: RowKeys | undefined;
  readonly limit: number;
};

/** `next`: what the next page comes after; undefined after the last one. A page may be empty and have a next one. */
export type PageOfRows<Row> = { readonly rows: readonly Row[]; readonly next: RowKeys | undefined };

/** Rows that a page looks at, where it has to. */
export const MOST_LOOKED_AT = 5_000;

export const equal = (column: string, value: unknown): Condition => sql`${sql.ref(column)} = ${value}`;
export const atLeast = (column: string, value: unknown): Condition => sql`${sql.ref(column)} >= ${value}`;
export const atMost = (column: string, value: unknown): Condition => sql`${sql.ref(column)} <= ${value}`;
export const oneOf = (column: string, values: readonly unknown[]): Condition =>
  sql`${sql.ref(column)} in (${sql.join(values)})`;

export const pageOfRows = async <Tables, Row extends Readonly<Record<string, unknown>>>(
  db: Kysely<Tables>,
  { table, columns, keys, direction, found, looked, after, limit }: PageQuestion,
  mostLookedAt = MOST_LOOKED_AT,
): Promise<PageOfRows<Row>> => {
  const order = sql.join(keys.map((key) => sql`${sql.ref(key)} ${sql.raw(direction)}`));
  const started = after === undefined ? found : [...found, behind(keys, direction, after)];
  const keysOf = (row: Readonly<Record<string, unknown>> | undefined): RowKeys | undefined =>
    row === undefined ? undefined : keys.map((key) => row[key]);
  const select = async (wanted: readonly string[], where: readonly Condition[], rest: RawBuilder<unknown>) => {
    const conditions = where.length === 0 ? sql`` : sql`where ${sql.join(where, sql` and `)}`;
    const names = sql.join(wanted.map((column) => sql.ref(column)));
    // Safe cast by the caller: rows have the columns that it names.
    const { rows } =
      await sql<Row>`select ${names} from ${sql.table(table)} ${conditions} order by ${order} ${rest}`.execute(db);
    return rows;
  };
  const [last] =
    looked.length === 0 ? [] : await select(keys, started, sql`limit 1 offset ${sql.lit(mostLookedAt - 1)}`);
  const end = keysOf(last);
  const where = [...started, ...looked, ...(end === undefined ? [] : [upTo(keys, direction, end)])];
  const rows = await select([...new Set([...columns, ...keys])], where, sql`limit ${sql.lit(limit + 1)}`);
  const page = rows.slice(0, limit);
  return { rows: page, next: rows.length > limit ? keysOf(page.at(-1)) : end };
};

/** By the first key alone as well, because not every database takes the rest for a range of its index. */
const behind = ([first = '', second]: readonly string[], direction: 'asc' | 'desc', after: RowKeys): Condition => {
  const [a, b] = after;
  const past = sql.raw(direction === 'desc' ? '<' : '>');
  if (second === undefined) return sql`${sql.ref(first)} ${past} ${a}`;
  return sql`${sql.ref(first)} ${past}= ${a} and (${sql.ref(first)} ${past} ${a} or ${sql.ref(second)} ${past} ${b})`;
};

const upTo = ([first = '', second]: readonly string[], direction: 'asc' | 'desc', end: RowKeys): Condition => {
  const [a, b] = end;
  const before = sql.raw(direction === 'desc' ? '>' : '<');
  if (second === undefined) return sql`${sql.ref(first)} ${before}= ${a}`;
  return sql`${sql.ref(first)} ${before}= ${a} and (${sql.ref(first)} ${before} ${a} or ${sql.ref(second)} ${before}= ${b})`;
};
