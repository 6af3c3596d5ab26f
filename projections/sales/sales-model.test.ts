import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { OrderView } from '@railhead/commands/orders/order-view.ts';
import type { RecordedEvent } from '@railhead/commands/ports/event-store.ts';
import { orderCategory } from '@railhead/domain/order/stream.ts';
import { paymentCategory } from '@railhead/domain/payment/stream.ts';
import { waitlistCategory } from '@railhead/domain/waitlist/stream.ts';
import { anyLog, readSideOf } from '@railhead/tests/support/read-side.ts';
import { seededRandom } from '@railhead/tests/support/seeded-random.ts';
import { eventsOfHistory, HISTORIES } from '@railhead/tests/support/stored-histories.ts';
import { type ReadDatabase, tablesOf } from '../engine/read-database.ts';
import { sqlProjection } from '../engine/sql-projection.ts';
import { orderNoOf, viewAfter } from '../orders/view-after.ts';
import { salesHandler, salesModel } from './sales-model.ts';
import { type SalesCursor, type SalesPage, SalesQueries } from './sales-queries.ts';
import type { ListedPayment, ListedRefund, ListedTicket } from './sales-rows.ts';
import { type SalesTables, salesTables } from './sales-tables.ts';

let database: ReadDatabase;
beforeEach(async () => {
  database = await readSideOf(salesModel);
});
afterEach(() => database.db.destroy());

const isOfSales = ({ stream }: RecordedEvent): boolean =>
  orderCategory.holds({ stream }) || paymentCategory.holds({ stream }) || waitlistCategory.holds({ stream });

/** Applied in batches of any size, by a model that remembers two orders and is opened again now and then. */
const applied = async (events: readonly RecordedEvent[], seed: number): Promise<void> => {
  const random = seededRandom(seed);
  const options = {
    name: salesModel.name,
    version: 2,
    categories: [orderCategory, paymentCategory, waitlistCategory],
    tables: salesTables,
  };
  const open = () => sqlProjection(database, options, () => salesHandler(2));
  let projection = open();
  await projection.load(anyLog);
  for (let from = 0; from < events.length; ) {
    const batch = events.slice(from, from + 1 + Math.floor(random.next() * 40));
    from += batch.length;
    await projection.apply({ events: batch.filter(isOfSales), position: batch.at(-1)?.position ?? 0, caughtUp: true });
    if (random.next() > 0.2) continue;
    projection = open();
    await projection.load(anyLog);
  }
};

const queries = (): SalesQueries => new SalesQueries(tablesOf<SalesTables>(database.db), database.dialect, 5);

const all = async <Row>(
  page: (asked: { cursor: SalesCursor | undefined; limit: number }) => Promise<SalesPage<Row>>,
) => {
  const rows: Row[] = [];
  let cursor: SalesCursor | undefined;
  do {
    const { rows: some, next } = await page({ cursor, limit: 7 });
    rows.push(...some);
    cursor = next;
  } while (cursor !== undefined);
  return rows;
};

const viewsOf = (events: readonly RecordedEvent[]): readonly OrderView[] => {
  const views = new Map<string, OrderView>();
  for (const event of events.filter((one) => isOfSales(one) && !waitlistCategory.holds(one))) {
    const view = viewAfter(views.get(orderNoOf(event)), event);
    if (view !== undefined) views.set(view.orderNo, view);
  }
  return [...views.values()];
};

const byText = (one: object, other: object): number => (JSON.stringify(one) < JSON.stringify(other) ? -1 : 1);
const sumOf = (refunds: readonly ListedRefund[]): number => refunds.reduce((sum, { amountFen }) => sum + amountFen, 0);

const seen = { kinds: new Set<string>(), tickets: new Set<string>(), payments: new Set<string>(), unpaid: 0 };

