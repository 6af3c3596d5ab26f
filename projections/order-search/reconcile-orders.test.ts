// Orders against the log, with the embedded search; and what only its tables can have wrong.
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { MemoryEventStore } from '@railhead/infra/eventstore/memory/memory-event-store.ts';
import {
  orderReconciliationContract,
  type SearchPlace,
} from '@railhead/tests/contract/order-reconciliation.contract.ts';
import { livesOf, writeOrder } from '@railhead/tests/support/order-life.ts';
import { oneSeat } from '@railhead/tests/support/order-request.ts';
import { anyLog, inMemory, preparedWith } from '@railhead/tests/support/read-side.ts';
import { sql } from 'kysely';
import type { ReadDatabase } from '../engine/read-database.ts';
import { onePart } from '../orders/order-rows.ts';
import { ordersModel } from '../orders/orders-model.ts';
import { orderSearchModel } from './order-search-model.ts';
import { reconcileOrders } from './reconcile-orders.ts';

const embedded = async (): Promise<SearchPlace> => {
  const database = await preparedWith(inMemory(), [orderSearchModel]);
  return { model: orderSearchModel.open(database), close: () => database.db.destroy() };
};

orderReconciliationContract('embedded', embedded);

describe('of the tables', () => {
  let database: ReadDatabase;
  const log = new MemoryEventStore();
  let compare: () => ReturnType<typeof reconcileOrders>;
  beforeEach(async () => {
    database = await preparedWith(inMemory(), [ordersModel, orderSearchModel]);
    const [orders, search] = [ordersModel.open(database), orderSearchModel.open(database)];
    if ((await log.lastPosition()) === 0) await writeOrder(log, 'N1', livesOf('N1')[4] ?? []);
    for (const { projection } of [orders, search]) {
      await projection.load({ ...anyLog, fingerprintAt: (position) => log.fingerprintAt(position) });
      await projection.apply(await log.readAll({ after: 0, limit: 100 }));
    }
    const [rows, { documents }] = [onePart(orders.queries.rows), search.queries];
    compare = () => reconcileOrders({ log, rows, documents, giveWay: async () => {}, timestamp: () => 'now' }, {});
  });
  afterEach(() => database.db.destroy());

  test.each([
    ['orders', "update orders set status = 'CLOSED'"],
    ['orders', "update orders set user_id = 'mallory'"],
    ['orderSearch', "update found_orders set status = 'CLOSED'"],
    ['orderSearch', 'update found_orders set amount_fen = amount_fen + 1'],
    ['orderSearch', "update found_orders set train = 'G99'"],
    ['orderSearch', 'delete from found_names'],
    ['orderSearch', 'delete from found_text where rowid > 0'],
  ])('%s has a row that is not found by what it says: %s', async (store, change) => {
    await sql.raw(change).execute(database.db);
    const differs = { order_no: 'N1', store, kind: 'differs', fields: ['columns'], action: 'auto_fixed' };
    expect((await compare()).details).toEqual([expect.objectContaining(differs)]);
    expect((await compare()).details).toEqual([]);
    const { search } = orderSearchModel.open(database).queries;
    for (const asked of [{ text: 'N1' }, { status: 'SUCCESS' }, { passenger: oneSeat.passengers[0]?.name }])
      expect((await search({ limit: 5, ...asked })).orders.map(({ orderNo }) => orderNo)).toEqual(['N1']);
  });

  test('a row of which nothing can be read is written anew', async () => {
    await sql.raw("update orders set view = 'null'").execute(database.db);
    const { queries } = ordersModel.open(database);
    await expect(queries.byNumber('N1')).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    await expect(queries.byUser(oneSeat.userId, { limit: 5 })).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    const missing = { order_no: 'N1', store: 'orders', kind: 'missing', action: 'auto_fixed' };
    expect((await compare()).details).toEqual([expect.objectContaining(missing)]);
    expect((await queries.byNumber('N1'))?.orderNo).toBe('N1');
  });

  test('when it was requested is compared as well', async () => {
    await database.db
      .withTables<{ orders: { requested_at: unknown } }>()
      .updateTable('orders')
      .set({ requested_at: database.dialect.toInstant(Date.parse('2020-01-01T00:00:00Z')) })
      .execute();
    const differs = { order_no: 'N1', store: 'orders', kind: 'differs', fields: ['columns'] };
    expect((await compare()).details).toEqual([expect.objectContaining(differs)]);
  });
});
