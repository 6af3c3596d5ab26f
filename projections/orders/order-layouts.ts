// Answers questions about orders from the layout that serves, and moves over to the next one while orders go on: the next
// one is built beside, and each shard moves when its new table has all that its old one has, so that nobody sees an older
// state than before.
import { type OrderNumbering, shardOfOrderNo, shardsOfUser } from '@railhead/commands/orders/order-number.ts';
import type { ReadGate } from '../engine/position-gate.ts';
import { type OrderLayout, placeOf } from './order-layout.ts';
import type { OrderParts } from './order-rows.ts';
import { type OrdersQueries, pageOf } from './orders-queries.ts';
import type { OrdersOfDatabase } from './sharded-orders.ts';

/** The model of one database of a layout, as it is asked. */
export type ServedShard = {
  readonly queries: Pick<OrdersOfDatabase, 'byNumber' | 'newestOf'>;
  readonly gate: ReadGate;
  /** Another generation of it has just taken over: it is waited for before it is asked. */
  readonly moving?: Promise<void> | undefined;
  /** Has it had everything that was in the log, at least once? */
  readonly wasWhole: boolean;
  /** Its rows, for who compares them with the log. */
  readonly tables: Pick<OrdersOfDatabase, 'rows' | 'rowsOf'>;
};

/** `shards`: by number of the database. */
export type ServedLayout = { readonly layout: OrderLayout; readonly shards: readonly ServedShard[] };

/** `moved`: told once, when the layout has everything and begins to answer. */
export type NextLayout = ServedLayout & { readonly moved: () => void };

type Place = { readonly database: number; readonly shard: ServedShard };

/** Orders that have something in common, and how far those are that have them. */
export type FoundOrders = Pick<ServedShard, 'gate' | 'moving'> & { readonly queries: OrdersQueries };

export class OrderLayouts {
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

  /** The rows of the layout that serves, or is about to. */
  get rows(): OrderParts {
    const served = this.#next !== undefined && this.#isMoving ? this.#next : this.#current;
    return {
      parts: served.shards.flatMap(({ tables }) => tables.rows),
      partOf: (orderNo) => placeIn(served, shardOfOrderNo(orderNo)).shard.tables.rowsOf(orderNo),
    };
  }

  /** To ask for this order. */
  ofOrder(orderNo: string): FoundOrders {
    return this.#asReadNow([shardOfOrderNo(orderNo)]);
  }

  /** To ask for all orders of this user. */
  ofUser(userId: string): FoundOrders {
    return this.#asReadNow(shardsOfUser(this.#numbering, userId));
  }

  /** What is waited for is then also what is asked, although a generation may be exchanged in between. */
  #asReadNow(numbers: readonly number[]): FoundOrders {
    const places = numbers.map((number) => ({ number, of: this.#placeOf(number).shard }));
    const now = new Map(places.map(({ of }) => [of, { ...of }]));
    const asked = new Map(places.map(({ number, of }) => [number, now.get(of) ?? of]));
    const shardOf = (number: number): ServedShard => asked.get(number) ?? this.#placeOf(number).shard;
    const gates = [...now.values()].map(({ gate }) => gate);
    const moving = [...now.values()].flatMap((shard) => shard.moving ?? []);
    return {
      queries: queriesOf(this.#numbering, shardOf),
      gate: {
        get position() {
          return Math.min(...gates.map((gate) => gate.position));
        },
        waitFor: async (position, limitMs) =>
          (await Promise.all(gates.map((gate) => gate.waitFor(position, limitMs)))).every(Boolean),
      },
      ...(moving.length === 0 ? {} : { moving: Promise.all(moving).then(() => {}) }),
    };
  }

  #placeOf(shard: number): Place {
    const current = placeIn(this.#current, shard);
    if (this.#next === undefined) return current;
    const next = placeIn(this.#next, shard);
    const pair = `${current.database} ${next.database}`;
    if (!this.#movedPairs.has(pair)) {
      if (!this.#isNextWhole() || next.shard.gate.position < current.shard.gate.position) return current;
      this.#movedPairs.add(pair);
    }
    return next;
  }

  /** All of it, so that no shard moves before somebody could stop. */
  #isNextWhole(): boolean {
    if (this.#isMoving) return true;
    this.#isMoving = this.#next?.shards.every(({ wasWhole }) => wasWhole) === true;
    if (this.#isMoving) this.#next?.moved();
    return this.#isMoving;
  }
}

/** `shardOf`: the database of a shard. */
const queriesOf = (numbering: OrderNumbering, shardOf: (number: number) => ServedShard): OrdersQueries => ({
  byNumber: async (orderNo) => shardOf(shardOfOrderNo(orderNo)).queries.byNumber(orderNo),
  byUser: async (userId, page) => {
    const places = Map.groupBy(shardsOfUser(numbering, userId), shardOf);
    const found = await Promise.all([...places].map(([{ queries }, shards]) => queries.newestOf(userId, shards, page)));
    const newestFirst = found.flat().toSorted((one, other) => other.position - one.position);
    return pageOf(newestFirst, page.limit);
  },
});

const placeIn = ({ layout, shards }: ServedLayout, number: number): Place => {
  const { database } = placeOf(layout, number);
  const shard = shards[database];
  if (shard === undefined) throw new Error(`nobody feeds database ${database} of the orders`);
  return { database, shard };
};
