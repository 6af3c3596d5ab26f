// Gateway and merchant accept only what the other has signed, for this payment, a moment ago.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { LogAudit } from '@railhead/commands/audit/log-audit.ts';
import { SIGNATURE_HEADER, signatureOf } from '@railhead/infra/payment/signature.ts';
import { GATEWAY_SECRET, ServedRailway } from '../support/served-railway.ts';
import { type Answer, ask, type Json } from '../support/shopper.ts';
import { waitUntil } from '../support/wait-until.ts';

let railway: ServedRailway;
beforeAll(async () => {
  railway = await ServedRailway.start({ rows: 9, letters: 'ACDF', stops: 3 });
});
afterAll(() => railway.stop());

const GATEWAY = '/sandbox-gateway';

type Signing = { readonly secret?: string; readonly ageSeconds?: number; readonly signed?: unknown };

/** `signed`: the body that the signature is of; the one that is sent, if none is given. */
const post = (
  path: string,
  body: unknown,
  { secret = GATEWAY_SECRET, ageSeconds = 0, signed = body }: Signing = {},
): Promise<Answer> => {
  const bytes = Buffer.from(typeof signed === 'string' ? signed : JSON.stringify(signed));
  const signature = signatureOf(secret, railway.clock.now() - ageSeconds * 1_000, bytes);
  return ask(railway.url + path, { body, headers: { [SIGNATURE_HEADER]: signature } });
};

const payerPays = async (payUrl: string, outcome: 'paid' | 'declined'): Promise<Answer> =>
  ask(payUrl, { body: { outcome } });

/** An order with its first payment, begun. */
const begun = async (): Promise<{ readonly orderNo: string; readonly payment: Json }> => {
  const { orderNo } = (await railway.order()).body;
  return { orderNo, payment: (await railway.pay(orderNo)).body };
};

/** Every signed message between the two, each with a body that is accepted if it is signed well. */
const told = async (): Promise<readonly { readonly path: string; readonly body: Json; readonly altered: Json }[]> => {
  const { payment } = await begun();
  const { paymentNo, amountFen } = payment;
  const register = { paymentNo: 'NEWP1', orderNo: 'NEW', amountFen: 100, currency: 'CNY', notifyUrl: railway.url };
  const notice = { paymentNo, amountFen, outcome: 'declined', version: 1, gatewayRef: 'ref' };
  const refund = { paymentNo, refundNo: `${paymentNo}R1`, amountFen };
  return [
    { path: `${GATEWAY}/payments`, body: register, altered: { ...register, amountFen: 1 } },
    { path: `${GATEWAY}/payments/${paymentNo}/refund`, body: refund, altered: { ...refund, amountFen: 1 } },
    { path: '/v1/payments/callback', body: notice, altered: { ...notice, outcome: 'paid' } },
  ];
};

describe('a message', () => {
  test('is refused without a signature, or with one of another secret, body or time', async () => {
    for (const { path, body, altered } of await told()) {
      const position = await railway.store.lastPosition();
      const refused: Readonly<Record<string, Answer>> = {
        'no signature': await ask(railway.url + path, { body }),
        'an empty signature': await ask(railway.url + path, { body, headers: { [SIGNATURE_HEADER]: '' } }),
        'another secret': await post(path, body, { secret: `${GATEWAY_SECRET}.` }),
        'another body': await post(path, altered, { signed: body }),
        'a body with a space more': await post(path, `${JSON.stringify(body)} `, { signed: body }),
        'a time long past': await post(path, body, { ageSeconds: 302 }),
        'a time far ahead': await post(path, body, { ageSeconds: -303 }),
      };
      for (const [what, { status, body: problem }] of Object.entries(refused))
        expect([path, what, status, problem.code]).toEqual([path, what, 401, 'SIGNATURE_INVALID']);
      expect(await railway.store.lastPosition()).toBe(position);
      for (const ageSeconds of [290, -290])
        expect([path, (await post(path, body, { ageSeconds })).body.code]).not.toEqual([path, 'SIGNATURE_INVALID']);
    }
  });

  test('of one payment is not accepted for another', async () => {
    const [one, two] = [(await begun()).payment, (await begun()).payment];
    expect(one.amountFen).toBe(two.amountFen);
    const notice = (paymentNo: string) => ({
      paymentNo,
      amountFen: one.amountFen,
      outcome: 'paid',
      version: 1,
      gatewayRef: 'r',
    });
    const replayed = await post('/v1/payments/callback', notice(two.paymentNo), { signed: notice(one.paymentNo) });
    expect(replayed.status).toBe(401);
    await payerPays(two.payUrl, 'paid');
    const ofOne = { paymentNo: one.paymentNo, refundNo: 'R1', amountFen: one.amountFen };
    const refunded = await post(`${GATEWAY}/payments/${two.paymentNo}/refund`, ofOne);
    expect(refunded.status).toBe(400);
    expect((await ask(two.payUrl)).body.status).toBe('paid');
  });
});

