// Orders as they are shown and as they are searched, compared with the log: every kind of difference is planted, found, and
// repaired or left to people; and what happens meanwhile is never taken for one.
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { OrderView } from '@railhead/commands/orders/order-view.ts';
import type { Reconciled } from '@railhead/commands/reconciliation/reconciled.ts';
import type { PaymentEvent } from '@railhead/domain/payment/events.ts';
import { paymentCategory, paymentNoOf } from '@railhead/domain/payment/stream.ts';
import { MemoryEventStore } from '@railhead/infra/eventstore/memory/memory-event-store.ts';
import type { Projection } from '@railhead/projections/engine/projection.ts';
import type { OpenModel } from '@railhead/projections/engine/read-model.ts';
import type { OrderDocument } from '@railhead/projections/order-search/order-document.ts';
import type { OrderSearchQueries } from '@railhead/projections/order-search/order-search-model.ts';
import { type OrdersAsked, reconcileOrders } from '@railhead/projections/order-search/reconcile-orders.ts';
import { onePart } from '@railhead/projections/orders/order-rows.ts';
import { ordersModel } from '@railhead/projections/orders/orders-model.ts';
import fc from 'fast-check';
import { newEvent } from '../support/events.ts';
import { livesOf, writeOrder } from '../support/order-life.ts';
import { anyLog, readSideOf } from '../support/read-side.ts';

export type SearchPlace = { readonly model: OpenModel<OrderSearchQueries>; readonly close: () => Promise<void> };

const AT = '2026-12-01T08:00:00.000+08:00';
const numberOf = (index: number): string => `N${String(index).padStart(3, '0')}`;

