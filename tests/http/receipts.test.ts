// What stands on receipts besides the simplest case: seats that change on the way, and a train that did not go on.
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { RUN_DATE, ServedRailway } from '../support/served-railway.ts';
import { type Json, passenger } from '../support/shopper.ts';
import { waitUntil } from '../support/wait-until.ts';

let railway: ServedRailway;
let token: string;
beforeEach(async () => {
  railway = await ServedRailway.start({ rows: 1, letters: 'AC', stops: 3 }, { checkInMinutes: 7 * 1_440 });
  token = await railway.token('alice');
});
afterEach(() => railway.stop());

const read = async (path: string): Promise<Json> => {
  const headers = { 'Railhead-Min-Position': String(await railway.store.lastPosition()) };
  return (await railway.ask(`/v1/orders/${path}`, { token, headers })).body;
};
const reached = (orderNo: string, status: string): Promise<unknown> =>
  waitUntil(`the order to be ${status}`, async () => (await read(orderNo)).status === status);
const ticketed = async (wanted: object = {}): Promise<string> => {
  const { orderNo } = (await railway.order(wanted)).body;
  const { paymentNo, amountFen } = (await railway.pay(orderNo)).body;
  await railway.notify({ paymentNo, outcome: 'paid', amountFen });
  await reached(orderNo, 'SUCCESS');
  return orderNo;
};

test('both seats of a traveller who changes seats on the way', async () => {
  await railway.order({ to: 'ST1', passengers: [passenger({ wants: 'A' })] });
  await railway.order({ from: 'ST1', passengers: [passenger({ wants: 'C' })] });
  const orderNo = await ticketed({ acceptSeatChange: true });
  const { items } = await read(orderNo);
  expect([items[0].seat, items[0].changes]).toEqual(['01C', [{ at: 'ST1', coach: '01', seat: '01A' }]]);
  const { tickets } = await read(`${orderNo}/receipts`);
  expect(tickets).toMatchObject([{ coach: '01', seat: '01C', changes: items[0].changes }]);
});

test('a ticket that was used is not paid any more when its train is cancelled and the fare comes back', async () => {
  const orderNo = await ticketed();
  const olga = await railway.token('olga', { role: 'operator' });
  await railway.ask(`/v1/admin/tickets/${orderNo}T1/check-in`, { token: olga, method: 'POST' });
  expect(await read(`${orderNo}/receipts`)).toMatchObject({ tickets: [{ ticketStatus: 'USED', date: RUN_DATE }] });
  await railway.operate('POST', '/cancel', { reason: 'snow' });
  await reached(orderNo, 'CLOSED');
  expect(await read(`${orderNo}/receipts`)).toMatchObject({ tickets: [], fees: [] });
  await waitUntil('the fare to be asked back', async () => {
    const [{ askedBackFen, amountFen }] = (await read(orderNo)).payments;
    return askedBackFen === amountFen;
  });
});
