import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { RecordedEvent } from '@railhead/commands/ports/event-store.ts';
import { newEvent } from '@railhead/tests/support/events.ts';
import { oneSeat } from '@railhead/tests/support/order-request.ts';
import { anyLog, raised, readSideOf, silentLogger } from '@railhead/tests/support/read-side.ts';
import fc from 'fast-check';
import { prepareTables } from '../engine/prepare-tables.ts';
import type { ReadDatabase } from '../engine/read-database.ts';
import { ordersModel } from './orders-model.ts';

let database: ReadDatabase;
beforeEach(async () => {
  database = await readSideOf(ordersModel);
});
afterEach(() => database.db.destroy());

type Placed = { readonly orderNo: string; readonly userId: string; readonly closed: boolean };

/** A log that requests the orders in this order and closes some later, so the newest events are in another order. */
const logOf = (orders: readonly Placed[]): readonly RecordedEvent[] => {
  const requested = orders.map(({ orderNo, userId }) =>
    newEvent({ orderNo, request: { ...oneSeat, userId } }, 'OrderRequested'),
  );
  const closing = orders.filter(({ closed }) => closed).reverse();
  const closed = closing.map(() => newEvent({ reason: 'CANCELLED' }, 'OrderClosed'));
  const streams = [...orders, ...closing].map(({ orderNo }) => `order-${orderNo}`);
  return [...requested, ...closed].map((event, index) => ({
    ...event,
    stream: streams[index] ?? '',
    revision: index < orders.length ? 0 : 1,
    position: index + 1,
  }));
};

test('pages of a user list every order once, newest request first, whatever the batches and restarts', async () => {
  const placed = fc.record({ user: fc.nat(2), closed: fc.boolean() });
  await fc.assert(
    fc.asyncProperty(
      fc.array(placed, { maxLength: 12 }),
      fc.integer({ min: 1, max: 5 }),
      fc.integer({ min: 1, max: 4 }),
      fc.option(fc.constantFrom('QUEUED', 'CLOSED')),
      async (plans, perBatch, limit, status) => {
        for (const model of [raised(ordersModel), ordersModel]) await prepareTables(database, [model], silentLogger);
        const orders = plans.map(({ user, closed }, n) => ({ orderNo: `N${n}`, userId: `u${user}`, closed }));
        const log = logOf(orders);
        for (let from = 0; from < log.length; from += perBatch) {
          // The model is reopened each time and takes each batch twice: earlier rows are read back from the tables.
          const events = log.slice(from, from + perBatch);
          const batch = { events, position: events.at(-1)?.position ?? 0, caughtUp: true };
          for (const { projection } of [ordersModel.open(database), ordersModel.open(database)]) {
            await projection.load(anyLog);
            await projection.apply(batch);
          }
        }
        const { queries } = ordersModel.open(database);
        const user = 'u1';
        const pages: string[][] = [];
        for (let cursor: number | undefined; ; ) {
          const page = await queries.byUser(user, { cursor, limit, status: status ?? undefined });
          pages.push(page.orders.map(({ orderNo }) => orderNo));
          cursor = page.nextCursor;
          if (cursor === undefined) break;
        }
        const wanted = orders
          .filter((order) => order.userId === user)
          .filter(({ closed }) => status === null || closed === (status === 'CLOSED'))
          .map(({ orderNo }) => orderNo)
          .reverse();
        expect(pages.flat()).toEqual(wanted);
        // If the last page is full, it has no cursor to an empty one.
        expect(pages).toHaveLength(Math.max(1, Math.ceil(wanted.length / limit)));
        for (const { orderNo, userId, closed } of orders)
          expect(await queries.byNumber(orderNo)).toMatchObject({
            orderNo,
            userId,
            status: closed ? 'CLOSED' : 'QUEUED',
          });
        expect(await queries.byNumber('N99')).toBeUndefined();
      },
    ),
    { numRuns: 40 },
  );
});
