// Orders as the endpoints ask for them: in one table, or spread over databases.
import type { OrderNumbering } from '@railhead/commands/orders/order-number.ts';
import type { Logger } from '@railhead/commands/ports/logger.ts';
import type { ModelGenerations } from '@railhead/projections/engine/generations/model-generations.ts';
import type { OrderLayout } from '@railhead/projections/orders/order-layout.ts';
import { OrderLayouts, type ServedLayout, type ServedShard } from '@railhead/projections/orders/order-layouts.ts';
import { type OrderParts, type OrderRows, onePart } from '@railhead/projections/orders/order-rows.ts';
import type { OrderTable } from '@railhead/projections/orders/orders-queries.ts';
import type { OrdersOfDatabase } from '@railhead/projections/orders/sharded-orders.ts';
import type { Model, OrdersReads } from '@railhead/read-api/read-models.ts';

/** `shards`: by number of the database. */
export type FedLayout = {
  readonly layout: OrderLayout;
  readonly shards: readonly ModelGenerations<OrdersOfDatabase>[];
};

/** Orders that are spread. `next` is built beside. */
export type FedLayouts = { readonly current: FedLayout; readonly next?: FedLayout };

/** Orders as the endpoints ask for them, and their rows. */
export type ServedOrders = { readonly reads: OrdersReads; readonly rows: () => OrderParts };

/** `rows`: of the generation that is read at the moment. */
export const inOneTable = (model: Model<OrderTable>, rows: () => OrderRows): ServedOrders => ({
  reads: { ofOrder: () => ({ ...model }), ofUser: () => ({ ...model }) },
  rows: () => onePart(rows()),
});

/** `modelOf`: a database as it is asked. */
export const overDatabases = (
  { current, next }: FedLayouts,
  modelOf: (of: ModelGenerations<OrdersOfDatabase>) => Model<OrdersOfDatabase>,
  { numbering, logger }: { readonly numbering: OrderNumbering; readonly logger: Logger },
): ServedOrders => {
  const served = ({ layout, shards }: FedLayout): ServedLayout => ({
    layout,
    shards: shards.map((of) => shardOf(modelOf(of), of)),
  });
  const moved = () => logger.info({}, 'the next layout of orders has all of them, and answers from now on');
  const layouts =
    next === undefined
      ? new OrderLayouts(numbering, served(current))
      : new OrderLayouts(numbering, served(current), { ...served(next), moved });
  return {
    reads: { ofOrder: (orderNo) => layouts.ofOrder(orderNo), ofUser: (userId) => layouts.ofUser(userId) },
    rows: () => layouts.rows,
  };
};

const shardOf = (model: Model<OrdersOfDatabase>, of: ModelGenerations<OrdersOfDatabase>): ServedShard => ({
  get queries() {
    return model.queries;
  },
  get gate() {
    return model.gate;
  },
  get moving() {
    return model.moving;
  },
  get wasWhole() {
    return of.read.runner.wasWhole;
  },
  get tables() {
    return of.read.opened.queries;
  },
});
