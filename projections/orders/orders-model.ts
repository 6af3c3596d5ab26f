// Orders by number and by user.

import {
  newOrderView,
  type OrderView,
  viewAfterOrderEvent,
  viewAfterPaymentEvent,
} from '@railhead/commands/orders/order-view.ts';
import type { RecordedEvent } from '@railhead/commands/ports/event-store.ts';
import { NotUnderstood } from '@railhead/commands/streams/understood.ts';
import { orderCategory } from '@railhead/domain/order/stream.ts';
import { paymentCategory } from '@railhead/domain/payment/stream.ts';
import { pagesOf } from '../engine/pages.ts';
import { sqlModel } from '../engine/sql-model.ts';
import type { ModelWriter, SqlHandler } from '../engine/sql-projection.ts';
import { OrdersQueries } from './orders-queries.ts';
import { type OrdersTables, ordersTables } from './orders-tables.ts';

type Changed = { readonly view: OrderView; readonly position: number };

const applyToOrders: SqlHandler<OrdersTables> = async (writer, { events }) => {
  const known = await knownViews(writer, [...new Set(events.map(orderNoOf))]);
  const changed = new Map<string, Changed>();
  for (const event of events) {
    const orderNo = orderNoOf(event);
    const before = changed.get(orderNo) ?? known.get(orderNo);
    const view = viewAfter(before?.view, event);
    // The position of the order's first event: lists are in the order of requests and stay so.
    if (view !== undefined) changed.set(orderNo, { view, position: before?.position ?? event.position });
  }
  const { dialect } = writer;
  await writer.upsert(
    'orders',
    [...changed.values()].map(({ view, position }) => ({
      order_no: view.orderNo,
      user_id: view.userId,
      train: view.train,
      date: view.date,
      status: view.status,
      requested_at: dialect.toInstant(Date.parse(view.requestedAt)),
      position,
      view: dialect.toJson(view),
    })),
  );
  return undefined;
};

export const ordersModel = sqlModel<OrdersTables, OrdersQueries>({
  name: 'orders',
  version: 6,
  categories: [orderCategory, paymentCategory],
  tables: ordersTables,
  handler: () => applyToOrders,
  queries: (db, dialect) => new OrdersQueries(db, dialect),
});

/** Every payment event has its order's number. */
const orderNoOf = (event: RecordedEvent): string => {
  if (paymentCategory.owns(event)) return event.data.orderNo;
  if (orderCategory.owns(event)) return orderCategory.idOf(event.stream);
  throw new NotUnderstood(event);
};

const viewAfter = (view: OrderView | undefined, event: RecordedEvent): OrderView | undefined => {
  if (paymentCategory.owns(event)) return view === undefined ? undefined : viewAfterPaymentEvent(view, event);
  if (!orderCategory.owns(event)) return view;
  if (event.type === 'OrderRequested') return newOrderView(event.data.orderNo, event.data.request, event.meta.at);
  return view === undefined ? undefined : viewAfterOrderEvent(view, event);
};

const knownViews = async (
  { trx, dialect }: ModelWriter<OrdersTables>,
  orderNos: readonly string[],
): Promise<ReadonlyMap<string, Changed>> => {
  const views = new Map<string, Changed>();
  for (const page of pagesOf(orderNos, dialect.maxParameters)) {
    const rows = await trx
      .selectFrom('orders')
      .select(['order_no', 'position', 'view'])
      .where('order_no', 'in', page)
      .execute();
    for (const { order_no, position, view } of rows) views.set(order_no, { view: dialect.fromJson(view), position });
  }
  return views;
};
