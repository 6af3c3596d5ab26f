import { expect, test } from '@jest/globals';
import { type OrderNumbering, orderNoOf, plainOrderNoOf } from '@railhead/commands/orders/order-number.ts';
import type { RecordedEvent } from '@railhead/commands/ports/event-store.ts';
import { newEvent } from '@railhead/tests/support/events.ts';
import { oneSeat } from '@railhead/tests/support/order-request.ts';
import { anyLog, readSideOf } from '@railhead/tests/support/read-side.ts';
import fc from 'fast-check';
import type { Projection } from '../engine/projection.ts';
import type { ReadDatabase } from '../engine/read-database.ts';
import type { OpenModel, ReadModel } from '../engine/read-model.ts';
import type { OrderLayout } from './order-layout.ts';
import { OrderLayouts, type ServedLayout } from './order-layouts.ts';
import { ordersModel } from './orders-model.ts';
import type { OrdersPage, PageOfUser } from './orders-queries.ts';
import { type OrdersOfDatabase, ordersShard } from './sharded-orders.ts';

const opened: ReadDatabase[] = [];
/** After each railway of a property: a server has room for so many connections only. */
const closeAll = async (): Promise<void> => {
  for (const { db } of opened.splice(0)) await db.destroy();
};
const databaseWith = async (model: ReadModel<unknown>): Promise<ReadDatabase> => {
  const database = await readSideOf(model);
  opened.push(database);
  return database;
};

const SECRET = 'a-secret-of-the-tests';
/** Some orders are from before there was a secret, so a user may have orders in two shards. */
const NUMBERING: OrderNumbering = { secret: SECRET, keyedSinceMs: 0 };

type Placed = { readonly user: number; readonly isPlain: boolean; readonly isPaid: boolean };

const userOf = (user: number): string => `user-${user}`;

const noOf = ({ user, isPlain }: Placed, at: number): string =>
  isPlain ? plainOrderNoOf(userOf(user), `key-${at}`, 0) : orderNoOf(SECRET, userOf(user), `key-${at}`, 0);

/** Requests in this order; then some are closed, the last ones first. */
const logOf = (orders: readonly Placed[]): readonly RecordedEvent[] => {
  const requested = orders.map((order, at) => ({
    ...newEvent({ orderNo: noOf(order, at), request: { ...oneSeat, userId: userOf(order.user) } }, 'OrderRequested'),
    stream: `order-${noOf(order, at)}`,
    revision: 0,
  }));
  const closed = orders.map((order, at) => ({
    ...newEvent({ reason: 'CANCELLED' }, 'OrderClosed'),
    stream: `order-${noOf(order, at)}`,
    revision: 1,
    isWanted: order.isPaid,
  }));
  return [...requested, ...closed.filter(({ isWanted }) => isWanted).reverse()].map(({ ...event }, index) => ({
    ...event,
    position: index + 1,
  }));
};

/** A layout on databases of its own, and how far each of them is. */
class FedLayout {
  readonly served: ServedLayout;
  readonly #projections: readonly Projection[];
  readonly #positions: number[];
  isWhole = false;
  /** How often it was asked. */
  asked = 0;

