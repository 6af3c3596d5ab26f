// Questions about orders, and the one table that answers them.
import type { OrderView } from '@railhead/commands/orders/order-view.ts';
import { EventStoreError } from '@railhead/commands/ports/event-store.ts';
import type { Kysely } from 'kysely';
import type { SqlDialect } from '../engine/sql-dialect.ts';
import { isView, type OrderDatabase, OrderRows } from './order-rows.ts';
import type { OrdersTables, StoredOrder } from './orders-tables.ts';

export type OrdersPage = { readonly orders: readonly OrderView[]; readonly nextCursor: number | undefined };

export type PageOfUser = {
  /** `nextCursor` of the page before. */
  readonly cursor?: number | undefined;
  readonly limit: number;
  readonly status?: string | undefined;
};

export interface OrdersQueries {
  byNumber(orderNo: string): Promise<OrderView | undefined>;
  /** Newest first. */
  byUser(userId: string, page: PageOfUser): Promise<OrdersPage>;
}

/** `position`: of the order's first event. */
export type PlacedView = { readonly position: number; readonly view: OrderView };

export class OrderTable implements OrdersQueries {
  readonly #db: Kysely<OrdersTables>;
  readonly #dialect: SqlDialect;
  readonly #table: string;
  /** The rows themselves, for who compares them with the log. */
  readonly rows: OrderRows;

  constructor(database: OrderDatabase, { model, table }: { readonly model: string; readonly table: string }) {
    this.#db = database.db;
    this.#dialect = database.dialect;
    this.#table = table;
    this.rows = new OrderRows(database, { model, table });
  }

  async byNumber(orderNo: string): Promise<OrderView | undefined> {
    const row = await this.#db
      .selectFrom(this.#table)
      .select('view')
      .where('order_no', '=', orderNo)
      .executeTakeFirst();
    return row === undefined ? undefined : this.#viewOf(row);
  }

  async byUser(userId: string, page: PageOfUser): Promise<OrdersPage> {
    return pageOf(await this.newestOf(userId, page), page.limit);
  }

  /** One more than the page takes, if there are so many. */
  async newestOf(userId: string, { cursor, limit, status }: PageOfUser): Promise<readonly PlacedView[]> {
    let query = this.#db.selectFrom(this.#table).select(['position', 'view']).where('user_id', '=', userId);
    if (cursor !== undefined) query = query.where('position', '<', cursor);
    if (status !== undefined) query = query.where('status', '=', status);
    const rows: readonly Pick<StoredOrder, 'position' | 'view'>[] = await query
      .orderBy('position', 'desc')
      .limit(limit + 1)
      .execute();
    return rows.map((row) => ({ position: row.position, view: this.#viewOf(row) }));
  }

  /** Throws where somebody has changed the row so that nothing can be read of it. */
  #viewOf({ view: stored }: Pick<StoredOrder, 'view'>): OrderView {
    const view = this.#dialect.fromJson(stored);
    if (isView(view)) return view;
    throw new EventStoreError('STORE_UNAVAILABLE', 'a row of the read model orders cannot be read');
  }
}

/** `found` is newest first, and has at least one more than the page if more follow. */
export const pageOf = (found: readonly PlacedView[], limit: number): OrdersPage => {
  const page = found.slice(0, limit);
  return {
    orders: page.map(({ view }) => view),
    nextCursor: found.length > limit ? page.at(-1)?.position : undefined,
  };
};
