// Questions to the embedded index, in SQL.
import { type ExpressionBuilder, type Kysely, type RawBuilder, type SelectQueryBuilder, sql } from 'kysely';
import { pagesOf } from '../engine/pages.ts';
import type { SqlDialect } from '../engine/sql-dialect.ts';
import {
  type Count,
  type CountedBy,
  type FoundOrders,
  MAX_COUNTS,
  type OrderCounts,
  type OrderCursor,
  type OrderQuestion,
  type OrderSort,
  type TextPart,
  textParts,
} from './order-question.ts';
import { FOUND_TEXT, type OrderSearchTables } from './order-search-tables.ts';
import { isWithin, piecesNear } from './slips.ts';
import { folded, wordsOf } from './words.ts';

type Rows = Kysely<OrderSearchTables>;
type Query = SelectQueryBuilder<OrderSearchTables, 'found_orders', object>;
type Where = ExpressionBuilder<OrderSearchTables, 'found_orders'>;

const SORTED_BY = {
  newest: ['first', 'desc'],
  amount: ['amount_fen', 'desc'],
  departure: ['leaves', 'asc'],
} as const satisfies Readonly<Record<OrderSort, readonly [keyof OrderSearchTables['found_orders'], 'asc' | 'desc']>>;

const COLUMN_OF = { status: 'status', train: 'train', date: 'date', day: 'day' } as const satisfies Readonly<
  Record<CountedBy, keyof OrderSearchTables['found_orders']>
>;

/** The last of all characters: no text that begins with another comes after it. */
const LAST = '\u{10FFFF}';
/** Words in one question to the full-text table. */
const WORDS_AT_ONCE = 200;

export const answerIn = async (rows: Rows, dialect: SqlDialect, question: OrderQuestion): Promise<FoundOrders> => {
  const { sort = 'newest', cursor, limit, countBy } = question;
  const [column, direction] = SORTED_BY[sort];
  const fitting = await fits(rows, dialect, question);
  let query = fitting.select(['order_no', 'view', column]);
  if (cursor !== undefined) query = query.where(isAfter(cursor, column, direction));
  const found = await query
    .orderBy(column, direction)
    .orderBy('order_no', direction)
    .limit(limit + 1)
    .execute();
  const page = found.slice(0, limit);
  const last = page.at(-1);
  return {
    orders: page.map(({ view }) => dialect.fromJson(view)),
    next: found.length > limit && last !== undefined ? { key: last[column], orderNo: last.order_no } : undefined,
    counts: countBy === undefined ? undefined : await countsOf(fitting, countBy),
  };
};

const isAfter = (
  { key, orderNo }: OrderCursor,
  column: (typeof SORTED_BY)[OrderSort][0],
  direction: 'asc' | 'desc',
): RawBuilder<boolean> =>
  direction === 'asc'
    ? sql<boolean>`(${sql.ref(column)}, order_no) > (${key}, ${orderNo})`
    : sql<boolean>`(${sql.ref(column)}, order_no) < (${key}, ${orderNo})`;

const countsOf = async (fitting: Query, countBy: readonly CountedBy[]): Promise<OrderCounts> => {
  const { total } = await fitting.select((each) => each.fn.countAll<number>().as('total')).executeTakeFirstOrThrow();
  const counts: Partial<Record<CountedBy, readonly Count[]>> = {};
  for (const by of countBy) {
    const column = COLUMN_OF[by];
    const rows = await fitting
      .select((each) => [each.ref(column).as('value'), each.fn.countAll<number>().as('orders')])
      .groupBy(column)
      .orderBy('orders', 'desc')
      .orderBy('value')
      .limit(MAX_COUNTS)
      .execute();
    counts[by] = rows;
  }
  return { total, ...counts };
};

