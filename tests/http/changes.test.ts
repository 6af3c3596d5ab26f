// Tickets are changed through HTTP, on a whole server with its own gateway.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { RUN_DATE, ServedRailway } from '../support/served-railway.ts';
import { type Answer, type Json, passenger } from '../support/shopper.ts';
import { waitUntil } from '../support/wait-until.ts';

let railway: ServedRailway;
let token: string;
beforeAll(async () => {
  railway = await ServedRailway.start({ rows: 20, letters: 'ACDF', stops: 4 });
  token = await railway.token('alice');
});
afterAll(() => railway.stop());

const payFor = (orderNo: string): Promise<void> => railway.payAtGateway(orderNo);
const ticketed = (party: number, from = 'ST0', to = 'ST2'): Promise<Json> => railway.ticketed(party, { from, to });
const shown = (orderNo: string): Promise<Json> => railway.orderNow(orderNo);
const atLast = (orderNo: string, isSo: (order: Json) => boolean): Promise<Json> => railway.orderAtLast(orderNo, isSo);

const LATER = '2026-12-04';

const wish = { train: 'G900', date: LATER, from: 'ST0', to: 'ST2', seatClass: 'second' };
const quote = (orderNo: string, wanted: object = wish, items = ''): Promise<Answer> => {
  const query = new URLSearchParams({ ...wanted, ...(items === '' ? {} : { items }) });
  return railway.ask(`/v1/orders/${orderNo}/change-quote?${query}`, { token });
};
const change = (orderNo: string, body: object = wish, key: string = crypto.randomUUID()): Promise<Answer> =>
  railway.ask(`/v1/orders/${orderNo}/changes`, { token, body, headers: { 'Idempotency-Key': key } });
const free = async (date: string): Promise<number> => {
  await railway.shown();
  return (await railway.ask(`/v1/trains/G900/runs/${date}/availability?from=ST0&to=ST3`)).body.classes[0].available;
};
const statuses = ({ items }: Json) => items.map(({ ticketStatus }: Json) => ticketStatus);

