// Payments, refunds, tickets and unpaid orders, page by page.
import { MAX_PAYMENTS } from '@railhead/commands/payments/create-payment.ts';
import { MAX_ITEM_NO, ticketNoOf } from '@railhead/domain/order/ticket.ts';
import { orderNoOfPayment, paymentNoOf } from '@railhead/domain/payment/stream.ts';
import type { Kysely } from 'kysely';
import {
  atLeast,
  atMost,
  type Condition,
  equal,
  oneOf,
  type PageQuestion,
  pageOfRows,
} from '../engine/page-of-rows.ts';
import type { SqlDialect, StoredInstant, StoredJson } from '../engine/sql-dialect.ts';
import type { ListedPayment, ListedRefund, ListedTicket, UnpaidOrder } from './sales-rows.ts';
import type { SalesTables } from './sales-tables.ts';

/** The last row of a page: by its time (ms since the epoch), and of those of one time by its number. */
export type SalesCursor = { readonly atMs: number; readonly no: string };
export type SalesPage<Row> = { readonly rows: readonly Row[]; readonly next: SalesCursor | undefined };

type Paged = { readonly cursor?: SalesCursor | undefined; readonly limit: number };
/** Both included. */
type Times = { readonly fromMs?: number | undefined; readonly toMs?: number | undefined };

export type PaymentFilter = Paged &
  Times & {
    readonly paymentNo?: string | undefined;
    readonly orderNo?: string | undefined;
    readonly userId?: string | undefined;
    readonly channel?: string | undefined;
    readonly status?: string | undefined;
  };
export type RefundFilter = Omit<PaymentFilter, 'channel'> & { readonly refundNo?: string | undefined };
export type TicketFilter = Paged & {
  readonly ticketNo?: string | undefined;
  readonly orderNo?: string | undefined;
  readonly train?: string | undefined;
  readonly date?: string | undefined;
  readonly status?: string | undefined;
};

/** What is asked, by the most selective index first: the first part is found by it, the others are looked for. */
const inTurn = (parts: readonly (Condition | undefined)[]): Pick<PageQuestion, 'found' | 'looked'> => {
  const [first, ...others] = parts.filter((part) => part !== undefined);
  return { found: first === undefined ? [] : [first], looked: others };
};

const whether = (column: string, value: unknown): Condition | undefined =>
  value === undefined ? undefined : equal(column, value);

type Listed = {
  readonly table: keyof SalesTables & string;
  readonly time: string;
  readonly no: string;
  readonly document: string;
  readonly direction?: 'asc';
};

export class SalesQueries {
  readonly #db: Kysely<SalesTables>;
  readonly #dialect: SqlDialect;
  readonly #mostLookedAt: number | undefined;

  constructor(db: Kysely<SalesTables>, dialect: SqlDialect, mostLookedAt?: number) {
    this.#db = db;
    this.#dialect = dialect;
    this.#mostLookedAt = mostLookedAt;
  }

  /** Newest first, by the instant at which they were started. */
  payments({ paymentNo, orderNo, userId, channel, status, ...page }: PaymentFilter): Promise<SalesPage<ListedPayment>> {
    const { found, looked } = inTurn([
      whether('payment_no', paymentNo),
      orderNo === undefined
        ? undefined
        : oneOf(
            'payment_no',
            numbers(MAX_PAYMENTS, (n) => paymentNoOf(orderNo, n)),
          ),
      whether('user_id', userId),
      whether('status', status),
    ]);
    const conditions = { found, looked: [...looked, ...asList(whether('channel', channel))] };
    return this.#page(
      { table: 'payments', time: 'started_at', no: 'payment_no', document: 'payment' },
      conditions,
      page,
    );
  }

  /** Newest first, by the instant at which they were asked for. */
  refunds({ refundNo, paymentNo, orderNo, userId, status, ...page }: RefundFilter): Promise<SalesPage<ListedRefund>> {
    const of = orderNo ?? (paymentNo === undefined ? undefined : orderNoOfPayment(paymentNo));
    const byNumber = [whether('refund_no', refundNo), whether('order_no', of)];
    const conditions = inTurn([...byNumber, whether('user_id', userId), whether('status', status)]);
    const looked = [...conditions.looked, ...asList(whether('payment_no', paymentNo))];
    return this.#page(
      { table: 'refunds', time: 'requested_at', no: 'refund_no', document: 'refund' },
      { ...conditions, looked },
      page,
    );
  }

  /** Newest first, by the instant at which they were issued. */
  tickets({ ticketNo, orderNo, train, date, status, ...page }: TicketFilter): Promise<SalesPage<ListedTicket>> {
    const byNumber = inTurn([
      whether('ticket_no', ticketNo),
      orderNo === undefined
        ? undefined
        : oneOf(
            'ticket_no',
            numbers(MAX_ITEM_NO, (n) => ticketNoOf(orderNo, n)),
          ),
    ]);
    const byRun = [...asList(whether('train', train)), ...asList(whether('date', date))];
    // An index has the two together; for one alone, rows are looked at.
    const isOfRun = byNumber.found.length === 0 && train !== undefined && date !== undefined;
    const conditions = {
      found: isOfRun ? byRun : byNumber.found,
      looked: [...byNumber.looked, ...(isOfRun ? [] : byRun), ...asList(whether('status', status))],
    };
    return this.#page({ table: 'tickets', time: 'issued_at', no: 'ticket_no', document: 'ticket' }, conditions, page);
  }

  /** Those that wait for their payment, soonest end of their time first; with `untilMs`, those whose time ends by then. */
  unpaid({ untilMs, ...page }: Paged & { readonly untilMs?: number | undefined }): Promise<SalesPage<UnpaidOrder>> {
    const list = {
      table: 'unpaid_orders',
      time: 'pay_before',
      no: 'order_no',
      document: 'unpaid',
      direction: 'asc',
    } as const;
    return this.#page(list, { found: [], looked: [] }, { ...page, toMs: untilMs });
  }

  async #page<Row>(
    { table, time, no, document, direction }: Listed,
    { found, looked }: Pick<PageQuestion, 'found' | 'looked'>,
    { cursor, limit, fromMs, toMs }: Paged & Times,
  ): Promise<SalesPage<Row>> {
    const dialect = this.#dialect;
    const times = [
      ...(fromMs === undefined ? [] : [atLeast(time, dialect.toInstant(fromMs))]),
      ...(toMs === undefined ? [] : [atMost(time, dialect.toInstant(toMs))]),
    ];
    const question: PageQuestion = {
      table,
      columns: [document],
      keys: [time, no],
      direction: direction ?? 'desc',
      found: [...found, ...times],
      looked,
      after: cursor === undefined ? undefined : [dialect.toInstant(cursor.atMs), cursor.no],
      limit,
    };
    // Safe casts: `sales-tables.ts` says what these columns hold.
    const { rows, next } = await pageOfRows<SalesTables, Readonly<Record<string, StoredJson<Row>>>>(
      this.#db,
      question,
      this.#mostLookedAt,
    );
    const [at, last] = (next ?? []) as readonly [StoredInstant?, string?];
    return {
      rows: rows.flatMap((row) => {
        const stored = row[document];
        return stored === undefined ? [] : [dialect.fromJson(stored)];
      }),
      next: at === undefined || last === undefined ? undefined : { atMs: dialect.fromInstant(at), no: last },
    };
  }
}

const numbers = (most: number, numberOf: (n: number) => string): readonly string[] =>
  Array.from({ length: most }, (_, index) => numberOf(index + 1));

const asList = <Value>(value: Value | undefined): readonly Value[] => (value === undefined ? [] : [value]);
