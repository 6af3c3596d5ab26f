// Orders in one layout of databases and tables. Each database is a model of its own, with its own place in the log, so
// that one that is away keeps only its own users from an answer, and each is built again by itself.
import { shardOfOrderNo } from '@railhead/commands/orders/order-number.ts';
import type { OrderView } from '@railhead/commands/orders/order-view.ts';
import type { ReadDatabase } from '../engine/read-database.ts';
import type { ReadModel } from '../engine/read-model.ts';
import { layoutName, type OrderLayout, placeOf } from './order-layout.ts';
import type { OrderRows } from './order-rows.ts';
import { ORDERS, ordersIn } from './orders-model.ts';
import { OrderTable, type PageOfUser, type PlacedView } from './orders-queries.ts';

/** The databases of a layout, in its order. */
export type LayoutDatabases = { readonly layout: OrderLayout; readonly databases: readonly ReadDatabase[] };

/** `next`: built beside, and read in place of `current` when it is there. */
export type OrderDatabases = { readonly current: LayoutDatabases; readonly next?: LayoutDatabases };

/** What the tables of one database answer. */
export class OrdersOfDatabase {
  readonly #layout: OrderLayout;
  readonly #tables: readonly OrderTable[];

  /** `tables`: by number. */
  constructor(layout: OrderLayout, tables: readonly OrderTable[]) {
    this.#layout = layout;
    this.#tables = tables;
  }

  async byNumber(orderNo: string): Promise<OrderView | undefined> {
    return this.#tableOf(shardOfOrderNo(orderNo)).byNumber(orderNo);
  }

  /** Of the tables that these shards have here, one more than the page takes from each, if there are so many. */
  async newestOf(userId: string, shards: readonly number[], page: PageOfUser): Promise<readonly PlacedView[]> {
    const tables = [...new Set(shards.map((shard) => this.#tableOf(shard)))];
    return (await Promise.all(tables.map((table) => table.newestOf(userId, page)))).flat();
  }

  get rows(): readonly OrderRows[] {
    return this.#tables.map(({ rows }) => rows);
  }

  rowsOf(orderNo: string): OrderRows {
    return this.#tableOf(shardOfOrderNo(orderNo)).rows;
  }

  #tableOf(shard: number): OrderTable {
    const found = this.#tables[placeOf(this.#layout, shard).table];
    if (found === undefined) throw new Error(`layout ${layoutName(this.#layout)} has no table for shard ${shard}`);
    return found;
  }
}

/** The model of one database of a layout. Nobody waits for one that does not serve yet. */
export const ordersShard = (layout: OrderLayout, database: number, isServed: boolean): ReadModel<OrdersOfDatabase> => {
  const name = layoutName(layout);
  const nameOf = (table: number): string => `${ORDERS}_${name}_${database}_${table}`;
  const tables = Array.from({ length: layout.tables }, (_, table) => nameOf(table));
  const placeOfOrder = (orderNo: string) => placeOf(layout, shardOfOrderNo(orderNo));
  return ordersIn(
    {
      name: `${ORDERS}@${name}.${database}`,
      tables,
      ...(isServed ? { isPart: true } : { isOptional: true }),
      takes: (orderNo) => placeOfOrder(orderNo).database === database,
      tableOf: (orderNo) => nameOf(placeOfOrder(orderNo).table),
    },
    (db, dialect, rewriting, model) =>
      new OrdersOfDatabase(
        layout,
        tables.map((table) => new OrderTable({ db, dialect, rewriting }, { model, table })),
      ),
  );
};