export const orderReconciliationContract = (name: string, newSearch: () => Promise<SearchPlace>, runs = 25): void =>
  describe(`orders that are shown and searched, compared with the log, ${name}`, () => {
    const closing: (() => Promise<unknown>)[] = [];
    afterEach(async () => {
      for (const close of closing.splice(0).reverse()) await close();
    });

    const begin = async () => {
      const store = new MemoryEventStore();
      const database = await readSideOf(ordersModel);
      const orders = ordersModel.open(database);
      const { model: search, close } = await newSearch();
      closing.push(() => database.db.destroy(), close);
      const proof = { ...anyLog, fingerprintAt: (position: number) => store.fingerprintAt(position) };
      for (const { projection } of [orders, search] as readonly { readonly projection: Projection }[]) {
        const over = new AbortController();
        await projection.lease?.acquire(
          over.signal,
          async () => false,
          () => {},
        );
        closing.push(async () => projection.lease?.release());
        await projection.load(proof);
      }
      const compare = (asked: OrdersAsked = {}): Promise<Reconciled> =>
        reconcileOrders(
          {
            log: store,
            rows: onePart(orders.queries.rows),
            documents: search.queries.documents,
            giveWay: async () => {},
            timestamp: () => AT,
          },
          asked,
        );
      const feed = async (model: { readonly projection: Projection }, after: number, limit = 1_000) => {
        const batch = await store.readAll({ after, limit });
        await model.projection.apply(batch);
        return batch.position;
      };
      return { store, orders, search, compare, feed, database };
    };
    type World = Awaited<ReturnType<typeof begin>>;
    let world: World;

    const pay = async (store: MemoryEventStore, orderNo: string): Promise<void> => {
      const paymentNo = paymentNoOf(orderNo, 1);
      const events: readonly PaymentEvent[] = [
        {
          type: 'PaymentCreated',
          version: 1,
          data: { paymentNo, orderNo, channel: 'sandbox', amountFen: 100, currency: 'CNY' },
        },
        {
          type: 'PaymentSucceeded',
          version: 1,
          data: { paymentNo, orderNo, amountFen: 100, version: 1, gatewayRef: 'r' },
        },
      ];
      const news = events.map(({ type, data }) => newEvent(data, type));
      await store.append([{ stream: paymentCategory.stream(paymentNo), expected: 'noStream', events: news }]);
    };

    /** Twelve orders in all kinds of states, the second with a payment. */
    beforeEach(async () => {
      world = await begin();
      const lives = livesOf('');
      for (let index = 0; index < 12; index += 1) {
        const orderNo = numberOf(index);
        await writeOrder(world.store, orderNo, livesOf(orderNo)[index % lives.length] ?? []);
        if (index === 1) await pay(world.store, orderNo);
      }
      for (const model of [world.orders, world.search]) await world.feed(model, 0);
    });

    const nothing = { counts: { auto_fixed: 0, repaired: 0, alarm: 0, left: 0 }, details: [] };

    const putView = async (orderNo: string, change: (view: OrderView) => OrderView | undefined): Promise<void> => {
      const before = (await world.orders.queries.rows.read([orderNo])).rows.get(orderNo);
      const view = before === undefined ? undefined : change(before.view);
      await world.orders.queries.rows.rewrite([orderNo], async () =>
        view === undefined ? new Map() : new Map([[orderNo, { view, first: before?.first ?? 1 }]]),
      );
    };
    const putDocument = async (
      orderNo: string,
      change: (document: OrderDocument) => OrderDocument | undefined,
      like = orderNo,
    ): Promise<void> => {
      const { documents } = world.search.queries;
      const before = (await documents.examine([like])).documents.get(like)?.document;
      const document = before === undefined ? undefined : change(before);
      await documents.rewrite([orderNo], async () =>
        document === undefined ? new Map() : new Map([[orderNo, document]]),
      );
    };

    test('what is as the log has it differs nowhere, also where one model is behind', async () => {
      expect(await world.compare()).toEqual({ checked: 12, ...nothing });
      const end = await world.store.lastPosition();
      await pay(world.store, numberOf(2));
      await writeOrder(world.store, 'N900', livesOf('N900')[1] ?? []);
      expect(await world.compare()).toEqual({ checked: 13, ...nothing });
      await world.feed(world.orders, end);
      expect(await world.compare()).toEqual({ checked: 13, ...nothing });
      await world.feed(world.search, end);
      expect(await world.compare()).toEqual({ checked: 13, ...nothing });
    });

    test.each<[what: string, fields: readonly string[], change: (view: OrderView) => OrderView]>([
      ['its status', ['status'], (view) => ({ ...view, status: 'CLOSED' })],
      ['its amount', ['amountFen'], (view) => ({ ...view, amountFen: view.amountFen + 1 })],
      ['its user', ['userId'], (view) => ({ ...view, userId: 'mallory' })],
      ['its train', ['train'], (view) => ({ ...view, train: 'G99' })],
      ['a payment', ['payments'], (view) => ({ ...view, payments: [] })],
    ])('an order that is shown with another value of %s is written anew', async (_, fields, change) => {
      const orderNo = numberOf(1);
      await putView(orderNo, change);
      await putDocument(orderNo, (document) => ({ ...document, view: change(document.view) }));
      const { checked, counts, details } = await world.compare();
      expect({ checked, counts }).toEqual({ checked: 12, counts: { ...nothing.counts, auto_fixed: 2 } });
      const differs = { order_no: orderNo, kind: 'differs', fields, logged_status: 'WAIT_PAY', action: 'auto_fixed' };
      expect(details).toEqual([
        expect.objectContaining({ ...differs, store: 'orders', fix_time: AT }),
        expect.objectContaining({ ...differs, store: 'orderSearch', fix_time: AT }),
      ]);
      expect(await world.compare()).toEqual({ checked: 12, ...nothing });
    });

    test('orders that are missing, and that the log does not have', async () => {
      await putView(numberOf(3), () => undefined);
      await putDocument(numberOf(4), () => undefined);
      const stray = 'N777';
      const like = (await world.orders.queries.rows.read([numberOf(5)])).rows.get(numberOf(5));
      if (like === undefined) throw new Error('it is shown');
      const view = { ...like.view, orderNo: stray };
      await world.orders.queries.rows.rewrite([stray], async () => new Map([[stray, { view, first: 2 }]]));
      await putDocument(stray, (document) => ({ ...document, orderNo: stray, first: 900, view }), numberOf(5));
      const { checked, counts, details } = await world.compare();
      expect({ checked, counts }).toEqual({ checked: 13, counts: { ...nothing.counts, auto_fixed: 4 } });
      expect(details.map(({ store, order_no, kind }) => [store, order_no, kind])).toEqual([
        ['orders', numberOf(3), 'missing'],
        ['orders', stray, 'surplus'],
        ['orderSearch', numberOf(4), 'missing'],
        ['orderSearch', stray, 'surplus'],
      ]);
      expect(await world.compare()).toEqual({ checked: 12, ...nothing });
      const all = await world.search.queries.search({ limit: 50 }, await world.store.lastPosition());
      expect(all.orders.map(({ orderNo }) => orderNo).sort()).toEqual(
        Array.from({ length: 12 }, (_, n) => numberOf(n)),
      );
      // What the log has next finds its order.
      const end = await world.store.lastPosition();
      await pay(world.store, numberOf(4));
      for (const model of [world.orders, world.search]) await world.feed(model, end);
      expect(await world.compare()).toEqual({ checked: 12, ...nothing });
    });

    test.each([
      [9, 'auto_fixed'],
      [10, 'alarm'],
    ] as const)('of %d orders that differ the action is %s', async (count, action) => {
      for (let index = 0; index < count; index += 1)
        await putDocument(numberOf(index), (document) => ({ ...document, view: { ...document.view, amountFen: 7 } }));
      expect((await world.compare()).counts).toEqual({ ...nothing.counts, [action]: count });
      const left = action === 'alarm' ? count : 0;
      expect((await world.compare()).counts).toEqual({ ...nothing.counts, alarm: left });
      expect((await world.compare({ repair: true })).counts).toEqual({ ...nothing.counts, repaired: left });
      expect(await world.compare()).toEqual({ checked: 12, ...nothing });
    });

    test('models that are not of this log are not compared', async () => {
      const { store } = await begin();
      const deps = { rows: onePart(world.orders.queries.rows), documents: world.search.queries.documents };
      await writeOrder(store, numberOf(0), livesOf(numberOf(0))[0] ?? []);
      await expect(
        reconcileOrders({ log: store, ...deps, giveWay: async () => {}, timestamp: () => AT }, {}),
      ).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    });

    test('while orders come in nothing differs, and what is planted then is found, exactly', async () => {
      const step = fc.record({
        events: fc.integer({ min: 1, max: 4 }),
        behind: fc.constantFrom('orders', 'search', 'none'),
      });
      const planted = fc.uniqueArray(fc.nat(11), { maxLength: 12 });
      await fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 6 }), planted, fc.boolean(), async (steps, wrong, inSearch) => {
          world = await begin();
          for (let index = 0; index < 12; index += 1) {
            const orderNo = numberOf(index);
            await writeOrder(world.store, orderNo, livesOf(orderNo)[index % 9] ?? []);
            if (index % 2 === 1) await pay(world.store, orderNo);
          }
          let [ofOrders, ofSearch] = [0, 0];
          for (const { events, behind } of steps) {
            const [compared] = await Promise.all([
              world.compare(),
              (async () => {
                if (behind !== 'orders') ofOrders = await world.feed(world.orders, ofOrders, events * 4);
              })(),
              (async () => {
                if (behind !== 'search') ofSearch = await world.feed(world.search, ofSearch, events * 4);
              })(),
            ]);
            expect(compared).toEqual({ checked: 12, ...nothing });
          }
          await world.feed(world.orders, ofOrders);
          await world.feed(world.search, ofSearch);
          for (const index of wrong)
            if (inSearch) await putDocument(numberOf(index), (document) => ({ ...document, names: ['mallory'] }));
            else await putView(numberOf(index), (view) => ({ ...view, date: '2020-01-01' }));
          const { details } = await world.compare();
          expect(details.map(({ order_no, action }) => [order_no, action])).toEqual(
            [...wrong]
              .sort((a, b) => a - b)
              .map((index) => [numberOf(index), wrong.length < 10 ? 'auto_fixed' : 'alarm']),
          );
          await world.compare({ repair: true });
          expect(await world.compare()).toEqual({ checked: 12, ...nothing });
          for (const close of closing.splice(0).reverse()) await close();
        }),
        { numRuns: runs },
      );
    });
  });
