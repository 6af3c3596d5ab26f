// Orders as the endpoints ask for them: in one table, or spread over databases.
import type { OrderNumbering } from '@railhead/commands/orders/order-number.ts';
import type { Logger } from '@railhead/commands/ports/logger.ts';
import type { Projection } from '@railhead/projections/engine/projection.ts';
import type { ProjectionRunner } from '@railhead/projections/engine/projection-runner.ts';
import {
  type LayoutDatabases,
  type OrderDatabases,
  OrderLayouts,
  type ServedLayout,
} from '@railhead/projections/orders/order-layouts.ts';
import { type OrderParts, type OrderRows, onePart } from '@railhead/projections/orders/order-rows.ts';
import type { OrderTable } from '@railhead/projections/orders/orders-queries.ts';
import { ShardedOrders } from '@railhead/projections/orders/sharded-orders.ts';
import type { Model, OrdersReads } from '@railhead/read-api/read-models.ts';

/** Orders that are spread. `next` is built beside. */
export type OpenLayouts = { readonly current: ShardedOrders; readonly next?: ShardedOrders };

export const openLayouts = ({ current, next }: OrderDatabases): OpenLayouts => {
  const open = ({ layout, databases }: LayoutDatabases, isServed: boolean) =>
    new ShardedOrders(layout, databases, isServed);
  return { current: open(current, true), ...(next === undefined ? {} : { next: open(next, false) }) };
};

/** All that is fed: one projection for each database. */
export const projectionsOf = ({ current, next }: OpenLayouts): readonly Projection[] => [
  ...current.projections,
  ...(next?.projections ?? []),
];

/** `rows`: of the generation that is read at the moment. */
export const inOneTable = (model: Model<OrderTable>, rows: () => OrderRows): ServedOrders => ({
  reads: { ofOrder: () => ({ ...model }), ofUser: () => ({ ...model }) },
  rows: () => onePart(rows()),
});

/** Orders as the endpoints ask for them, and their rows. */
export type ServedOrders = { readonly reads: OrdersReads; readonly rows: () => OrderParts };

/** `feedOf`: the runner of a projection. */
export const overDatabases = (
  { current, next }: OpenLayouts,
  feedOf: (projection: Projection) => ProjectionRunner,
  { numbering, logger }: { readonly numbering: OrderNumbering; readonly logger: Logger },
): ServedOrders => {
  const served = (layout: ShardedOrders): ServedLayout => ({ orders: layout, feeds: layout.projections.map(feedOf) });
  const moved = () => logger.info({}, 'the next layout of orders has all of them, and answers from now on');
  const queries =
    next === undefined
      ? new OrderLayouts(numbering, served(current))
      : new OrderLayouts(numbering, served(current), { ...served(next), moved });
  return {
    reads: {
      ofOrder: (orderNo) => ({ queries, gate: queries.gateOfOrder(orderNo) }),
      ofUser: (userId) => ({ queries, gate: queries.gateOfUser(userId) }),
    },
    rows: () => queries.rows,
  };
};
