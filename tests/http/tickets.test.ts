// Tickets at the gate, and what stands on their receipts.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { RUN_DATE, ServedRailway } from '../support/served-railway.ts';
import type { Answer, Json } from '../support/shopper.ts';

let railway: ServedRailway;
let token: string;
let olga: string;
beforeAll(async () => {
  railway = await ServedRailway.start({ rows: 20, letters: 'ACDF', stops: 4 }, { checkInMinutes: 7 * 1_440 });
  token = await railway.token('alice');
  olga = await railway.token('olga', { role: 'operator' });
});
afterAll(() => railway.stop());

const ticketed = (party: number): Promise<Json> => railway.ticketed(party);
const shown = (orderNo: string): Promise<Json> => railway.orderNow(orderNo);
const atLast = (orderNo: string, isSo: (order: Json) => boolean): Promise<Json> => railway.orderAtLast(orderNo, isSo);
const checkIn = (ticketNo: string, by = olga): Promise<Answer> =>
  railway.ask(`/v1/admin/tickets/${ticketNo}/check-in`, { token: by, method: 'POST' });
const post = (orderNo: string, what: string, body: object): Promise<Answer> =>
  railway.ask(`/v1/orders/${orderNo}/${what}`, { token, body });
const receipts = async (orderNo: string, by = token): Promise<Answer> =>
  railway.ask(`/v1/orders/${orderNo}/receipts`, {
    token: by,
    headers: { 'Railhead-Min-Position': String(await railway.store.lastPosition()) },
  });

test('a ticket is used once, and stays used; then it can neither be given back nor changed', async () => {
  const { orderNo } = await ticketed(2);
  const ticketNo = `${orderNo}T1`;
  const done = await checkIn(ticketNo);
  expect([done.status, done.body]).toEqual([200, { ticketNo, ticketStatus: 'USED', already: false }]);
  expect((await checkIn(ticketNo)).body.already).toBe(true);
  const { items } = await shown(orderNo);
  expect(items.map(({ ticketStatus }: Json) => ticketStatus)).toEqual(['USED', 'ISSUED']);
  expect(await post(orderNo, 'refunds', { items: [1] })).toMatchObject({
    status: 409,
    body: { code: 'NOT_REFUNDABLE' },
  });
  const wish = { items: [1], train: 'G900', date: '2026-12-04', from: 'ST0', to: 'ST2', seatClass: 'second' };
  expect(await post(orderNo, 'changes', wish)).toMatchObject({ status: 409, body: { code: 'NOT_CHANGEABLE' } });
  // The other one is not concerned.
  expect((await post(orderNo, 'refunds', {})).body.items).toEqual([2]);
  const after = await atLast(orderNo, ({ refunds }) => refunds[0].status === 'DONE');
  expect(after.status).toBe('SUCCESS');
});

test('of many who look at a ticket at the same moment, one is the first', async () => {
  const { orderNo } = await ticketed(1);
  const answers = await Promise.all(Array.from({ length: 10 }, () => checkIn(`${orderNo}T1`)));
  expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
  expect(answers.filter(({ body }) => !body.already)).toHaveLength(1);
});

test('a ticket that was given back is void, and one that never was is unknown', async () => {
  const { orderNo } = await ticketed(1);
  await post(orderNo, 'refunds', {});
  expect(await checkIn(`${orderNo}T1`)).toMatchObject({ status: 409, body: { code: 'TICKET_VOID' } });
  const unpaid = (await railway.order()).body.orderNo;
  for (const ticketNo of [`${orderNo}T2`, `${orderNo}T100`, orderNo, 'X', `${unpaid}T1`])
    expect([ticketNo, await checkIn(ticketNo)]).toMatchObject([
      ticketNo,
      { status: 404, body: { code: 'TICKET_UNKNOWN' } },
    ]);
});

test('receipts have the tickets that are left, and the fees that were kept', async () => {
  const { orderNo, items, payments } = await ticketed(2);
  const both = (await receipts(orderNo)).body;
  expect(both).toMatchObject({ orderNo, currency: 'CNY', fees: [] });
  expect(both.tickets).toMatchObject([
    { ticketNo: `${orderNo}T1`, itemNo: 1, ticketStatus: 'ISSUED', train: 'G900', date: RUN_DATE, seatClass: 'second' },
    { ticketNo: `${orderNo}T2`, itemNo: 2, coach: items[1].coach, seat: items[1].seat, passenger: items[1].passenger },
  ]);
  expect(Date.parse(both.tickets[0].issuedAt)).toBeLessThanOrEqual(railway.clock.now());
  expect(both.tickets[0].departsAt.slice(0, 10)).toBe(RUN_DATE);
  expect(both.tickets[0].fareFen + both.tickets[1].fareFen).toBe(payments[0].amountFen);
  const { refundNo, feeFen } = (await post(orderNo, 'refunds', { items: [1] })).body;
  await atLast(orderNo, ({ refunds }) => refunds[0].status === 'DONE');
  const left = (await receipts(orderNo)).body;
  expect(left.tickets.map(({ itemNo }: Json) => itemNo)).toEqual([2]);
  expect(left.fees).toEqual(feeFen === 0 ? [] : [{ no: refundNo, kind: 'REFUND', items: [1], feeFen }]);
  expect(feeFen).toBeGreaterThan(0);
});

test('receipts of a stranger are as absent as the order', async () => {
  const { orderNo } = await ticketed(1);
  const eve = await railway.token('eve');
  expect(await receipts(orderNo, eve)).toMatchObject({ status: 404, body: { code: 'ORDER_NOT_FOUND' } });
});