describe('the gateway', () => {
  test('refunds what was paid, part by part, each part once, and no more', async () => {
    const { payment } = await begun();
    const { paymentNo, amountFen, payUrl } = payment;
    const path = `${GATEWAY}/payments/${paymentNo}/refund`;
    const refund = (refundNo: string, fen: number) => post(path, { paymentNo, refundNo, amountFen: fen });
    expect(await refund('R1', amountFen)).toMatchObject({ status: 409, body: { code: 'PAYMENT_NOT_PAID' } });
    await payerPays(payUrl, 'paid');
    expect((await refund('R1', amountFen + 1)).status).toBe(422);
    const part = await refund('R1', 100);
    expect(part.status).toBe(200);
    expect((await refund('R1', 100)).body).toEqual(part.body);
    expect((await refund('R1', 101)).status).toBe(422);
    expect((await ask(payUrl)).body.status).toBe('paid');
    expect((await refund('R2', amountFen)).status).toBe(422);
    expect((await refund('R2', amountFen - 100)).status).toBe(200);
    expect((await ask(payUrl)).body.status).toBe('refunded');
    expect((await refund('R3', 1)).status).toBe(422);
    const unknown = await post(`${GATEWAY}/payments/NONE/refund`, { paymentNo: 'NONE', refundNo: 'R1', amountFen });
    expect(unknown).toMatchObject({ status: 404, body: { code: 'PAYMENT_UNKNOWN' } });
  });

  test('says how a payment stands, and closes it unless it is paid', async () => {
    const [open, paid] = [(await begun()).payment, (await begun()).payment];
    const tell = async (paymentNo: string, what: 'query' | 'close') =>
      (await post(`${GATEWAY}/payments/${paymentNo}/${what}`, { paymentNo })).body;
    expect((await tell(open.paymentNo, 'query')).status).toBe('open');
    await payerPays(paid.payUrl, 'paid');
    for (const what of ['query', 'close', 'query'] as const)
      expect(await tell(paid.paymentNo, what)).toMatchObject({
        status: 'paid',
        version: 1,
        amountFen: paid.amountFen,
        gatewayRef: expect.any(String),
      });
    for (const what of ['close', 'close', 'query'] as const)
      expect(await tell(open.paymentNo, what)).toMatchObject({ status: 'closed' });
    expect(await payerPays(open.payUrl, 'paid')).toMatchObject({ status: 409, body: { code: 'PAYMENT_ENDED' } });
    expect((await tell('NEVERP1', 'query')).status).toBe('unknown');
    expect((await tell('NEVERP1', 'close')).status).toBe('closed');
    const late = { paymentNo: 'NEVERP1', orderNo: 'NEVER', amountFen: 100, currency: 'CNY', notifyUrl: railway.url };
    expect(await post(`${GATEWAY}/payments`, late)).toMatchObject({ status: 409, body: { code: 'PAYMENT_ENDED' } });
  });

  test('knows a payment by its number, and another amount under it is another payment', async () => {
    const path = `${GATEWAY}/payments`;
    const payment = { paymentNo: 'KNOWNP1', orderNo: 'KNOWN', amountFen: 100, currency: 'CNY', notifyUrl: railway.url };
    const first = await post(path, payment);
    expect(first.status).toBe(201);
    expect((await post(path, payment)).body).toEqual(first.body);
    expect(await post(path, { ...payment, amountFen: 99 })).toMatchObject({
      status: 409,
      body: { code: 'PAYMENT_EXISTS' },
    });
    for (const bad of [
      { amountFen: 0 },
      { amountFen: 1.5 },
      { currency: 'RMB¥' },
      { notifyUrl: 'here' },
      { orderNo: '' },
    ])
      expect((await post(path, { ...payment, paymentNo: 'BADP1', ...bad })).status).toBe(400);
  });

  test('takes one outcome from a payer, and reports it until it is acknowledged', async () => {
    const { orderNo, payment } = await begun();
    expect((await ask(payment.payUrl, { body: { outcome: 'perhaps' } })).status).toBe(400);
    for (let times = 0; times < 2; times += 1) expect((await payerPays(payment.payUrl, 'paid')).status).toBe(200);
    expect(await payerPays(payment.payUrl, 'declined')).toMatchObject({ status: 409, body: { code: 'PAYMENT_ENDED' } });
    await waitUntil('the ticket', async () => (await railway.statusOf(orderNo)) === 'SUCCESS');
    const heard = (await railway.events()).filter(({ stream }) => stream === `payment-${payment.paymentNo}`);
    expect(heard.map(({ type }) => type)).toEqual(['PaymentCreated', 'PaymentSucceeded']);
  });
});

