// The sandbox gateway as somebody else: a process's parts of its own, with a page for people and a statement of each day.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { PaymentsInLog, reconcilePayments } from '@railhead/commands/reconciliation/reconcile-payments.ts';
import { startSandboxProcess } from '@railhead/infra/composition/sandbox-process.ts';
import { readStatement } from '@railhead/infra/payment/read-statement.ts';
import { SIGNATURE_HEADER, signatureOf } from '@railhead/infra/payment/signature.ts';
import { BEIJING } from '../support/fixed-clock.ts';
import { LeapingClock } from '../support/leaping-clock.ts';
import { GATEWAY_SECRET, ServedRailway, START_MS, TODAY } from '../support/served-railway.ts';
import { ask, type Json } from '../support/shopper.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { waitUntil } from '../support/wait-until.ts';

const root = tempFolder();
const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

let gateway: Awaited<ReturnType<typeof startSandboxProcess>>;
let railway: ServedRailway;
beforeAll(async () => {
  const folder = join(root, 'gateway');
  mkdirSync(folder);
  const clock = new LeapingClock(START_MS);
  const listens = { host: '127.0.0.1', port: 0, secret: GATEWAY_SECRET };
  gateway = await startSandboxProcess({ folder, clock, logger: silent, ...listens });
  railway = await ServedRailway.start({ rows: 9, letters: 'ACDF', stops: 3 }, { gatewayUrl: gateway.url });
});
afterAll(async () => {
  await railway.stop();
  await gateway.stop();
});

const begun = async (): Promise<{ readonly orderNo: string; readonly payment: Json }> => {
  const { orderNo } = (await railway.order()).body;
  return { orderNo, payment: (await railway.pay(orderNo)).body };
};
const becomes = (orderNo: string, status: string) =>
  waitUntil(`${orderNo} to be ${status}`, async () => (await railway.statusOf(orderNo)) === status);

/** What a browser does with the page. */
const browse = (url: string): Promise<Response> => fetch(url, { headers: { Accept: 'text/html' } });
const click = (url: string, outcome: string): Promise<Response> =>
  fetch(url, { method: 'POST', headers: { Accept: 'text/html' }, body: new URLSearchParams({ outcome }) });

const statement = (date: string, secret = GATEWAY_SECRET) => {
  const path = `/sandbox-gateway/statements/${date}`;
  const signature = signatureOf(secret, railway.clock.now(), Buffer.from(path));
  return ask(gateway.url + path, { headers: { [SIGNATURE_HEADER]: signature } });
};

describe('the page of a payment', () => {
  test('shows the amount and lets a person pay, and the order gets its ticket', async () => {
    const { orderNo, payment } = await begun();
    expect(payment.payUrl.startsWith(gateway.url)).toBe(true);
    const page = await browse(payment.payUrl);
    expect(page.headers.get('content-type')).toContain('text/html');
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
    const text = await page.text();
    expect(text).toContain(`${(payment.amountFen / 100).toFixed(2)} CNY`);
    expect([...text.matchAll(/value="(\w+)"/g)].map(([, value]) => value)).toEqual(['paid', 'declined', 'left']);
    expect(await (await click(payment.payUrl, 'paid')).text()).toContain('is paid');
    await becomes(orderNo, 'SUCCESS');
  });

  test('lets a person decline, or walk away and come back', async () => {
    const { orderNo, payment } = await begun();
    expect(await (await click(payment.payUrl, 'left')).text()).toContain('<form');
    expect(await railway.statusOf(orderNo)).toBe('WAIT_PAY');
    expect(await (await click(payment.payUrl, 'declined')).text()).toContain('declined');
    expect(await (await click(payment.payUrl, 'paid')).text()).toContain('declined');
    expect((await fetch(payment.payUrl.slice(0, -1), { headers: { Accept: 'text/html' } })).status).toBe(404);
  });
});

describe('the statement of a day', () => {
  test('has every movement with totals, agrees with the log, and is for the merchant alone', async () => {
    const { orderNo, payment } = await begun();
    await ask(payment.payUrl, { body: { outcome: 'paid', notice: 'never' } });
    const token = await railway.token('alice');
    await railway.ask(`/v1/orders/${orderNo}/cancel`, { method: 'POST', token });
    await waitUntil('the refund', async () =>
      (await railway.events()).some(({ type, data }) => type === 'PaymentRefunded' && isOf(data, payment.paymentNo)),
    );
    const answer = await statement(TODAY);
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, expect.stringContaining('text/csv')]);
    const movements = readStatement(answer.body);
    const ofIt = movements.filter(({ paymentNo }) => paymentNo === payment.paymentNo);
    expect(ofIt.map(({ kind, amountFen }) => [kind, amountFen])).toEqual([
      ['payment', payment.amountFen],
      ['refund', payment.amountFen],
    ]);
    const log = new PaymentsInLog('sandbox');
    for (const event of await railway.events()) log.add(event);
    expect(reconcilePayments(log, movements, TODAY, BEIJING)).toMatchObject({
      checked: movements.length,
      differences: [],
    });
    expect(() => readStatement(answer.body.replace(/^movement.*\n/m, ''))).toThrow('differs from its movements');
    expect(readStatement((await statement('2026-11-29')).body)).toEqual([]);
    expect((await statement(TODAY, 'another-secret')).status).toBe(401);
    expect((await statement('today')).status).toBe(400);
  });
});

describe('a payment whose number the gateway knows with another amount, from a log that is gone', () => {
  const known = async (orderNo: string): Promise<string> => {
    const payment = { paymentNo: `${orderNo}P1`, orderNo, amountFen: 1, currency: 'CNY', notifyUrl: railway.url };
    const body = JSON.stringify(payment);
    const headers = { [SIGNATURE_HEADER]: signatureOf(GATEWAY_SECRET, railway.clock.now(), Buffer.from(body)) };
    return gateway.url + (await ask(`${gateway.url}/sandbox-gateway/payments`, { body, headers })).body.payPath;
  };

  test.each(['paid', 'declined', 'left'])(
    'and which was %s there, is followed by one that can be paid',
    async (outcome) => {
      const { orderNo } = (await railway.order()).body;
      await ask(await known(orderNo), { body: { outcome, notice: 'never' } });
      const { body } = await railway.pay(orderNo);
      expect(body.paymentNo).toBe(`${orderNo}P2`);
      expect((await railway.pay(orderNo)).body).toEqual(body);
      await ask(body.payUrl, { body: { outcome: 'paid' } });
      await becomes(orderNo, 'SUCCESS');
    },
  );
});

/** Safe cast: every event of a payment has its number. */
const isOf = (data: unknown, paymentNo: string): boolean =>
  (data as { readonly paymentNo: string }).paymentNo === paymentNo;
