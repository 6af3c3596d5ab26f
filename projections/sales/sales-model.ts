// Payments, refunds and tickets of all orders, and the orders that wait for their payment: for those who run the railway.
import { orderCategory } from '@railhead/domain/order/stream.ts';
import { paymentCategory } from '@railhead/domain/payment/stream.ts';
import { waitlistCategory } from '@railhead/domain/waitlist/stream.ts';
import { LRUCache } from 'lru-cache';
import { pagesOf } from '../engine/pages.ts';
import { sqlModel } from '../engine/sql-model.ts';
import type { ModelWriter, SqlHandler } from '../engine/sql-projection.ts';
import { byOrder } from '../orders/view-after.ts';
import { SalesQueries } from './sales-queries.ts';
import { changedRows, unpaidOrder } from './sales-rows.ts';
import { type SalesTables, salesTables } from './sales-tables.ts';
import { numberIn, type SoldOrder, soldAfter } from './sold-order.ts';

/** Orders that need not be read before they change. An order has its events within a short time. */
const MAX_KNOWN = 5_000;

type Change = { readonly before: SoldOrder | undefined; readonly after: SoldOrder };

export const salesHandler = (maxKnown = MAX_KNOWN): SqlHandler<SalesTables> => {
  const known = new LRUCache<string, SoldOrder>({ max: maxKnown });
  return async (writer, { events }) => {
    const stored = await storedOrders(
      writer,
      [...new Set(events.map(numberIn))].filter((orderNo) => !known.has(orderNo)),
    );
    const changes = new Map<string, Change>();
    for (const event of events) {
      const orderNo = numberIn(event);
      const before = changes.has(orderNo) ? undefined : (known.get(orderNo) ?? stored.get(orderNo));
      const { after: now, before: first } = changes.get(orderNo) ?? { after: before, before };
      const after = soldAfter(now, event);
      if (after !== undefined) changes.set(orderNo, { before: first, after });
    }
    await write(writer, [...changes.values()]);
    return () => {
      for (const [orderNo, { after }] of changes) known.set(orderNo, after);
    };
  };
};

export const salesModel = sqlModel<SalesTables, SalesQueries>({
  name: 'sales',
  version: 2,
  categories: [orderCategory, paymentCategory, waitlistCategory],
  tables: salesTables,
  parallel: {
    keyOf: numberIn,
    keyOfStream: (stream) =>
      waitlistCategory.holds({ stream }) ? waitlistCategory.idOf(stream) : byOrder.keyOfStream(stream),
  },
  // Nobody needs these lists to buy a ticket.
  givesWay: true,
  isOptional: true,
  pace: { leastMs: 100, mostMs: 500 },
  handler: () => salesHandler(),
  queries: (db, dialect) => new SalesQueries(db, dialect),
});

const storedOrders = async (
  { trx, dialect }: ModelWriter<SalesTables>,
  orderNos: readonly string[],
): Promise<ReadonlyMap<string, SoldOrder>> => {
  const found = new Map<string, SoldOrder>();
  for (const page of pagesOf(orderNos, dialect.maxParameters)) {
    const rows = await trx.selectFrom('sold_orders').selectAll().where('order_no', 'in', page).execute();
    for (const { order_no, sold } of rows) found.set(order_no, dialect.fromJson(sold));
  }
  return found;
};

const write = async ({ trx, dialect, upsert }: ModelWriter<SalesTables>, changes: readonly Change[]): Promise<void> => {
  const at = (instant: string) => dialect.toInstant(Date.parse(instant));
  const rows = changes.map(({ before, after }) => changedRows(before, after));
  await upsert(
    'sold_orders',
    changes.map(({ after }) => ({ order_no: after.view.orderNo, sold: dialect.toJson(after) })),
  );
  await upsert(
    'payments',
    rows.flatMap(({ payments }) =>
      payments.map((payment) => ({
        payment_no: payment.paymentNo,
        user_id: payment.userId,
        channel: payment.channel,
        status: payment.status,
        started_at: at(payment.startedAt),
        payment: dialect.toJson(payment),
      })),
    ),
  );
  await upsert(
    'refunds',
    rows.flatMap(({ refunds }) =>
      refunds.map((refund) => ({
        refund_no: refund.refundNo,
        order_no: refund.orderNo,
        payment_no: refund.paymentNo,
        user_id: refund.userId,
        status: refund.status,
        requested_at: at(refund.requestedAt),
        refund: dialect.toJson(refund),
      })),
    ),
  );
  await upsert(
    'tickets',
    rows.flatMap(({ tickets }) =>
      tickets.map((ticket) => ({
        ticket_no: ticket.ticketNo,
        train: ticket.train,
        date: ticket.date,
        status: ticket.status,
        issued_at: at(ticket.issuedAt),
        ticket: dialect.toJson(ticket),
      })),
    ),
  );
  const unpaid = changes.flatMap(({ after }) => unpaidOrder(after.view) ?? []);
  await upsert(
    'unpaid_orders',
    unpaid.map((order) => ({
      order_no: order.orderNo,
      pay_before: at(order.payBefore),
      unpaid: dialect.toJson(order),
    })),
  );
  const over = changes
    .filter(({ before, after }) => before?.view.status === 'WAIT_PAY' && after.view.status !== 'WAIT_PAY')
    .map(({ after }) => after.view.orderNo);
  for (const page of pagesOf(over, dialect.maxParameters))
    await trx.deleteFrom('unpaid_orders').where('order_no', 'in', page).execute();
};
