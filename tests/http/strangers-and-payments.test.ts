// A payment is paid, declined or looked at by whoever was given its URL, and by nobody else.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { ServedRailway } from '../support/served-railway.ts';
import { ask, type Json } from '../support/shopper.ts';

let railway: ServedRailway;
beforeAll(async () => {
  railway = await ServedRailway.start({ rows: 9, letters: 'ACDF', stops: 3 });
});
afterAll(() => railway.stop());

const begun = async (): Promise<Json> => {
  const { orderNo } = (await railway.order()).body;
  return { orderNo, ...(await railway.pay(orderNo)).body };
};

test('A URL that was made from a payment’s number, or of another payment, is that of no payment', async () => {
  const [mine, other] = [await begun(), await begun()];
  const tokenOf = ({ payUrl }: Json): string => payUrl.slice(payUrl.lastIndexOf('/') + 1);
  const base = mine.payUrl.slice(0, mine.payUrl.lastIndexOf('/'));
  const token = tokenOf(mine);
  const flipped = (at: number): string => token.slice(0, at) + (token[at] === 'A' ? 'B' : 'A') + token.slice(at + 1);
  const guesses = [
    base,
    `${base}/`,
    `${base}/x`,
    `${base}/${tokenOf(other)}`,
    `${base}/${flipped(0)}`,
    `${base}/${flipped(10)}`,
    `${base}/${token.slice(0, -1)}`,
    `${base}/${token}A`,
    `${base}/${encodeURIComponent('é')}${token.slice(2)}`,
  ];
  expect(token.length).toBeGreaterThanOrEqual(22);
  for (const url of guesses)
    for (const outcome of [undefined, 'paid', 'declined']) {
      const answer = await ask(url, outcome === undefined ? {} : { body: { outcome } });
      expect([url, outcome, answer.status]).toEqual([url, outcome, 404]);
    }
  expect((await ask(mine.payUrl)).body).toMatchObject({ paymentNo: mine.paymentNo, status: 'created' });
  expect((await ask(mine.payUrl, { body: { outcome: 'paid' } })).status).toBe(200);
  expect((await ask(other.payUrl)).body.status).toBe('created');
});

test('The URL is the same when its owner asks again, and told to nobody who may only read the order', async () => {
  const { orderNo, payUrl } = await begun();
  expect((await railway.pay(orderNo)).body.payUrl).toBe(payUrl);
  await railway.shown();
  const token = payUrl.slice(payUrl.lastIndexOf('/') + 1);
  const olga = await railway.token('olga', { role: 'admin' });
  for (const path of ['', '/history']) {
    const read = await railway.ask(`/v1/orders/${orderNo}${path}`, { token: olga });
    expect(read.status).toBe(200);
    expect(JSON.stringify(read.body)).not.toContain(token);
  }
  expect(
    (await railway.ask(`/v1/orders/${orderNo}/payments`, { token: olga, body: { channel: 'sandbox' } })).status,
  ).toBe(404);
});

test('What the gateway refuses is a whole problem, of the list, without the secret in its URL', async () => {
  const { payUrl } = await begun();
  expect((await ask(payUrl, { body: { outcome: 'paid' } })).status).toBe(200);
  const ended = await ask(payUrl, { body: { outcome: 'declined' } });
  expect(ended.headers.get('content-type')).toMatch('application/problem+json');
  expect(ended).toMatchObject({
    status: 409,
    body: {
      type: 'urn:railhead:problem:PAYMENT_ENDED',
      title: 'This payment has ended in another way',
      status: 409,
      code: 'PAYMENT_ENDED',
      detail: 'it is paid',
      instance: '/sandbox-gateway',
    },
  });
  const token = payUrl.slice(payUrl.lastIndexOf('/') + 1);
  for (const answer of [
    ended,
    await ask(payUrl, { body: { outcome: 'perhaps' } }),
    await ask(`${payUrl}A`, { body: {} }),
    await ask(payUrl.replace(/\/pay\/.*/, '/payments'), { body: {} }),
  ]) {
    expect(JSON.stringify(answer.body)).not.toContain(token);
    expect(answer.body).toMatchObject({ title: expect.stringMatching(/\S/), detail: expect.stringMatching(/\S/) });
  }
});
