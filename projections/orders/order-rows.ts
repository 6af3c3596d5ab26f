// The rows of the orders model, for who compares them with the log and writes them anew.
import type { OrderView } from '@railhead/commands/orders/order-view.ts';
import type { Position } from '@railhead/commands/ports/event-store.ts';
import { type Kysely, sql } from 'kysely';
import type { Place } from '../engine/model-place.ts';
import { pagesOf } from '../engine/pages.ts';
import type { EngineTables } from '../engine/read-database.ts';
import type { SqlDialect } from '../engine/sql-dialect.ts';
import type { Rewriting } from '../engine/sql-projection.ts';
import { type OrdersTables, type StoredOrder, storedOrder } from './orders-tables.ts';

/** `first`: position of the order's first event. `isWhole`: do the columns say what the view says? */
export type OrderRow = { readonly view: OrderView; readonly first: Position; readonly isWhole: boolean };

/** Rows that include every event up to the place, and no other. */
export type RowsAt = { readonly place: Place; readonly rows: ReadonlyMap<string, OrderRow> };

/** The rows of all orders, perhaps in several tables, each with the place of its model. */
export type OrderParts = { readonly parts: readonly OrderRows[]; readonly partOf: (orderNo: string) => OrderRows };

/** Somebody may have changed what is stored. */
export const isView = (view: unknown): view is OrderView =>
  typeof view === 'object' && view !== null && !Array.isArray(view);

/** Where all are in one table. */
export const onePart = (rows: OrderRows): OrderParts => ({ parts: [rows], partOf: () => rows });

export type OrderDatabase = {
  readonly db: Kysely<OrdersTables>;
  readonly dialect: SqlDialect;
  readonly rewriting: Rewriting<OrdersTables>;
};

export class OrderRows {
  readonly #db: Kysely<OrdersTables>;
  readonly #dialect: SqlDialect;
  readonly #rewriting: Rewriting<OrdersTables>;
  readonly #of: { readonly model: string; readonly table: string };

  constructor({ db, dialect, rewriting }: OrderDatabase, of: { readonly model: string; readonly table: string }) {
    this.#db = db;
    this.#dialect = dialect;
    this.#rewriting = rewriting;
    this.#of = of;
  }

  get isFedHere(): boolean {
    return this.#rewriting.isFedHere;
  }

  /** A page of order numbers after this one, in their order. */
  async orderNos(after: string, limit: number): Promise<readonly string[]> {
    const page = this.#db.selectFrom(this.#of.table).select('order_no').where('order_no', '>', after);
    const rows = await page.orderBy('order_no').limit(limit).execute();
    return rows.map(({ order_no }) => order_no);
  }

  /** In one statement, so that rows and place are of one moment. */
  async read(orderNos: readonly string[]): Promise<RowsAt> {
    // Safe cast, of types only: the engine's table is in the same database.
    const engine = this.#db as unknown as Kysely<Pick<EngineTables, 'model_places'>>;
    const found = await engine
      .selectFrom('model_places')
      .leftJoin(sql<StoredOrder>`${sql.table(this.#of.table)}`.as('found'), (join) =>
        join.on('found.order_no', 'in', orderNos),
      )
      .where('model_places.model', '=', this.#of.model)
      .select(['model_places.position as reached', 'model_places.fingerprint'])
      .select(['found.order_no', 'user_id', 'train', 'date', 'status', 'requested_at', 'found.position', 'view'])
      .execute();
    const rows = new Map<string, OrderRow>();
    for (const { order_no, user_id, train, date, status, requested_at, position, view: stored } of found) {
      if (order_no === null || stored === null || position === null) continue;
      const view = this.#dialect.fromJson(stored);
      // A row of which nothing can be read is as one that is not there.
      if (!isView(view)) continue;
      const isWhole =
        view.orderNo === order_no &&
        view.userId === user_id &&
        view.train === train &&
        view.date === date &&
        view.status === status &&
        requested_at !== null &&
        this.#dialect.fromInstant(requested_at) === Date.parse(view.requestedAt);
      rows.set(order_no, { view, first: position, isWhole });
    }
    const [place] = found;
    return { place: { position: place?.reached ?? 0, fingerprint: place?.fingerprint ?? '' }, rows };
  }

  /**
   * Writes the rows of these orders anew, as `decide` says at the position of the model; an order of which it says nothing
   * goes. False: another process feeds the model.
   */
  rewrite(
    orderNos: readonly string[],
    decide: (position: Position) => Promise<ReadonlyMap<string, Omit<OrderRow, 'isWhole'>>>,
  ): Promise<boolean> {
    return this.#rewriting.rewrite(async (position) => {
      const written = await decide(position);
      const gone = orderNos.filter((orderNo) => !written.has(orderNo));
      return async ({ trx, dialect, upsert }) => {
        for (const page of pagesOf(gone, dialect.maxParameters))
          await trx.deleteFrom(this.#of.table).where('order_no', 'in', page).execute();
        await upsert(
          this.#of.table,
          [...written.values()].map(({ view, first }) => storedOrder(view, first, dialect)),
        );
      };
    });
  }
}
