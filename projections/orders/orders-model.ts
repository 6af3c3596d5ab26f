// Orders by number, by user and by run.

import {
  newOrderView,
  type OrderView,
  viewAfterOrderEvent,
  viewAfterPaymentEvent,
} from '@railhead/commands/orders/order-view.ts';
import type { RecordedEvent } from '@railhead/commands/ports/event-store.ts';
import { notUnderstood } from '@railhead/commands/streams/load.ts';
import { orderCategory } from '@railhead/domain/order/stream.ts';
import { paymentCategory } from '@railhead/domain/payment/stream.ts';
import type { Kysely, Transaction } from 'kysely';
import type { Projection } from '../engine/projection.ts';
import type { ReadTables } from '../engine/read-tables.ts';
import { sqlProjection } from '../engine/sql-projection.ts';

/** Rows of one statement: eight parameters each, well inside every database's limit. */
const ROWS = 500;

type Changed = { readonly view: OrderView; readonly position: number };

export const ordersModel = (db: Kysely<ReadTables>): Projection =>
  sqlProjection(db, 'orders', [orderCategory.name, paymentCategory.name], async (trx, { events }) => {
    const known = await knownViews(trx, [...new Set(events.map(orderNoOf))]);
    const changed = new Map<string, Changed>();
    for (const event of events) {
      const orderNo = orderNoOf(event);
      const before = changed.get(orderNo) ?? known.get(orderNo);
      const view = viewAfter(before?.view, event);
      // Where the order was first seen: lists are in the order of requests, and stay so.
      if (view !== undefined) changed.set(orderNo, { view, position: before?.position ?? event.position });
    }
    const rows = [...changed.values()].map(({ view, position }) => ({
      order_no: view.orderNo,
      user_id: view.userId,
      train: view.train,
      date: view.date,
      status: view.status,
      requested_at: view.requestedAt,
      position,
      view: JSON.stringify(view),
    }));
    for (let start = 0; start < rows.length; start += ROWS)
      await trx
        .replaceInto('orders')
        .values(rows.slice(start, start + ROWS))
        .execute();
    return undefined;
  });

/** Every payment event names its order. */
const orderNoOf = (event: RecordedEvent): string => {
  if (paymentCategory.owns(event)) return event.data.orderNo;
  if (orderCategory.owns(event)) return orderCategory.idOf(event.stream);
  throw notUnderstood(orderCategory.holds(event) ? orderCategory : paymentCategory, event);
};

const viewAfter = (view: OrderView | undefined, event: RecordedEvent): OrderView | undefined => {
  if (paymentCategory.owns(event)) return view === undefined ? undefined : viewAfterPaymentEvent(view, event);
  if (!orderCategory.owns(event)) return view;
  if (event.type === 'OrderRequested') return newOrderView(event.data.orderNo, event.data.request, event.meta.at);
  return view === undefined ? undefined : viewAfterOrderEvent(view, event);
};

const knownViews = async (
  trx: Transaction<ReadTables>,
  orderNos: readonly string[],
): Promise<ReadonlyMap<string, Changed>> => {
  const views = new Map<string, Changed>();
  for (let start = 0; start < orderNos.length; start += ROWS) {
    const rows = await trx
      .selectFrom('orders')
      .select(['order_no', 'position', 'view'])
      .where('order_no', 'in', orderNos.slice(start, start + ROWS))
      .execute();
    // Written by this model.
    for (const row of rows)
      views.set(row.order_no, { view: JSON.parse(row.view) as OrderView, position: row.position });
  }
  return views;
};