/** The rows that fit. */
const fits = async (rows: Rows, dialect: SqlDialect, question: OrderQuestion): Promise<Query> => {
  let query: Query = rows.selectFrom('found_orders').where((where) => where.and(plainly(where, question)));
  const { passenger, passengerBegins, passengerHas, text } = question;
  const named = (sqlOf: RawBuilder<unknown>) =>
    sql<boolean>`first in (select first from ${sql.table('found_names')} where ${sqlOf})`;
  if (passenger !== undefined) query = query.where(named(sql`name = ${folded(passenger)}`));
  if (passengerBegins !== undefined) {
    const begins = folded(passengerBegins);
    query = query.where(named(sql`name >= ${begins} and name < ${begins + LAST}`));
  }
  if (passengerHas !== undefined) {
    const words = wordsOf(folded(passengerHas));
    query = query.where(words.length === 0 ? NEVER : hasWords(`{names} : ${phrase(words)}`));
  }
  if (text === undefined) return query;
  const parts = textParts(text);
  if (parts.length === 0) return query.where(NEVER);
  for (const part of parts) {
    const near = await wordsNear(rows, dialect, part);
    query = query.where((where) => where.or(waysOf(where, part, near)));
  }
  return query;
};

const NEVER = sql<boolean>`1 = 0`;

const plainly = (where: Where, question: OrderQuestion) => {
  const { orderNo, orderNoBegins, userId, train, status, from, to, station } = question;
  const { dateFrom, dateTo, amountFenFrom, amountFenTo, requestedFromMs, requestedToMs } = question;
  const is = (
    column: keyof OrderSearchTables['found_orders'],
    how: '=' | '>=' | '<=',
    value: string | number | undefined,
  ) => (value === undefined ? [] : [where(column, how, value)]);
  const at = (which: readonly ('from' | 'to')[], place: string | undefined) =>
    place === undefined
      ? []
      : [where.or(which.flatMap((end) => [where(`${end}_code`, '=', place), where(`${end}_name`, '=', place)]))];
  return [
    ...is('order_no', '=', orderNo),
    ...is('order_no', '>=', orderNoBegins),
    ...(orderNoBegins === undefined ? [] : [where('order_no', '<', orderNoBegins + LAST)]),
    ...is('user_id', '=', userId),
    ...is('train', '=', train),
    ...is('status', '=', status),
    ...is('date', '>=', dateFrom),
    ...is('date', '<=', dateTo),
    ...is('amount_fen', '>=', amountFenFrom),
    ...is('amount_fen', '<=', amountFenTo),
    ...is('requested_ms', '>=', requestedFromMs),
    ...is('requested_ms', '<=', requestedToMs),
    ...at(['from'], from),
    ...at(['to'], to),
    ...at(['from', 'to'], station),
  ];
};

/** Words are letters and digits, so they need no quotes but these. */
const phrase = (words: readonly string[]): string => `"${words.join(' ')}"`;

const hasWords = (match: string): RawBuilder<boolean> =>
  sql<boolean>`first in (select rowid from ${sql.table(FOUND_TEXT)} where ${sql.table(FOUND_TEXT)} match ${match})`;

const waysOf = (where: Where, { words, begins, status, amountFen }: TextPart, near: readonly string[]) => [
  hasWords(`{words} : ${phrase(words)}`),
  ...(begins ? [hasWords(`{words} : ${phrase(words)} *`)] : []),
  ...[...pagesOf(near, WORDS_AT_ONCE)].map((page) =>
    hasWords(`{words} : (${page.map((word) => phrase([word])).join(' OR ')})`),
  ),
  ...(status === undefined ? [] : [where('status', '=', status)]),
  ...(amountFen === undefined ? [] : [where('amount_fen', '=', amountFen)]),
];

/** The words that are there and may have been meant. */
const wordsNear = async (
  rows: Rows,
  { maxParameters }: SqlDialect,
  { words: [word = ''], slips }: TextPart,
): Promise<readonly string[]> => {
  if (slips === 0) return [];
  const near = new Set<string>();
  for (const page of pagesOf([...piecesNear(word, slips)], maxParameters)) {
    const found = await rows.selectFrom('found_pieces').select('word').distinct().where('piece', 'in', page).execute();
    for (const { word: other } of found) if (isWithin(slips, word, other)) near.add(other);
  }
  return [...near];
};
