import type { OrderView } from '@railhead/commands/orders/order-view.ts';
import type { Kysely } from 'kysely';
import type { ReadTables } from '../engine/read-tables.ts';

export type OrdersPage = { readonly orders: readonly OrderView[]; readonly nextCursor: number | undefined };

export class OrdersQueries {
  readonly #db: Kysely<ReadTables>;

  constructor(db: Kysely<ReadTables>) {
    this.#db = db;
  }

  async byNumber(orderNo: string): Promise<OrderView | undefined> {
    const row = await this.#db.selectFrom('orders').select('view').where('order_no', '=', orderNo).executeTakeFirst();
    // Written by the model.
    return row === undefined ? undefined : (JSON.parse(row.view) as OrderView);
  }

  /** Newest first. `cursor` is where the page before ended. */
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
      // Written by the model.
      orders: page.map((row) => JSON.parse(row.view) as OrderView),
      nextCursor: rows.length > limit ? page.at(-1)?.position : undefined,
    };
  }
}
