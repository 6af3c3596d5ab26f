// Refused payment notices wait for an operator, who asks the gateway again or dismisses them with a reason.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { LogAudit } from '@railhead/commands/audit/log-audit.ts';
import { ServedRailway } from '../support/served-railway.ts';
import { type Answer, ask, type Json } from '../support/shopper.ts';

let railway: ServedRailway;
beforeAll(async () => {
  railway = await ServedRailway.start({ rows: 9, letters: 'ACDF', stops: 3 });
});
afterAll(() => railway.stop());

const LETTERS = '/v1/admin/dead-letters';
const operate = async (path: string, body?: unknown, role = 'operator'): Promise<Answer> => {
  const headers = { 'Railhead-Min-Position': String(await railway.store.lastPosition()) };
  const method = path === LETTERS ? 'GET' : 'POST';
  const token = await railway.token('olga', { role });
  return railway.ask(path, { method, token, headers, ...(body === undefined ? {} : { body }) });
};
const listed = async (): Promise<readonly Json[]> => (await operate(LETTERS)).body.deadLetters;

/** A payment of which a wrong notice came. */
const refused = async (): Promise<{ readonly payment: Json; readonly id: string }> => {
  const { orderNo } = (await railway.order()).body;
  const payment = (await railway.pay(orderNo)).body;
  const { paymentNo, amountFen } = payment;
  const notice = { paymentNo, amountFen: amountFen + 1, outcome: 'paid', version: 1 } as const;
  expect((await railway.notify(notice)).status).toBe(422);
  return { payment, id: `${paymentNo}-1-paid-${amountFen + 1}` };
};

const refusedInLog = async (): Promise<number> => {
  const audit = new LogAudit();
  for (const event of await railway.events()) audit.add(event);
  const { ok, refusedNotices } = audit.report();
  expect(ok).toBe(true);
  return refusedNotices.count;
};

describe('a refused notice', () => {
  test('is listed once for operators, and for nobody else', async () => {
    const { payment, id } = await refused();
    const letters = (await listed()).filter((letter) => letter.id === id);
    expect(letters).toEqual([
      {
        id,
        kind: 'PAYMENT_NOTICE',
        code: 'AMOUNT_MISMATCH',
        paymentNo: payment.paymentNo,
        orderNo: payment.paymentNo.replace(/P1$/, ''),
        outcome: 'paid',
        version: 1,
        amountFen: payment.amountFen + 1,
        gatewayRef: 'ref',
        refusedAt: expect.stringMatching(/^2026-11-30T.*\+08:00$/),
      },
    ]);
    expect((await operate(LETTERS, undefined, 'user')).status).toBe(403);
  });

  test('is dismissed with a reason, which stays', async () => {
    const { id } = await refused();
    const before = await refusedInLog();
    for (const reason of ['the bank took it back', 'another reason'])
      expect((await operate(`${LETTERS}/${id}/dismiss`, { reason })).status).toBe(200);
    expect((await listed()).map((letter) => letter.id)).not.toContain(id);
    expect(await refusedInLog()).toBe(before - 1);
    const written = (await railway.events()).filter(({ type }) => type === 'PaymentNoticeDismissed');
    expect(written).toMatchObject([{ data: { reason: 'the bank took it back' }, meta: { actor: 'olga' } }]);
    expect((await operate(`${LETTERS}/${id}/dismiss`, {})).status).toBe(400);
  });

  test('is settled by the gateway when that knows how the payment ended', async () => {
    const { payment, id } = await refused();
    const replay = () => operate(`${LETTERS}/${id}/replay`);
    expect((await replay()).body).toEqual({ status: 'open', settled: false });
    expect((await listed()).map((letter) => letter.id)).toContain(id);
    await ask(payment.payUrl, { body: { outcome: 'paid', notice: 'never' } });
    expect((await replay()).body).toEqual({ status: 'paid', settled: true });
    expect((await listed()).map((letter) => letter.id)).not.toContain(id);
    const types = (await railway.events()).filter(({ stream }) => stream === `payment-${payment.paymentNo}`);
    expect(types.map(({ type }) => type)).toContain('PaymentSucceeded');
    expect((await replay()).body).toEqual({ status: 'paid', settled: true });
  });

  test.each(['N1P1-1-paid-500', 'nothing'])('called %s is unknown', async (id) => {
    for (const [what, body] of [['replay', undefined] as const, ['dismiss', { reason: 'r' }] as const])
      expect(await operate(`${LETTERS}/${id}/${what}`, body)).toMatchObject({
        status: 404,
        body: { code: 'DEAD_LETTER_UNKNOWN' },
      });
  });
});
