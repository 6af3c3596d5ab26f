// Operators see payments, money that goes back, tickets and unpaid orders of all users; nobody else does.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { RUN_DATE, ServedRailway } from '../support/served-railway.ts';
import { type Answer, ask, type Json } from '../support/shopper.ts';

let railway: ServedRailway;
let given: Json;
let kept: Json;
let late: string;
let waiting: string;
beforeAll(async () => {
  railway = await ServedRailway.start({ rows: 20, letters: 'ACDF', stops: 3 });
  given = await railway.ticketed(2);
  kept = await railway.ticketed(1);
  await giveBack(given.orderNo, 1);
  late = await paidTooLate();
  waiting = (await railway.order()).body.orderNo;
});
afterAll(() => railway.stop());

const giveBack = async (orderNo: string, itemNo: number): Promise<void> => {
  const token = await railway.token('alice');
  const body = { items: [itemNo] };
  expect((await railway.ask(`/v1/orders/${orderNo}/refunds`, { token, body })).status).toBe(202);
  await railway.orderAtLast(orderNo, ({ refunds }) => refunds[0]?.status === 'DONE');
};

/** The order is cancelled, and its payment succeeds all the same. */
const paidTooLate = async (): Promise<string> => {
  const { orderNo } = (await railway.order()).body;
  const { paymentNo, amountFen } = (await railway.pay(orderNo)).body;
  await railway.ask(`/v1/orders/${orderNo}/cancel`, { method: 'POST', token: await railway.token('alice') });
  await railway.notify({ paymentNo, amountFen, outcome: 'paid' });
  await railway.orderAtLast(orderNo, ({ payments }) => payments[0]?.status === 'REFUNDING');
  return orderNo;
};

const asked = async (path: string, role = 'operator'): Promise<Answer> => {
  const token = await railway.token('olga', { role });
  const headers = { 'Railhead-Min-Position': String(await railway.store.lastPosition()) };
  return railway.ask(`/v1/admin/${path}`, { token, headers });
};
const listed = async (what: string, path: string): Promise<readonly Json[]> => {
  const { status, body } = await asked(path);
  expect([path, status]).toEqual([path, 200]);
  return body[what];
};

describe('payments', () => {
  test('are listed newest first, and found by whatever is known of them', async () => {
    const all = await listed('payments', 'payments');
    expect(all.map(({ orderNo }) => orderNo)).toEqual([late, kept.orderNo, given.orderNo]);
    const [, payment] = all;
    expect(payment).toEqual({
      ...kept.payments[0],
      orderNo: kept.orderNo,
      userId: 'alice',
      currency: 'CNY',
      gatewayRef: expect.any(String),
      startedAt: expect.stringMatching(/^2026-11-30T.*\+08:00$/),
      endedAt: expect.stringMatching(/^2026-11-30T.*\+08:00$/),
    });
    const numbers = async (query: object) =>
      (await listed('payments', `payments?${new URLSearchParams({ ...query })}`)).map(({ orderNo }) => orderNo);
    const { paymentNo, startedAt, amountFen } = payment ?? {};
    expect(amountFen).toBe(kept.amountFen);
    expect(await numbers({ paymentNo: paymentNo.toLowerCase() })).toEqual([kept.orderNo]);
    expect(await numbers({ orderNo: kept.orderNo, userId: 'alice', channel: 'sandbox' })).toEqual([kept.orderNo]);
    expect(await numbers({ userId: 'bob' })).toEqual([]);
    expect(await numbers({ channel: 'form' })).toEqual([]);
    expect(await numbers({ status: 'CLOSED' })).toEqual([]);
    expect(await numbers({ from: startedAt, to: startedAt })).toContain(kept.orderNo);
    expect(await numbers({ from: '2030-01-01T00:00:00Z' })).toEqual([]);
    expect(await numbers({ to: '2020-01-01T00:00:00Z' })).toEqual([]);
  });

  test('come page by page', async () => {
    const seen: string[] = [];
    for (let cursor = ''; ; ) {
      const { body } = await asked(`payments?limit=1${cursor}`);
      seen.push(...body.payments.map(({ orderNo }: Json) => orderNo));
      if (body.nextCursor === undefined) break;
      cursor = `&cursor=${body.nextCursor}`;
    }
    expect(seen).toEqual([late, kept.orderNo, given.orderNo]);
  });
});

describe('money that goes back', () => {
  test('is listed with its tickets and fee, or without them where the payment bought none', async () => {
    const refunds = await listed('refunds', 'refunds?userId=alice');
    const [refund] = (await railway.orderNow(given.orderNo)).refunds;
    expect(refunds.map(({ orderNo, kind, items, feeFen }) => [orderNo, kind, items, feeFen])).toEqual([
      [late, 'PAYMENT_UNUSED', undefined, undefined],
      [given.orderNo, 'TICKETS_REFUNDED', [1], refund.feeFen],
    ]);
    expect(refunds[1]).toMatchObject({ refundNo: refund.refundNo, amountFen: refund.refundFen, status: 'DONE' });
    const by = async (query: string) => (await listed('refunds', `refunds?${query}`)).map(({ orderNo }) => orderNo);
    expect(await by(`refundNo=${refund.refundNo}`)).toEqual([given.orderNo]);
    expect(await by(`paymentNo=${given.payments[0].paymentNo}`)).toEqual([given.orderNo]);
    // The gateway knows nothing of that payment, and gives nothing back.
    expect(await by('status=REQUESTED')).toEqual([late]);
    expect(await by(`orderNo=${late}&status=DONE`)).toEqual([]);
    expect(await by('status=DONE')).toEqual([given.orderNo]);
  });
});