describe('the notices of a payment', () => {
  test('are sent again when the merchant asks for it', async () => {
    const { orderNo, payment } = await begun();
    const { paymentNo } = payment;
    const resend = (no: string) => post(`${GATEWAY}/payments/${no}/resend`, { paymentNo: no });
    expect((await resend(paymentNo)).body).toEqual({ paymentNo, status: 'open' });
    await ask(payment.payUrl, { body: { outcome: 'paid', notice: 'never' } });
    expect((await resend(paymentNo)).body).toMatchObject({ status: 'paid' });
    await waitUntil('the ticket', async () => (await railway.statusOf(orderNo)) === 'SUCCESS');
    expect((await resend('NONE')).body.code).toBe('PAYMENT_UNKNOWN');
  });

  test('never share the id of an event, and each takes effect once', async () => {
    const { payment } = await begun();
    const { paymentNo, amountFen } = payment;
    for (const [version, outcome, changed] of [
      [1, 'declined', true],
      [1, 'declined', false],
      [3, 'declined', true],
      [2, 'paid', false],
      [4, 'paid', true],
      [4, 'paid', false],
      [5, 'declined', false],
    ] as const) {
      const answer = await railway.notify({ paymentNo, amountFen, outcome, version });
      expect([version, answer.status, answer.body]).toEqual([version, 200, { changed }]);
    }
    const events = await railway.events();
    expect(new Set(events.map(({ id }) => id)).size).toBe(events.length);
    const notices = events.filter(({ stream, meta }) => stream === `payment-${paymentNo}` && meta.actor === 'gateway');
    expect(notices.map(({ type }) => type)).toEqual(['PaymentDeclined', 'PaymentDeclined', 'PaymentSucceeded']);
    expect(new Set(notices.map(({ meta }) => meta.commandId)).size).toBe(3);
  });

  test('of another amount, of no payment, or without sense are refused, and the right one still counts', async () => {
    const { orderNo, payment } = await begun();
    const { paymentNo, amountFen } = payment;
    const others = [amountFen - 1, amountFen + 1, 0];
    // Each is sent until it is given up, and written down once.
    for (let times = 0; times < 2; times += 1)
      for (const other of others)
        expect(await railway.notify({ paymentNo, amountFen: other, outcome: 'paid', version: 9 })).toMatchObject({
          status: 422,
          body: { code: 'AMOUNT_MISMATCH' },
        });
    const written = (await railway.events()).filter(({ type }) => type === 'PaymentNoticeRefused');
    expect(written.map(({ data }) => data)).toEqual(
      others.map((other) => ({
        paymentNo,
        orderNo,
        code: 'AMOUNT_MISMATCH',
        outcome: 'paid',
        version: 9,
        amountFen: other,
        gatewayRef: 'ref',
      })),
    );
    const audit = new LogAudit();
    for (const event of await railway.events()) audit.add(event);
    const { ok, refusedNotices } = audit.report();
    expect({ ok, refusedNotices }).toEqual({ ok: true, refusedNotices: { count: 3, paidFen: 2 * amountFen } });
    await railway.shown();
    const { body } = await railway.ask(`/v1/orders/${orderNo}`, { token: await railway.token('alice') });
    expect([body.status, body.payments]).toEqual([
      'WAIT_PAY',
      [expect.objectContaining({ amountFen, status: 'CREATED' })],
    ]);
    expect((await railway.notify({ paymentNo: 'NONEP1', amountFen, outcome: 'paid' })).body.code).toBe(
      'PAYMENT_UNKNOWN',
    );
    const counted = (await railway.ask('/metrics')).body;
    expect(JSON.stringify(counted)).toMatch(/railhead_notices_unknown_total [1-9]/);
    const good = { paymentNo, amountFen, outcome: 'paid', version: 1, gatewayRef: 'r' };
    const path = '/v1/payments/callback';
    for (const bad of [
      { version: 0 },
      { version: 1.5 },
      { outcome: 'refunded' },
      { amountFen: -1 },
      { gatewayRef: '' },
    ])
      expect([bad, (await post(path, { ...good, ...bad })).body.code]).toEqual([bad, 'INVALID_REQUEST']);
    for (const text of ['{', '[1', 'paid'])
      expect([text, (await post(path, text)).body.code]).toEqual([text, 'BODY_NOT_JSON']);
    expect((await post(path, good)).body).toEqual({ changed: true });
    await waitUntil('the ticket', async () => (await railway.statusOf(orderNo)) === 'SUCCESS');
  });
});
