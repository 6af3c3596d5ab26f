// Orders in one layout of databases and tables. Each database is a model of its own, with its own place in the log, so
// that one that is away keeps only its own users from an answer.
import { shardOfOrderNo } from '@railhead/commands/orders/order-number.ts';
import type { Projection } from '../engine/projection.ts';
import type { ReadDatabase } from '../engine/read-database.ts';
import type { ReadModel } from '../engine/read-model.ts';
import { layoutName, type OrderLayout, placeOf } from './order-layout.ts';
import { ORDERS, ordersIn } from './orders-model.ts';
import { OrderTable } from './orders-queries.ts';

/** The tables of one database, by number. */
type OrderTables = readonly OrderTable[];

/** The model of one database of a layout. Nobody waits for one that does not serve yet. */
export const ordersShard = (layout: OrderLayout, database: number, isServed: boolean): ReadModel<OrderTables> => {
  const name = layoutName(layout);
  const model = `${ORDERS}@${name}.${database}`;
  const nameOf = (table: number): string => `${ORDERS}_${name}_${database}_${table}`;
  const tables = Array.from({ length: layout.tables }, (_, table) => nameOf(table));
  const placeOfOrder = (orderNo: string) => placeOf(layout, shardOfOrderNo(orderNo));
  return ordersIn(
    {
      name: model,
      tables,
      ...(isServed ? { isPart: true } : { isOptional: true }),
      takes: (orderNo) => placeOfOrder(orderNo).database === database,
      tableOf: (orderNo) => nameOf(placeOfOrder(orderNo).table),
    },
    (db, dialect, rewriting) => tables.map((table) => new OrderTable({ db, dialect, rewriting }, { model, table })),
  );
};

/** An open layout: what feeds it, and the table of each shard. */
export class ShardedOrders {
  readonly layout: OrderLayout;
  /** By number of the database. */
  readonly projections: readonly Projection[];
  readonly #databases: readonly OrderTables[];

  /** `databases`: as many as the layout has, with the tables of `ordersShard`. */
  constructor(layout: OrderLayout, databases: readonly ReadDatabase[], isServed: boolean) {
    const opened = databases.map((database, number) => ordersShard(layout, number, isServed).open(database));
    this.layout = layout;
    this.projections = opened.map(({ projection }) => projection);
    this.#databases = opened.map(({ queries }) => queries);
  }

  get tables(): readonly OrderTable[] {
    return this.#databases.flat();
  }

  tableOf(shard: number): OrderTable {
    const { database, table } = placeOf(this.layout, shard);
    const found = this.#databases[database]?.[table];
    if (found === undefined) throw new Error(`layout ${layoutName(this.layout)} has no table for shard ${shard}`);
    return found;
  }
}