describe.each(HISTORIES.flatMap((name) => [0.2, 0.45, 0.7, 1].map((share) => [name, share] as const)))(
  'of %s, up to %d of it',
  (name, share) => {
    const whole = eventsOfHistory(name);
    const events = whole.slice(0, Math.floor(whole.length * share));
    const views = viewsOf(events);
    beforeEach(() => applied(events, name.length));

    test('payments are those of the orders as they are shown, and their refunds add up', async () => {
      const payments = await all<ListedPayment>((page) => queries().payments(page));
      const isOrder = ({ orderNo }: { readonly orderNo: string }): boolean =>
        views.some((view) => view.orderNo === orderNo);
      expect(payments).toHaveLength(events.filter(({ type }) => type === 'PaymentCreated').length);
      const shown = payments
        .filter(isOrder)
        .map(({ orderNo, userId, currency, gatewayRef: _, startedAt: __, endedAt: ___, ...rest }) => [
          orderNo,
          userId,
          currency,
          rest,
        ]);
      const wanted = views.flatMap(({ orderNo, userId, currency, payments }) =>
        payments.map((payment) => [orderNo, userId, currency, payment]),
      );
      expect([...shown].sort(byText)).toEqual([...wanted].sort(byText));
      expect(payments.map(({ startedAt }) => startedAt)).toEqual(
        payments
          .map(({ startedAt }) => startedAt)
          .sort()
          .reverse(),
      );
      for (const payment of payments) {
        seen.payments.add(payment.status);
        const refunds = await all<ListedRefund>((page) => queries().refunds({ ...page, paymentNo: payment.paymentNo }));
        expect(sumOf(refunds)).toBe(payment.askedBackFen);
        expect(sumOf(refunds.filter(({ status }) => status === 'DONE'))).toBe(payment.refundedFen);
        expect(payment.endedAt === undefined).toBe(payment.status === 'CREATED');
        expect(payment.gatewayRef === undefined).toBe(['CREATED', 'DECLINED', 'CLOSED'].includes(payment.status));
      }
    });

    test('refunds of tickets and changes are named as in their orders', async () => {
      const isWaitlist = (no: string): boolean => events.some(({ stream }) => stream === `waitlist-${no}`);
      const refunds = await all<ListedRefund>((page) => queries().refunds(page));
      for (const { orderNo, kind, refundNo, items, feeFen, doneAt, status, userId } of refunds) {
        seen.kinds.add(kind);
        const view = views.find((one) => one.orderNo === orderNo);
        if (view === undefined) {
          // Of a waitlist request that never became an order, all of what was prepaid goes back.
          expect([kind, isWaitlist(orderNo)]).toEqual(['PAYMENT_UNUSED', true]);
          continue;
        }
        expect([view.userId, status]).toEqual([userId, doneAt === undefined ? 'REQUESTED' : 'DONE']);
        const of = [...view.refunds, ...view.changes.map((one) => ({ ...one, refundNo: one.changeNo }))];
        const found = of.find((one) => one.refundNo === refundNo);
        expect([items, feeFen]).toEqual([found?.items, found?.feeFen]);
        if (found === undefined) expect(['CARRIED', 'PAYMENT_UNUSED']).toContain(kind);
      }
    });

    test('tickets are those of the orders as they are shown', async () => {
      const tickets = await all<ListedTicket>((page) => queries().tickets(page));
      const shown = tickets.map(
        ({ ticketNo, status, orderNo, train, date, from, to, itemNo, passenger, coach, seat }) => ({
          ...{ ticketNo, status, orderNo, train, date, from, to, itemNo, passenger, coach, seat },
        }),
      );
      const wanted = views.flatMap(({ orderNo, train, date, from, to, items }) =>
        items
          .filter(({ ticketNo }) => ticketNo !== undefined)
          .map(({ ticketNo, ticketStatus, itemNo, passenger, coach, seat }) => ({
            ...{ ticketNo, status: ticketStatus, orderNo, train, date, from, to, itemNo, passenger, coach, seat },
          })),
      );
      expect([...shown].sort(byText)).toEqual([...wanted].sort(byText));
      for (const { status } of tickets) seen.tickets.add(status);
      for (const { status, usedAt } of tickets) expect(usedAt !== undefined).toBe(status === 'USED');
      for (const { train, date } of views) {
        const ofRun = await all<ListedTicket>((page) => queries().tickets({ ...page, train, date, status: 'ISSUED' }));
        const isOfRun = (one: ListedTicket) => one.train === train && one.date === date && one.status === 'ISSUED';
        expect(ofRun).toEqual(tickets.filter(isOfRun));
      }
    });

    test('orders that wait for their payment are those that are shown so, soonest first', async () => {
      const unpaid = await all((page) => queries().unpaid(page));
      seen.unpaid += unpaid.length;
      const wanted = views
        .filter(({ status }) => status === 'WAIT_PAY')
        .map(({ orderNo, payBefore = '', amountFen, items }) => ({
          orderNo,
          payBefore,
          amountFen,
          seats: items.length,
        }))
        .sort((a, b) => Date.parse(a.payBefore) - Date.parse(b.payBefore) || (a.orderNo < b.orderNo ? -1 : 1));
      expect(
        unpaid.map(({ orderNo, payBefore, amountFen, seats }) => ({ orderNo, payBefore, amountFen, seats })),
      ).toEqual(wanted);
    });
  },
);

test('the histories have payments, refunds and tickets of every kind, but for used tickets', () => {
  expect([...seen.payments]).toEqual(
    expect.arrayContaining(['CLOSED', 'CREATED', 'DECLINED', 'REFUNDED', 'SUCCEEDED']),
  );
  expect([...seen.kinds].sort()).toEqual(['CARRIED', 'PAYMENT_UNUSED', 'TICKETS_CHANGED', 'TICKETS_REFUNDED']);
  expect([...seen.tickets].sort()).toEqual(['CHANGED', 'ISSUED', 'REFUNDED']);
  expect(seen.unpaid).toBeGreaterThan(0);
});
