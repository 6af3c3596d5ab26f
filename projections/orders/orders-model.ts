// Orders by number and by user: in one table, or in the tables of one database of a layout.

import type { OrderView } from '@railhead/commands/orders/order-view.ts';
import { orderCategory } from '@railhead/domain/order/stream.ts';
import { paymentCategory } from '@railhead/domain/payment/stream.ts';
import { pagesOf } from '../engine/pages.ts';
import type { ReadModel } from '../engine/read-model.ts';
import { type SqlModel, sqlModel } from '../engine/sql-model.ts';
import type { ModelWriter, SqlHandler } from '../engine/sql-projection.ts';
import { OrderTable } from './orders-queries.ts';
import { ORDER_TABLE, type OrdersTables, storedOrder } from './orders-tables.ts';
import { byOrder, orderNoOf, viewAfter } from './view-after.ts';

export const ORDERS = 'orders';
/** Raise it with every change of the table or of what is written into it. */
const VERSION = 6;

type Changed = { readonly view: OrderView; readonly position: number };

/** `tableOf`: where an order is, by its number. */
const ordersHandler =
  (tableOf: (orderNo: string) => string): SqlHandler<OrdersTables> =>
  async (writer, { events }) => {
    const known = await knownViews(writer, Map.groupBy(new Set(events.map(orderNoOf)), tableOf));
    const changed = new Map<string, Changed>();
    for (const event of events) {
      const orderNo = orderNoOf(event);
      const before = changed.get(orderNo) ?? known.get(orderNo);
      const view = viewAfter(before?.view, event);
      // The position of the order's first event: lists are in the order of requests and stay so.
      if (view !== undefined) changed.set(orderNo, { view, position: before?.position ?? event.position });
    }
    const { dialect } = writer;
    for (const [table, ofTable] of Map.groupBy(changed.values(), ({ view }) => tableOf(view.orderNo)))
      await writer.upsert(
        table,
        ofTable.map(({ view, position }) => storedOrder(view, position, dialect)),
      );
    return undefined;
  };

const knownViews = async (
  { trx, dialect }: ModelWriter<OrdersTables>,
  orderNos: ReadonlyMap<string, readonly string[]>,
): Promise<ReadonlyMap<string, Changed>> => {
  const views = new Map<string, Changed>();
  for (const [table, ofTable] of orderNos)
    for (const page of pagesOf(ofTable, dialect.maxParameters)) {
      const rows = await trx
        .selectFrom(table)
        .select(['order_no', 'position', 'view'])
        .where('order_no', 'in', page)
        .execute();
      for (const { order_no, position, view } of rows) views.set(order_no, { view: dialect.fromJson(view), position });
    }
  return views;
};

/** A model of orders in these tables; it takes only the orders that `takes` says. */
export const ordersIn = <Queries>(
  {
    name,
    tables,
    takes,
    tableOf,
    ...options
  }: Pick<SqlModel<OrdersTables, Queries>, 'isPart' | 'isOptional'> & {
    readonly name: string;
    readonly tables: readonly string[];
    readonly takes?: (orderNo: string) => boolean;
    readonly tableOf: (orderNo: string) => string;
  },
  queries: SqlModel<OrdersTables, Queries>['queries'],
): ReadModel<Queries> =>
  sqlModel<OrdersTables, Queries>({
    name,
    version: VERSION,
    categories: [orderCategory, paymentCategory],
    tables: Object.fromEntries(tables.map((table) => [table, ORDER_TABLE])),
    ...options,
    ...(takes === undefined ? {} : { takes: (event) => takes(orderNoOf(event)) }),
    parallel: byOrder,
    handler: () => ordersHandler(tableOf),
    queries,
  });

export const ordersModel: ReadModel<OrderTable> = ordersIn(
  { name: ORDERS, tables: [ORDERS], tableOf: () => ORDERS },
  (db, dialect, rewriting, model) => new OrderTable({ db, dialect, rewriting }, { model, table: ORDERS }),
);
