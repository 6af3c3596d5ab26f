// Another system issues the tickets, and refuses those of a change: the change comes to nothing, and its answer says why.
import { hash } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { orderNoOf } from '@railhead/commands/orders/order-number.ts';
import { ORDER_SECRET, ServedRailway } from '../support/served-railway.ts';
import { type Answer, passenger } from '../support/shopper.ts';

let railway: ServedRailway;
let token: string;
beforeAll(async () => {
  railway = await ServedRailway.start({ rows: 20, letters: 'ACDF', stops: 3 }, { ticketIssuer: 'sandbox' });
  token = await railway.token('alice');
});
afterAll(() => railway.stop());

/** Which of a hundred cases the sandbox's issuer makes of an order: the first is refused, the last are issued at once. */
const caseOf = (orderNo: string): number =>
  Number.parseInt(hash('sha256', `${orderNo}T1`, 'hex').slice(0, 8), 16) % 100;
const REFUSED = 0;
const AT_ONCE = 99;

/** A key whose order, of this user and by what its number is made of, is such a case. */
const keyFor = (which: number, prefix = ''): string => {
  for (let n = 0; ; n += 1)
    if (caseOf(orderNoOf(ORDER_SECRET, 'alice', `${prefix}key-${n}`, 0)) === which) return `key-${n}`;
};

test('A change whose tickets are refused by their issuer leaves the old ones, and says so however often it is asked for', async () => {
  const headers = { Prefer: 'wait=10', 'Idempotency-Key': keyFor(AT_ONCE) };
  const { orderNo } = (await railway.order({ passengers: [passenger()] }, headers)).body;
  await railway.payAtGateway(orderNo);
  await railway.orderAtLast(orderNo, ({ status }) => status === 'SUCCESS');
  const wish = { train: 'G900', date: '2026-12-04', from: 'ST0', to: 'ST2', seatClass: 'second' };
  const change = (key: string): Promise<Answer> =>
    railway.ask(`/v1/orders/${orderNo}/changes`, { token, body: wish, headers: { 'Idempotency-Key': key } });

  const key = keyFor(REFUSED, `change ${orderNo} `);
  for (const _again of [1, 2]) {
    const refused = await change(key);
    expect([refused.status, refused.body]).toMatchObject([409, { code: 'TICKETING_FAILED', changeNo: `${orderNo}C1` }]);
    expect((await railway.orderNow(refused.body.orderNo)).closeReason).toBe('TICKETING_FAILED');
  }
  expect((await railway.orderNow(orderNo)).items[0].ticketStatus).toBe('ISSUED');
  // Another one may be asked for.
  expect(await change(keyFor(AT_ONCE, `change ${orderNo} `))).toMatchObject({
    status: 201,
    body: { status: 'SUCCESS' },
  });
});
