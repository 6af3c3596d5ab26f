// A second channel of another style behind the same port: signed forms, amounts in yuan.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { LogAudit } from '@railhead/commands/audit/log-audit.ts';
import { ServedRailway } from '../support/served-railway.ts';
import { type Answer, ask, type Json } from '../support/shopper.ts';
import { waitUntil } from '../support/wait-until.ts';

let railway: ServedRailway;
beforeAll(async () => {
  railway = await ServedRailway.start({ rows: 9, letters: 'ACDF', stops: 3 });
});
afterAll(() => railway.stop());

const payBy = async (orderNo: string, channel: string): Promise<Answer> =>
  railway.ask(`/v1/orders/${orderNo}/payments`, { token: await railway.token('alice'), body: { channel } });
const ordered = async (): Promise<string> => (await railway.order()).body.orderNo;
const becomes = (orderNo: string, status: string) =>
  waitUntil(`${orderNo} to be ${status}`, async () => (await railway.statusOf(orderNo)) === status);
const eventsOf = async ({ paymentNo }: Json): Promise<readonly string[]> =>
  (await railway.events()).filter(({ stream }) => stream === `payment-${paymentNo}`).map(({ type }) => type);

describe('a payment by the channel form', () => {
  test('is paid at its own gateway, whose notice brings the ticket', async () => {
    const orderNo = await ordered();
    const { body: payment } = await payBy(orderNo, 'form');
    expect(payment.payUrl).toContain('/sandbox-form-gateway/pay/');
    expect((await ask(payment.payUrl, { body: { outcome: 'paid' } })).status).toBe(200);
    await becomes(orderNo, 'SUCCESS');
    expect(await eventsOf(payment)).toEqual(['PaymentCreated', 'PaymentSucceeded']);
  });

  test('is found by asking where no notice comes, and its money goes back for a cancelled order', async () => {
    const orderNo = await ordered();
    const { body: payment } = await payBy(orderNo, 'form');
    await ask(payment.payUrl, { body: { outcome: 'paid', notice: 'never' } });
    const token = await railway.token('alice');
    await railway.ask(`/v1/orders/${orderNo}/cancel`, { method: 'POST', token });
    await waitUntil('the refund', async () => (await eventsOf(payment)).includes('PaymentRefunded'));
    expect((await ask(payment.payUrl)).body.status).toBe('refunded');
  });

  test('is not touched by a notice that the other gateway has signed', async () => {
    const { body: payment } = await payBy(await ordered(), 'form');
    const { paymentNo, amountFen } = payment;
    const answer = await railway.notify({ paymentNo, amountFen, outcome: 'paid' });
    expect(answer).toMatchObject({ status: 404, body: { code: 'PAYMENT_UNKNOWN' } });
    const unsigned = { body: 'paymentNo=X&sign=x', headers: { 'Content-Type': 'application/x-www-form-urlencoded' } };
    expect(await railway.ask('/v1/payments/form-callback', unsigned)).toMatchObject({
      status: 401,
      body: { code: 'SIGNATURE_INVALID' },
    });
  });

  test('replaces an open payment of another channel, which is closed; unless that was paid meanwhile', async () => {
    const orderNo = await ordered();
    const { body: first } = await payBy(orderNo, 'sandbox');
    const { body: second } = await payBy(orderNo, 'form');
    expect(second.paymentNo).not.toBe(first.paymentNo);
    expect(await eventsOf(first)).toEqual(['PaymentCreated', 'PaymentClosed']);
    await ask(second.payUrl, { body: { outcome: 'paid', notice: 'never' } });
    expect(await payBy(orderNo, 'sandbox')).toMatchObject({ status: 409, body: { code: 'ORDER_STATE' } });
    await becomes(orderNo, 'SUCCESS');
  });
});

test('the log accounts for the money of both', async () => {
  const audit = new LogAudit();
  for (const event of await railway.events()) audit.add(event);
  expect(audit.report()).toMatchObject({ ok: true, money: { inFlightFen: 0 } });
});