describe('tickets', () => {
  test('of a run are whoever travels with it, with names masked', async () => {
    const run = await listed('tickets', `tickets?train=G900&date=${RUN_DATE}`);
    expect(run.map(({ orderNo, itemNo, status }) => [orderNo, itemNo, status])).toEqual([
      [kept.orderNo, 1, 'ISSUED'],
      [given.orderNo, 2, 'ISSUED'],
      [given.orderNo, 1, 'REFUNDED'],
    ]);
    const [item] = kept.items;
    expect(run[0]).toMatchObject({
      ...{
        ticketNo: item.ticketNo,
        coach: item.coach,
        seat: item.seat,
        seatClass: 'second',
        passenger: item.passenger,
      },
      ...{ userId: 'alice', from: kept.from, to: kept.to, issuedAt: expect.any(String) },
    });
    expect(JSON.stringify(run)).not.toContain('张三');
    const by = async (query: string) => (await listed('tickets', `tickets?${query}`)).map(({ ticketNo }) => ticketNo);
    expect(await by(`train=G900&date=${RUN_DATE}&status=REFUNDED`)).toEqual([given.items[0].ticketNo]);
    expect(await by(`ticketNo=${item.ticketNo}`)).toEqual([item.ticketNo]);
    expect(await by(`orderNo=${kept.orderNo}`)).toEqual([item.ticketNo]);
    expect(await by('train=G901')).toEqual([]);
    expect(await by('date=2026-12-03')).toEqual([]);
  });

  test('that were used say when', async () => {
    const order = await railway.ticketed(1);
    const [{ ticketNo }] = order.items;
    // The train leaves at ten.
    railway.clock.leap(Date.parse(`${RUN_DATE}T09:50:00+08:00`) - railway.clock.now());
    const token = await railway.token('olga', { role: 'operator' });
    const checkIn = `/v1/admin/tickets/${ticketNo}/check-in`;
    expect((await railway.ask(checkIn, { method: 'POST', token })).status).toBe(200);
    const [ticket] = await listed('tickets', `tickets?ticketNo=${ticketNo}`);
    expect(ticket).toMatchObject({ status: 'USED', usedAt: expect.stringContaining(RUN_DATE) });
  });
});

test('unpaid orders are those that wait for their payment, the soonest end of their time first', async () => {
  const second = (await railway.order()).body;
  const unpaid = await listed('orders', 'unpaid-orders');
  const open = unpaid.map(({ orderNo }) => orderNo);
  expect(open).toContain(second.orderNo);
  for (const ended of [given.orderNo, kept.orderNo, late]) expect(open).not.toContain(ended);
  expect(unpaid.find(({ orderNo }) => orderNo === second.orderNo)).toMatchObject({
    ...{
      userId: 'alice',
      train: 'G900',
      date: RUN_DATE,
      seats: 1,
      amountFen: second.amountFen,
      payBefore: second.payBefore,
    },
  });
  const until = new URLSearchParams({ until: '2026-11-30T00:00:00+08:00' });
  expect(await listed('orders', `unpaid-orders?${until}`)).toEqual([]);
  await railway.payAtGateway(second.orderNo);
  await railway.orderAtLast(second.orderNo, ({ status }) => status === 'SUCCESS');
  expect((await listed('orders', 'unpaid-orders')).map(({ orderNo }) => orderNo)).not.toContain(second.orderNo);
});

test.each(['payments', 'refunds', 'tickets', 'unpaid-orders', 'audit'])('%s are for operators alone', async (path) => {
  expect((await asked(path, 'user')).status).toBe(403);
  expect((await ask(`${railway.url}/v1/admin/${path}`)).status).toBe(401);
});

test.each([
  ['payments?colour=red', 'query.colour'],
  ['payments?limit=101', 'query.limit'],
  ['payments?status=GONE', 'query.status'],
  ['payments?channel=cash', 'query.channel'],
  ['payments?paymentNo=%00', 'query.paymentNo'],
  ['payments?userId=a%20b', 'query.userId'],
  ['payments?from=yesterday', 'query.from'],
  ['payments?to=1969-12-31T23:59:59Z', 'query.to'],
  ['payments?to=9999-12-31T23:59:59-01:00', 'query.to'],
  ['payments?cursor=nonsense', 'query.cursor'],
  [`payments?cursor=${Buffer.from('[9e15,"N1"]').toString('base64url')}`, 'query.cursor'],
  [`payments?cursor=${Buffer.from('[1,"\\u0000"]').toString('base64url')}`, 'query.cursor'],
  ['refunds?status=GONE', 'query.status'],
  ['tickets?status=NONE', 'query.status'],
  ['tickets?date=2026-02-30', 'query.date'],
  ['tickets?train=%00', 'query.train'],
  ['unpaid-orders?until=soon', 'query.until'],
])('%s is refused', async (path, at) => {
  const { status, body } = await asked(path);
  expect([status, body.code]).toEqual([400, 'INVALID_REQUEST']);
  expect(JSON.stringify(body)).toContain(at.replace('query.', ''));
});

test('an order that waits is one of those that are unpaid until its time is over', async () => {
  expect(waiting).not.toBe('');
  railway.clock.leap(60 * 60_000);
  await railway.orderAtLast(waiting, ({ status }) => status === 'CLOSED');
  expect((await listed('orders', 'unpaid-orders')).map(({ orderNo }) => orderNo)).not.toContain(waiting);
});
