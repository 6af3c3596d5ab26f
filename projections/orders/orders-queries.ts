import type { OrderView } from '@railhead/commands/orders/order-view.ts';
import type { Kysely } from 'kysely';
import type { SqlDialect } from '../engine/sql-dialect.ts';
import type { OrdersTables } from './orders-tables.ts';

export type OrdersPage = { readonly orders: readonly OrderView[]; readonly nextCursor: number | undefined };

export class OrdersQueries {
  readonly #db: Kysely<OrdersTables>;
  readonly #dialect: SqlDialect;

  constructor(db: Kysely<OrdersTables>, dialect: SqlDialect) {
    this.#db = db;
    this.#dialect = dialect;
  }

  async byNumber(orderNo: string): Promise<OrderView | undefined> {
    const row = await this.#db.selectFrom('orders').select('view').where('order_no', '=', orderNo).executeTakeFirst();
    return row === undefined ? undefined : this.#dialect.fromJson(row.view);
  }

  /** Newest first. `cursor` comes from the page before. */
  async byUser(
    userId: string,
    {
      cursor,
      limit,
      status,
    }: { readonly cursor?: number | undefined; readonly limit: number; readonly status?: string | undefined },
  ): Promise<OrdersPage> {
    let query = this.#db.selectFrom('orders').select(['position', 'view']).where('user_id', '=', userId);
    if (cursor !== undefined) query = query.where('position', '<', cursor);
    if (status !== undefined) query = query.where('status', '=', status);
    const rows = await query
      .orderBy('position', 'desc')
      .limit(limit + 1)
      .execute();
    const page = rows.slice(0, limit);
    return {
      orders: page.map((row) => this.#dialect.fromJson(row.view)),
      nextCursor: rows.length > limit ? page.at(-1)?.position : undefined,
    };
  }
}
