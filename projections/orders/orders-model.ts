// Orders by number and by user.

import type { OrderView } from '@railhead/commands/orders/order-view.ts';
import { orderCategory } from '@railhead/domain/order/stream.ts';
import { paymentCategory } from '@railhead/domain/payment/stream.ts';
import { pagesOf } from '../engine/pages.ts';
import { sqlModel } from '../engine/sql-model.ts';
import type { ModelWriter, SqlHandler } from '../engine/sql-projection.ts';
import { OrdersQueries } from './orders-queries.ts';
import { type OrdersTables, ordersTables } from './orders-tables.ts';
import { orderNoOf, viewAfter } from './view-after.ts';

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
