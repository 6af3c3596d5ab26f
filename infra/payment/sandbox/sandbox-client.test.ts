import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { codeOf } from '@railhead/tests/support/code-of.ts';
import { ManualClock } from '@railhead/tests/support/fixed-clock.ts';
import { jsonDialect } from '../json-dialect.ts';
import { SIGNATURE_HEADER, verifySignature } from '../signature.ts';
import { SandboxClient } from './sandbox-client.ts';

const SECRET = 'secret';
const clock = new ManualClock();
const details = { paymentNo: 'N1P1', orderNo: 'N1', amountFen: 500, currency: 'CNY' } as const;
const payment = { ...details, channel: 'sandbox' };
const refund = { ...payment, refundNo: 'N1P1R1', amountFen: 200 };

let server: Server;
let answer = { status: 200, body: {} as object };
let asked: { path: string; body: unknown; signed: boolean }[] = [];
const urlOf = (one: Server): string => `http://127.0.0.1:${(one.address() as AddressInfo).port}`; // It listens on TCP.
beforeEach(async () => {
  asked = [];
  server = createServer(async (request, response) => {
    const chunks: Uint8Array[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const bytes = Buffer.concat(chunks);
    const header = request.headers[SIGNATURE_HEADER.toLowerCase()];
    const signed = verifySignature(SECRET, String(header), bytes, { nowMs: clock.now(), toleranceSeconds: 1 });
    asked.push({ path: `${request.method} ${request.url}`, body: JSON.parse(bytes.toString('utf8')), signed });
    response.writeHead(answer.status, { 'Content-Type': 'application/json' }).end(JSON.stringify(answer.body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterEach(() => new Promise((resolve) => server.close(resolve)));

const client = (behind = '') =>
  new SandboxClient({
    gatewayUrl: () => urlOf(server) + behind,
    notifyUrl: () => 'http://merchant/notices',
    dialect: jsonDialect(SECRET),
    clock,
  });

test('an address may end in a slash, or have a path of its own', async () => {
  answer = { status: 201, body: { payPath: '/pay/here' } };
  expect(await client('/').createPayment(payment)).toEqual({ payUrl: `${urlOf(server)}/pay/here` });
  expect(await client('/bank/').createPayment(payment)).toEqual({ payUrl: `${urlOf(server)}/bank/pay/here` });
  expect(asked.map(({ path }) => path)).toEqual([
    'POST /sandbox-gateway/payments',
    'POST /bank/sandbox-gateway/payments',
  ]);
});

test('a payment is registered with what it is and where to report, signed', async () => {
  answer = { status: 201, body: { payPath: '/pay/here' } };
  expect(await client().createPayment(payment)).toEqual({ payUrl: `${urlOf(server)}/pay/here` });
  expect(asked).toEqual([
    {
      path: 'POST /sandbox-gateway/payments',
      body: { ...details, notifyUrl: 'http://merchant/notices' },
      signed: true,
    },
  ]);
});

test('a refund names its payment, itself and the amount, signed', async () => {
  answer = { status: 200, body: { gatewayRef: 'ref' } };
  expect(await client().refund(refund)).toEqual({ gatewayRef: 'ref' });
  expect(asked).toEqual([
    {
      path: 'POST /sandbox-gateway/payments/N1P1/refund',
      body: { paymentNo: 'N1P1', refundNo: 'N1P1R1', amountFen: 200 },
      signed: true,
    },
  ]);
});

test.each(['open', 'unknown', 'closed'] as const)(
  'a payment that is %s at the gateway is said to be',
  async (status) => {
    answer = { status: 200, body: { paymentNo: 'N1P1', status } };
    expect(await client().query(payment)).toEqual({ status });
    expect(asked).toEqual([
      { path: 'POST /sandbox-gateway/payments/N1P1/query', body: { paymentNo: 'N1P1' }, signed: true },
    ]);
  },
);

test('a payment that the payer was faster with is paid when it is to be closed', async () => {
  const paid = { status: 'paid', version: 1, amountFen: 500, gatewayRef: 'ref' };
  answer = { status: 200, body: paid };
  expect(await client().close(payment)).toEqual(paid);
  expect(await client().query(payment)).toEqual(paid);
  expect(asked[0]).toEqual({
    path: 'POST /sandbox-gateway/payments/N1P1/close',
    body: { paymentNo: 'N1P1' },
    signed: true,
  });
});

test.each([
  [400, 'GATEWAY_REFUSED'],
  [409, 'GATEWAY_REFUSED'],
  [499, 'GATEWAY_REFUSED'],
  [500, 'GATEWAY_UNAVAILABLE'],
  [503, 'GATEWAY_UNAVAILABLE'],
])('an answer of %d is %s', async (status, code) => {
  answer = { status, body: { gatewayRef: 'ref', payPath: '/pay' } };
  for (const asked of [
    client().refund(refund),
    client().createPayment(payment),
    client().query(payment),
    client().close(payment),
  ])
    expect(await codeOf(asked)).toBe(code);
  await expect(client().createPayment(payment)).rejects.toMatchObject({ isTaken: status === 409 });
});

test('a gateway that is not there is unavailable', async () => {
  const gone = urlOf(server);
  await new Promise((resolve) => server.close(resolve));
  const lost = new SandboxClient({
    gatewayUrl: () => gone,
    notifyUrl: () => gone,
    dialect: jsonDialect(SECRET),
    clock,
  });
  expect(await codeOf(lost.refund(refund))).toBe('GATEWAY_UNAVAILABLE');
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