  private constructor(layout: OrderLayout, shards: readonly OpenModel<OrdersOfDatabase>[]) {
    this.#projections = shards.map(({ projection }) => projection);
    this.#positions = shards.map(() => 0);
    const [positions, isWhole] = [this.#positions, () => this.isWhole];
    const noteAsked = (): void => {
      this.asked += 1;
    };
    this.served = {
      layout,
      shards: shards.map(({ queries }, number) => ({
        get queries() {
          noteAsked();
          return queries;
        },
        tables: queries,
        get wasWhole() {
          return isWhole();
        },
        gate: {
          get position() {
            return positions[number] ?? 0;
          },
          waitFor: async (position) => (positions[number] ?? 0) >= position,
        },
      })),
    };
  }

  static async of(layout: OrderLayout): Promise<FedLayout> {
    const models = Array.from({ length: layout.databases }, (_, number) => ordersShard(layout, number, true));
    const shards = await Promise.all(models.map(async (model) => model.open(await databaseWith(model))));
    for (const { projection } of shards) await projection.load(anyLog);
    return new FedLayout(layout, shards);
  }

  async feed(number: number, log: readonly RecordedEvent[], upTo: number): Promise<void> {
    const events = log.filter(({ position }) => position > (this.#positions[number] ?? 0) && position <= upTo);
    await this.#projections[number]?.apply({ events, position: upTo, caughtUp: true });
    this.#positions[number] = upTo;
  }

  async feedAll(log: readonly RecordedEvent[]): Promise<void> {
    for (const number of this.#positions.keys()) await this.feed(number, log, log.length);
    this.isWhole = true;
  }
}

const allPages = async (
  ask: (page: PageOfUser) => Promise<OrdersPage>,
  limit: number,
): Promise<readonly { readonly orderNo: string; readonly status: string }[]> => {
  const found = [];
  for (let cursor: number | undefined; ; ) {
    const page = await ask({ cursor, limit });
    found.push(...page.orders.map(({ orderNo, status }) => ({ orderNo, status })));
    cursor = page.nextCursor;
    if (cursor === undefined) return found;
  }
};

const orders = fc.array(fc.record({ user: fc.nat(3), isPlain: fc.boolean(), isPaid: fc.boolean() }), {
  minLength: 1,
  maxLength: 16,
});
const layout = fc.record({ databases: fc.integer({ min: 1, max: 4 }), tables: fc.integer({ min: 1, max: 4 }) });

test('orders that are spread are found as if they were in one table, by number and by user, page by page', async () => {
  await fc.assert(
    fc
      .asyncProperty(orders, layout, fc.integer({ min: 1, max: 3 }), async (placed, form, limit) => {
        const log = logOf(placed);
        const { projection, queries: inOne } = ordersModel.open(await databaseWith(ordersModel));
        await projection.load(anyLog);
        await projection.apply({ events: log, position: log.length, caughtUp: true });
        const spread = await FedLayout.of(form);
        await spread.feedAll(log);
        const layouts = new OrderLayouts(NUMBERING, spread.served);
        for (const user of [0, 1, 2, 3].map(userOf)) {
          const wanted = await allPages((page) => inOne.byUser(user, page), limit);
          expect(await allPages((page) => layouts.ofUser(user).queries.byUser(user, page), limit)).toEqual(wanted);
        }
        for (const [at, order] of placed.entries())
          expect(await layouts.ofOrder(noOf(order, at)).queries.byNumber(noOf(order, at))).toEqual(
            await inOne.byNumber(noOf(order, at)),
          );
        expect(await layouts.ofOrder('no order').queries.byNumber('no order')).toBeUndefined();
      })
      .afterEach(closeAll),
    { numRuns: 20 },
  );
});

test('while the next layout is built and takes over, no order is seen in an older state than before', async () => {
  const step = fc.record({ isNext: fc.boolean(), database: fc.nat(3), by: fc.integer({ min: 1, max: 4 }) });
  await fc.assert(
    fc
      .asyncProperty(
        orders,
        layout,
        layout,
        fc.array(step, { maxLength: 30 }),
        fc.nat(30),
        async (placed, now, form, steps, wholeAt) => {
          const log = logOf(placed);
          const current = await FedLayout.of(now);
          const next = await FedLayout.of({ ...form, mark: 'next' });
          let told = 0;
          const layouts = new OrderLayouts(NUMBERING, current.served, {
            ...next.served,
            moved: () => {
              told += 1;
            },
          });
          const numbers = placed.map(noOf);
          const seen = new Map<string, number>();
          const look = async (): Promise<void> => {
            for (const no of numbers) {
              const { gate, queries } = layouts.ofOrder(no);
              const before = gate.position;
              const view = await queries.byNumber(no);
              const age = view === undefined ? 0 : view.status === 'CLOSED' ? 2 : 1;
              expect(age).toBeGreaterThanOrEqual(seen.get(no) ?? 0);
              seen.set(no, age);
              // What the gate says is there.
              const ofOrder = log.filter(({ stream, position }) => stream === `order-${no}` && position <= before);
              expect(age).toBeGreaterThanOrEqual(ofOrder.length);
            }
          };
          const reached = new Map<string, number>();
          for (const [at, { isNext, database, by }] of steps.entries()) {
            const fed = isNext ? next : current;
            const number = database % fed.served.shards.length;
            const upTo = Math.min(log.length, (reached.get(`${isNext} ${number}`) ?? 0) + by);
            reached.set(`${isNext} ${number}`, upTo);
            await fed.feed(number, log, upTo);
            if (at === wholeAt) next.isWhole = true;
            await look();
          }
          await current.feedAll(log);
          await look();
          await next.feedAll(log);
          await look();
          expect(told).toBe(1);
          // Everything is answered from the next layout now: the old one may go.
          current.asked = 0;
          await look();
          expect(current.asked).toBe(0);
        },
      )
      .afterEach(closeAll),
    { numRuns: 20 },
  );
});
