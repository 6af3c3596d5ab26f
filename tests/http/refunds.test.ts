// Tickets are given back through HTTP, on a whole server with its own gateway: one of three, then the others.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { RUN_DATE, ServedRailway } from '../support/served-railway.ts';
import type { Answer, Json } from '../support/shopper.ts';
import { waitUntil } from '../support/wait-until.ts';

let railway: ServedRailway;
let token: string;
beforeAll(async () => {
  railway = await ServedRailway.start({ rows: 20, letters: 'ACDF', stops: 4 });
  token = await railway.token('alice');
});
afterAll(() => railway.stop());

/** An order with tickets; alice boards at `from`. */
const ticketed = (party: number, from = 'ST0'): Promise<Json> => railway.ticketed(party, { from, to: 'ST3' });
const shown = (orderNo: string): Promise<Json> => railway.orderNow(orderNo);
const atLast = (orderNo: string, isSo: (order: Json) => boolean): Promise<Json> => railway.orderAtLast(orderNo, isSo);
const quote = (orderNo: string, items = ''): Promise<Answer> =>
  railway.ask(`/v1/orders/${orderNo}/refund-quote${items === '' ? '' : `?items=${items}`}`, { token });
const giveBack = (orderNo: string, body: object = {}, key: string = crypto.randomUUID()): Promise<Answer> =>
  railway.ask(`/v1/orders/${orderNo}/refunds`, { token, body, headers: { 'Idempotency-Key': key } });
const free = async (): Promise<number> => {
  await railway.shown();
  return (await railway.ask(`/v1/trains/G900/runs/${RUN_DATE}/availability?from=ST0&to=ST3`)).body.classes[0].available;
};

