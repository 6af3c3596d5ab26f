// Answers questions about orders from the layout that serves, and moves over to the next one while orders go on: the next
// one is built beside, and each shard moves when its new table has all that its old one has, so that nobody sees an older
// state than before.
import { type OrderNumbering, shardOfOrderNo, shardsOfUser } from '@railhead/commands/orders/order-number.ts';
import type { OrderView } from '@railhead/commands/orders/order-view.ts';
import type { ReadGate } from '../engine/position-gate.ts';
import type { ReadDatabase } from '../engine/read-database.ts';
import { assertReadable, type Shown } from '../engine/readable.ts';
import { type OrderLayout, placeOf } from './order-layout.ts';
import type { OrderParts } from './order-rows.ts';
import { type OrdersPage, type OrdersQueries, type OrderTable, type PageOfUser, pageOf } from './orders-queries.ts';
import type { ShardedOrders } from './sharded-orders.ts';

/** The databases of a layout, in its order. */
export type LayoutDatabases = { readonly layout: OrderLayout; readonly databases: readonly ReadDatabase[] };

/** `next`: built beside, and read in place of `current` when it is there. */
export type OrderDatabases = { readonly current: LayoutDatabases; readonly next?: LayoutDatabases };

/** How far the model of a database is. */
export type ShardFeed = Shown & {
  readonly gate: ReadGate;
  /** Has it had everything that was in the log, at least once? */
  readonly wasWhole: boolean;
};

/** `feeds`: by number of the database. */
export type ServedLayout = { readonly orders: ShardedOrders; readonly feeds: readonly ShardFeed[] };

/** `moved`: told once, when the layout has everything and begins to answer. */
export type NextLayout = ServedLayout & { readonly moved: () => void };

type Place = { readonly table: OrderTable; readonly feed: ShardFeed };

export class OrderLayouts implements OrdersQueries {
  readonly #numbering: OrderNumbering;
  readonly #current: ServedLayout;
  readonly #next: NextLayout | undefined;
  /** Pairs of databases whose common shards have moved. */
  readonly #movedPairs = new Set<string>();
  #isMoving = false;

  constructor(numbering: OrderNumbering, current: ServedLayout, next?: NextLayout) {
    this.#numbering = numbering;
    this.#current = current;
    this.#next = next;
  }

  async byNumber(orderNo: string): Promise<OrderView | undefined> {
    return tableOf(this.#placeOf(shardOfOrderNo(orderNo))).byNumber(orderNo);
  }

  async byUser(userId: string, page: PageOfUser): Promise<OrdersPage> {
    const places = shardsOfUser(this.#numbering, userId).map((shard) => this.#placeOf(shard));
    const tables = [...new Set(places.map(tableOf))];
    const found = await Promise.all(tables.map((table) => table.newestOf(userId, page)));
    const newestFirst = found.flat().toSorted((one, other) => other.position - one.position);
    return pageOf(newestFirst, page.limit);
  }

  /** The rows of the layout that serves, or is about to. */
  get rows(): OrderParts {
    const { orders } = this.#next !== undefined && this.#isMoving ? this.#next : this.#current;
    return {
      parts: orders.tables.map(({ rows }) => rows),
      partOf: (orderNo) => orders.tableOf(shardOfOrderNo(orderNo)).rows,
    };
  }

  /** Of the table that has this order. */
  gateOfOrder(orderNo: string): ReadGate {
    return this.#placeOf(shardOfOrderNo(orderNo)).feed.gate;
  }

  /** Of all tables that have orders of this user. */
  gateOfUser(userId: string): ReadGate {
    const gates = shardsOfUser(this.#numbering, userId).map((shard) => this.#placeOf(shard).feed.gate);
    return {
      get position() {
        return Math.min(...gates.map((gate) => gate.position));
      },
      waitFor: async (position, limitMs) =>
        (await Promise.all(gates.map((gate) => gate.waitFor(position, limitMs)))).every(Boolean),
    };
  }

  #placeOf(shard: number): Place {
    const current = placeIn(this.#current, shard);
    if (this.#next === undefined) return current;
    const next = placeIn(this.#next, shard);
    const pair = `${current.database} ${next.database}`;
    if (!this.#movedPairs.has(pair)) {
      if (!this.#isNextWhole() || next.feed.gate.position < current.feed.gate.position) return current;
      this.#movedPairs.add(pair);
    }
    return next;
  }

  /** All of it, so that no shard moves before somebody could stop. */
  #isNextWhole(): boolean {
    if (this.#isMoving) return true;
    this.#isMoving = this.#next?.feeds.every(({ wasWhole }) => wasWhole) === true;
    if (this.#isMoving) this.#next?.moved();
    return this.#isMoving;
  }
}

const tableOf = ({ table, feed }: Place): OrderTable => {
  assertReadable(feed);
  return table;
};

const placeIn = ({ orders, feeds }: ServedLayout, shard: number): Place & { readonly database: number } => {
  const { database } = placeOf(orders.layout, shard);
  const feed = feeds[database];
  if (feed === undefined) throw new Error(`nobody feeds database ${database} of the orders`);
  return { database, table: orders.tableOf(shard), feed };
};