describe('tickets', () => {
  test('change to another date with nothing to pay: one of two, then the other, until the order is closed', async () => {
    const [before, after] = [await free(RUN_DATE), await free(LATER)];
    const { orderNo, items, actions } = await ticketed(2);
    expect(actions.map(({ kind }: Json) => kind)).toEqual(['REFUND', 'CHANGE']);
    const { fareFen } = items[0];
    const quoted = await quote(orderNo, wish, '1');
    expect(quoted.body).toMatchObject({
      feeFen: 0,
      differenceFen: 0,
      payFen: 0,
      refundFen: 0,
      rule: 'CHANGE_FROM_48_HOURS',
      items: [{ itemNo: 1, fareFen, newFareFen: fareFen, feeFen: 0 }],
    });

    const first = await change(orderNo, { ...wish, items: [1], wants: ['window'], quotedPayFen: 0 });
    expect([first.status, first.body]).toMatchObject([201, { changeNo: `${orderNo}C1`, status: 'SUCCESS', payFen: 0 }]);
    const later = await atLast(first.body.orderNo, ({ status }) => status === 'SUCCESS');
    expect(later).toMatchObject({ date: LATER, originalOrderNo: orderNo, changeFeeFen: 0, amountFen: 0, payments: [] });
    expect(statuses(later)).toEqual(['ISSUED']);
    expect(later.items[0].seat).toMatch(/[AF]$/);
    const earlier = await atLast(orderNo, ({ changes }) => changes[0]?.status === 'SUCCESS');
    expect(earlier).toMatchObject({ status: 'SUCCESS', changes: [{ orderNo: later.orderNo, items: [1] }] });
    expect(statuses(earlier)).toEqual(['CHANGED', 'ISSUED']);
    await waitUntil('the old seat to be free', async () => (await free(RUN_DATE)) === before - 1);
    expect(await free(LATER)).toBe(after - 1);

    expect((await change(orderNo)).status).toBe(201);
    expect(await atLast(orderNo, ({ status }) => status === 'CLOSED')).toMatchObject({ closeReason: 'CHANGED' });
    await waitUntil('all old seats to be free', async () => (await free(RUN_DATE)) === before);
    // Once is enough.
    expect(await change(later.orderNo)).toMatchObject({ status: 409, body: { code: 'NOT_CHANGEABLE' } });
  });

  test('to a farther destination are valid when the difference is paid, and give back what both payments hold', async () => {
    const { orderNo, items } = await ticketed(1);
    const wanted = { ...wish, to: 'ST3' };
    const quoted = (await quote(orderNo, wanted)).body;
    expect(quoted).toMatchObject({ feeFen: 0, refundFen: 0, rule: 'CHANGE_OF_DESTINATION' });
    expect(quoted.payFen).toBe(quoted.differenceFen);
    expect(quoted.payFen).toBeGreaterThan(0);
    const asked = await change(orderNo, { ...wanted, quotedPayFen: quoted.payFen });
    expect([asked.status, asked.body]).toMatchObject([201, { status: 'WAIT_PAY', payFen: quoted.payFen }]);
    const later = asked.body.orderNo;
    // Until then the old ticket is valid, and bound.
    expect(statuses(await shown(orderNo))).toEqual(['ISSUED']);
    expect((await shown(orderNo)).actions).toEqual([]);
    const refund = await railway.ask(`/v1/orders/${orderNo}/refunds`, { token, body: {} });
    expect(refund).toMatchObject({ status: 409, body: { code: 'NOT_REFUNDABLE' } });
    expect(await change(orderNo)).toMatchObject({ status: 409, body: { code: 'NOT_CHANGEABLE' } });
    await payFor(later);
    await atLast(later, ({ status }) => status === 'SUCCESS');
    await atLast(orderNo, ({ status }) => status === 'CLOSED');

    const refunded = await railway.ask(`/v1/orders/${later}/refunds`, { token, body: {} });
    expect(refunded.status).toBe(202);
    const closed = await atLast(later, ({ status }) => status === 'CLOSED');
    expect(closed).toMatchObject({ closeReason: 'REFUNDED', payments: [{ refundedFen: quoted.payFen }] });
    const { payments, changes } = await shown(orderNo);
    expect(changes).toMatchObject([
      { differenceFen: quoted.differenceFen, feeFen: quoted.feeFen, payFen: quoted.payFen },
    ]);
    const [first] = payments;
    expect(first.refundedFen).toBe(refunded.body.refundFen - quoted.payFen);
    expect(refunded.body.refundFen + refunded.body.feeFen).toBe(items[0].fareFen + quoted.payFen);
  });

  test('to a nearer destination bring back the difference less a fee', async () => {
    const { orderNo } = await ticketed(1, 'ST0', 'ST3');
    const quoted = (await quote(orderNo)).body;
    expect(quoted.payFen).toBe(0);
    expect(quoted.differenceFen).toBe(-(quoted.refundFen + quoted.feeFen));
    expect(quoted.refundFen).toBeGreaterThan(0);
    const asked = await change(orderNo, { ...wish, quotedRefundFen: quoted.refundFen });
    expect(asked).toMatchObject({ status: 201, body: { status: 'SUCCESS', refundFen: quoted.refundFen } });
    const closed = await atLast(orderNo, ({ status }) => status === 'CLOSED');
    expect(closed.payments).toMatchObject([{ refundedFen: quoted.refundFen }]);
  });

  test('of a train that is cancelled meanwhile end the new order: nobody is asked to pay for it', async () => {
    const passengers = [passenger()];
    const { orderNo } = (await railway.order({ passengers, date: '2026-12-07', to: 'ST1' })).body;
    await payFor(orderNo);
    await atLast(orderNo, ({ status }) => status === 'SUCCESS');
    const asked = await change(orderNo, { ...wish, to: 'ST3' });
    expect(asked.body).toMatchObject({ status: 'WAIT_PAY' });
    const before = await free(LATER);
    const olga = await railway.token('olga', { role: 'operator' });
    const body = { reason: 'snow' };
    expect((await railway.ask('/v1/admin/runs/G900/2026-12-07/cancel', { token: olga, body })).status).toBe(202);
    const ended = await atLast(asked.body.orderNo, ({ status }) => status === 'CLOSED');
    expect([ended.closeReason, ended.actions]).toEqual(['TICKETS_VOID', []]);
    const earlier = await atLast(orderNo, ({ changes }) => changes[0].status === 'FAIL');
    expect([earlier.status, earlier.closeReason]).toEqual(['CLOSED', 'RUN_CANCELLED']);
    await waitUntil('the new seats to be free', async () => (await free(LATER)) === before + 1);
  });

  test('that cannot be changed as wanted can be changed otherwise at once', async () => {
    const { orderNo } = await ticketed(1);
    const full = '2026-12-08';
    for (let left = await free(full); left > 0; left -= 5) {
      const passengers = Array.from({ length: Math.min(5, left) }, () => passenger());
      await railway.order({ passengers, date: full, from: 'ST0', to: 'ST3' });
    }
    expect(await change(orderNo, { ...wish, date: full })).toMatchObject({ status: 409, body: { code: 'SOLD_OUT' } });
    expect((await change(orderNo)).status).toBe(201);
  });

  test('stay what they were where the new order is cancelled, and can be changed again', async () => {
    const { orderNo } = await ticketed(1);
    const asked = await change(orderNo, { ...wish, to: 'ST3' });
    const cancelled = await railway.ask(`/v1/orders/${asked.body.orderNo}/cancel`, { token, method: 'POST' });
    expect(cancelled.status).toBe(200);
    const kept = await atLast(orderNo, ({ changes }) => changes[0].status === 'FAIL');
    expect([kept.status, statuses(kept)]).toEqual(['SUCCESS', ['ISSUED']]);
    expect((await change(orderNo)).status).toBe(201);
  });

  test('are changed once, by whoever asks first, and the same request is answered the same', async () => {
    const { orderNo } = await ticketed(1);
    const many = await Promise.all(Array.from({ length: 6 }, () => change(orderNo)));
    expect(many.filter(({ status }) => status === 201)).toHaveLength(1);
    for (const { status, body } of many)
      if (status !== 201) expect(['NOT_CHANGEABLE', 'CONTENDED']).toContain(body.code);
    const { orderNo: other } = await ticketed(1);
    const first = await change(other, wish, 'once');
    const again = await change(other, wish, 'once');
    expect([again.status, again.body]).toEqual([201, first.body]);
    expect(await change(other, { ...wish, to: 'ST3' }, 'once')).toMatchObject({
      status: 422,
      body: { code: 'IDEMPOTENCY_KEY_REUSED' },
    });
  });

  test.each([
    ['a train that does not run', { train: 'G1' }, 404, 'TRAIN_NOT_FOUND'],
    ['another beginning', { from: 'ST1' }, 409, 'NOT_CHANGEABLE'],
    ['the way back', { from: 'ST2', to: 'ST0' }, 422, 'JOURNEY_BACKWARDS'],
    ['a station elsewhere', { to: 'ST9' }, 422, 'STATION_NOT_ON_ROUTE'],
    ['a class that it has not', { seatClass: 'business' }, 422, 'CLASS_NOT_ON_TRAIN'],
    ['a date far away', { date: '2027-12-01' }, 422, 'DATE_OUTSIDE_SALE'],
    ['another price', { quotedPayFen: 1 }, 409, 'QUOTE_EXPIRED'],
    ['no ticket', { items: [] }, 400, 'INVALID_REQUEST'],
    ['a ticket that is not there', { items: [3] }, 409, 'NOT_CHANGEABLE'],
    ['words that nobody knows', { item: [1] }, 400, 'INVALID_REQUEST'],
  ])('cannot be changed to %s', async (_, other, status, code) => {
    const { orderNo } = await ticketed(1);
    expect(await change(orderNo, { ...wish, ...other })).toMatchObject({ status, body: { code } });
    expect((await shown(orderNo)).changes).toEqual([]);
  });

  test('of a stranger, and of an order that waits, cannot be changed', async () => {
    const mine = await ticketed(1);
    const eve = await railway.token('eve');
    expect(await railway.ask(`/v1/orders/${mine.orderNo}/changes`, { token: eve, body: wish })).toMatchObject({
      status: 404,
      body: { code: 'ORDER_NOT_FOUND' },
    });
    const waiting = (await railway.order()).body.orderNo;
    expect(await change(waiting)).toMatchObject({
      status: 409,
      body: { code: 'NOT_CHANGEABLE', orderStatus: 'WAIT_PAY' },
    });
  });

  test('stay what they were where the other train is full', async () => {
    const date = '2026-12-06';
    for (let left = await free(date); left > 0; left -= 5) {
      const passengers = Array.from({ length: Math.min(5, left) }, () => passenger());
      await railway.order({ passengers, date, from: 'ST0', to: 'ST3' });
    }
    const { orderNo } = await ticketed(1);
    expect(await change(orderNo, { ...wish, date })).toMatchObject({ status: 409, body: { code: 'SOLD_OUT' } });
    const kept = await atLast(orderNo, ({ changes }) => changes[0].status === 'FAIL');
    expect(statuses(kept)).toEqual(['ISSUED']);
  });
});