describe('tickets', () => {
  test('go back one by one, with seats and money, until the order is closed', async () => {
    const before = await free();
    const { orderNo, items, actions } = await ticketed(3);
    expect(items.map(({ ticketStatus }: Json) => ticketStatus)).toEqual(['ISSUED', 'ISSUED', 'ISSUED']);
    expect(actions).toMatchObject([
      { kind: 'REFUND', items: [1, 2, 3] },
      { kind: 'CHANGE', items: [1, 2, 3] },
    ]);
    expect(await free()).toBe(before - 3);

    const quoted = await quote(orderNo, '2');
    const { fareFen, feeFen, refundFen } = quoted.body.items[0];
    // Two days and two hours are left.
    expect(quoted.body).toMatchObject({
      feeFen,
      refundFen,
      currency: 'CNY',
      items: [{ itemNo: 2, rule: 'FROM_48_HOURS' }],
    });
    expect(feeFen + refundFen).toBe(fareFen);

    const first = await giveBack(orderNo, { items: [2], quotedFen: refundFen });
    expect([first.status, first.body]).toEqual([
      202,
      { refundNo: `${orderNo}R2`, items: [2], feeFen, refundFen, status: 'REQUESTED' },
    ]);
    const left = await atLast(orderNo, ({ refunds }) => refunds[0]?.status === 'DONE');
    expect(left).toMatchObject({ status: 'SUCCESS', payments: [{ status: 'SUCCEEDED', refundedFen: refundFen }] });
    expect(left.items.map(({ ticketStatus }: Json) => ticketStatus)).toEqual(['ISSUED', 'REFUNDED', 'ISSUED']);
    await waitUntil('the seat to be free', async () => (await free()) === before - 2);

    const last = await giveBack(orderNo);
    expect([last.status, last.body.items]).toEqual([202, [1, 3]]);
    const closed = await atLast(orderNo, ({ status }) => status === 'CLOSED');
    expect(closed).toMatchObject({ closeReason: 'REFUNDED', actions: [] });
    expect(closed.refunds.map(({ status }: Json) => status)).toEqual(['DONE', 'DONE']);
    expect(closed.payments[0].refundedFen).toBe(refundFen + last.body.refundFen);
    await waitUntil('all seats to be free', async () => (await free()) === before);
  });

  test('are given back once, by whoever asks first, and the same request is answered the same', async () => {
    const { orderNo } = await ticketed(2);
    const first = await giveBack(orderNo, { items: [1] }, 'once');
    const again = await giveBack(orderNo, { items: [1] }, 'once');
    expect([again.status, { ...again.body, status: '' }]).toEqual([202, { ...first.body, status: '' }]);
    expect(await giveBack(orderNo, { items: [2] }, 'once')).toMatchObject({
      status: 422,
      body: { code: 'IDEMPOTENCY_KEY_REUSED' },
    });
    const many = await Promise.all(Array.from({ length: 8 }, () => giveBack(orderNo, { items: [2] })));
    expect(many.filter(({ status }) => status === 202)).toHaveLength(1);
    for (const { status, body } of many)
      if (status !== 202) expect(['NOT_REFUNDABLE', 'CONTENDED']).toContain(body.code);
    await atLast(orderNo, ({ status }) => status === 'CLOSED');
  });

  test.each([
    ['nothing', { items: [] }, 400, 'INVALID_REQUEST'],
    ['one twice', { items: [1, 1] }, 400, 'INVALID_REQUEST'],
    ['a half', { items: [1.5] }, 400, 'INVALID_REQUEST'],
    ['one that is not there', { items: [4] }, 409, 'NOT_REFUNDABLE'],
    ['at another price', { items: [1], quotedFen: 1 }, 409, 'QUOTE_EXPIRED'],
    ['with words that nobody knows', { item: [1] }, 400, 'INVALID_REQUEST'],
  ])('cannot be given back as %s', async (_, body, status, code) => {
    const { orderNo } = await ticketed(1);
    expect(await giveBack(orderNo, body)).toMatchObject({ status, body: { code } });
    expect((await shown(orderNo)).refunds).toEqual([]);
  });

  test('of a stranger, of an order that waits, and of one that is closed cannot be given back', async () => {
    const mine = await ticketed(1);
    const eve = await railway.token('eve');
    for (const path of ['refund-quote', 'refunds'])
      expect(
        await railway.ask(`/v1/orders/${mine.orderNo}/${path}`, {
          token: eve,
          ...(path === 'refunds' ? { body: {} } : {}),
        }),
      ).toMatchObject({ status: 404, body: { code: 'ORDER_NOT_FOUND' } });
    const waiting = (await railway.order()).body.orderNo;
    expect(await giveBack(waiting)).toMatchObject({
      status: 409,
      body: { code: 'NOT_REFUNDABLE', orderStatus: 'WAIT_PAY' },
    });
    await giveBack(mine.orderNo);
    await atLast(mine.orderNo, ({ status }) => status === 'CLOSED');
    for (const answer of [await giveBack(mine.orderNo), await quote(mine.orderNo)])
      expect(answer).toMatchObject({ status: 409, body: { code: 'NOT_REFUNDABLE', orderStatus: 'CLOSED' } });
  });

  test('cost by the departure from the stop where one boards, and nothing comes back after it', async () => {
    const [first, later] = [await ticketed(1), await ticketed(1, 'ST2')];
    const until = async (orderNo: string): Promise<number> => Date.parse((await quote(orderNo)).body.validUntil);
    const leapTo = (instantMs: number): void => railway.clock.leap(instantMs - railway.clock.now());
    // How many boundaries lie before the last one depends on the hour at which this runs.
    const rule = async (orderNo: string): Promise<string> => (await quote(orderNo)).body.items[0].rule;
    for (let leaps = 0; leaps < 4 && (await rule(first.orderNo)) !== 'UNDER_24_HOURS'; leaps += 1)
      leapTo(await until(first.orderNo));
    expect(await rule(first.orderNo)).toBe('UNDER_24_HOURS');
    expect((await quote(later.orderNo)).body.items[0].rule).toBe('FROM_24_HOURS');
    leapTo(await until(first.orderNo));
    expect(await giveBack(first.orderNo)).toMatchObject({ status: 409, body: { code: 'NOT_REFUNDABLE' } });
    // On the day of departure it can still be changed.
    expect((await shown(first.orderNo)).actions).toMatchObject([{ kind: 'CHANGE' }]);
    expect((await giveBack(later.orderNo)).status).toBe(202);
  });
});
