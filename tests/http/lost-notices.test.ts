// Money does not depend on notices that arrive: the gateway is asked, and asked to close what nobody has paid.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { LogAudit } from '@railhead/commands/audit/log-audit.ts';
import { ServedRailway } from '../support/served-railway.ts';
import { ask, type Json } from '../support/shopper.ts';
import { waitUntil } from '../support/wait-until.ts';

const MINUTE_MS = 60_000;

let railway: ServedRailway;
beforeAll(async () => {
  railway = await ServedRailway.start({ rows: 9, letters: 'ACDF', stops: 3 });
});
afterAll(() => railway.stop());

const begun = async (): Promise<{ readonly orderNo: string; readonly payment: Json }> => {
  const { orderNo } = (await railway.order()).body;
  return { orderNo, payment: (await railway.pay(orderNo)).body };
};
const becomes = (orderNo: string, status: string) =>
  waitUntil(`${orderNo} to be ${status}`, async () => (await railway.statusOf(orderNo)) === status);
const eventsOf = async ({ paymentNo }: Json): Promise<readonly string[]> =>
  (await railway.events()).filter(({ stream }) => stream === `payment-${paymentNo}`).map(({ type }) => type);

test('a payment whose notice never comes is found by asking, and the order gets its ticket', async () => {
  const { orderNo, payment } = await begun();
  expect((await ask(payment.payUrl, { body: { outcome: 'paid', notice: 'never' } })).status).toBe(200);
  await becomes(orderNo, 'WAIT_PAY');
  railway.clock.leap(30_000);
  await becomes(orderNo, 'SUCCESS');
});

test('an order expires once the gateway has closed its payment, which nobody can pay any more', async () => {
  const { orderNo, payment } = await begun();
  railway.clock.leap(15 * MINUTE_MS);
  await becomes(orderNo, 'CLOSED');
  expect(await eventsOf(payment)).toEqual(['PaymentCreated', 'PaymentClosed']);
  expect(await ask(payment.payUrl, { body: { outcome: 'paid' } })).toMatchObject({
    status: 409,
    body: { code: 'PAYMENT_ENDED' },
  });
  await railway.shown();
  const { body } = await railway.ask(`/v1/orders/${orderNo}`, { token: await railway.token('alice') });
  expect(body.payments).toMatchObject([{ status: 'CLOSED' }]);
});

test('a payer who is faster than the end of the time to pay keeps the seats, also without a notice', async () => {
  const { orderNo, payment } = await begun();
  railway.clock.leap(14 * MINUTE_MS);
  await ask(payment.payUrl, { body: { outcome: 'paid', notice: 'never' } });
  railway.clock.leap(MINUTE_MS);
  await becomes(orderNo, 'SUCCESS');
});

test.each(['late', 'twice', 'outOfOrder'] as const)('a notice that comes %s pays the order once', async (notice) => {
  const { orderNo, payment } = await begun();
  await ask(payment.payUrl, { body: { outcome: 'paid', notice } });
  railway.clock.leap(61_000);
  await becomes(orderNo, 'SUCCESS');
  railway.clock.leap(MINUTE_MS);
  expect(await eventsOf(payment)).toEqual(['PaymentCreated', 'PaymentSucceeded']);
});

test('nothing of all this is left over, and the log proves it', async () => {
  const audit = new LogAudit();
  for (const event of await railway.events()) audit.add(event);
  expect(audit.report()).toMatchObject({ ok: true, money: { inFlightFen: 0 }, pending: { payments: 0 } });
});
