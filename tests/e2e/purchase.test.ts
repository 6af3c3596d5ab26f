// A person searches, buys, pays and holds a ticket, over HTTP, against the real process.

import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { RailheadProcess, railhead } from '../support/railhead-process.ts';
import { type Answer, ask, passenger, runDate, tokenFor } from '../support/shopper.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { waitUntil } from '../support/wait-until.ts';

const root = tempFolder();
const folder = join(root, 'data');
const date = runDate(3);
let server: RailheadProcess;
let token: string;

beforeAll(async () => {
  server = await RailheadProcess.start(folder);
  token = await tokenFor(folder, 'alice');
});
afterAll(() => server.kill());

const order = (extra: object = {}, headers: Record<string, string> = {}): Promise<Answer> =>
  ask(`${server.url}/v1/orders`, {
    token,
    headers: { Prefer: 'wait=10', ...headers },
    body: { train: 'G1', date, from: 'VNP', to: 'AOH', seatClass: 'second', passengers: [passenger()], ...extra },
  });

const get = (path: string, headers: Record<string, string> = {}): Promise<Answer> =>
  ask(server.url + path, { token, headers });

const pay = async (orderNo: string, outcome: string): Promise<Answer> => {
  const payment = await ask(`${server.url}/v1/orders/${orderNo}/payments`, { token, body: { channel: 'sandbox' } });
  expect(payment.status).toBe(201);
  return ask(payment.body.payUrl, { body: { outcome } });
};

const statusOf = async (orderNo: string): Promise<string> => (await get(`/v1/orders/${orderNo}`)).body.status;

describe('buying a ticket', () => {
  test('search, order, pay, ticket, history', async () => {
    const found = await ask(`${server.url}/v1/trains?from=VNP&to=city:${encodeURIComponent('上海')}&date=${date}`);
    expect(found.status).toBe(200);
    const g1 = found.body.trains.find((train: { train: string }) => train.train === 'G1');
    expect(g1).toMatchObject({ runDate: date, from: { code: 'VNP' }, to: { code: 'AOH' } });
    const before = g1.classes.find((row: { seatClass: string }) => row.seatClass === 'second');

    const placed = await order({ passengers: [passenger({ wants: 'window' }), passenger({ kind: 'child' })] });
    expect(placed.status).toBe(201);
    const { orderNo, items, amountFen } = placed.body;
    expect(placed.body).toMatchObject({ status: 'WAIT_PAY', currency: 'CNY' });
    expect(items).toHaveLength(2);
    expect(items[0]).toMatchObject({ itemNo: 1, seatClass: 'second', fareFen: before.fareFen });
    expect(items[1].fareFen).toBeLessThan(before.fareFen);
    expect(items[0].coach).toBe(items[1].coach);
    expect(items[0].passenger.name).toBe('张*');
    expect(JSON.stringify(placed.body)).not.toContain('E1000');
    expect(amountFen).toBe(items[0].fareFen + items[1].fareFen);

    const position = String(placed.headers.get('railhead-position'));
    const stock = await get(`/v1/trains/G1/runs/${date}/availability?from=VNP&to=AOH`, {
      'Railhead-Min-Position': position,
    });
    const second = stock.body.classes.find((row: { seatClass: string }) => row.seatClass === 'second');
    expect(second).toMatchObject({ available: before.available - 2, held: 2, sold: 0 });

    expect((await pay(orderNo, 'paid')).status).toBe(200);
    await waitUntil('the ticket', async () => (await statusOf(orderNo)) === 'SUCCESS');
    const done = (await get(`/v1/orders/${orderNo}`)).body;
    expect(done.items.every((item: { ticketNo?: string }) => Boolean(item.ticketNo))).toBe(true);
    expect(done.payments).toEqual([expect.objectContaining({ status: 'SUCCEEDED', amountFen })]);

    const history = (await get(`/v1/orders/${orderNo}/history`)).body.events;
    expect(history.map((event: { type: string }) => event.type)).toEqual([
      'OrderRequested',
      'OrderSeatsHeld',
      'PaymentCreated',
      'PaymentSucceeded',
      'OrderPaid',
      'OrderTicketingStarted',
      'OrderTicketed',
    ]);
    const sold = await waitUntil('the sold seats', async () => {
      const now = await get(`/v1/trains/G1/runs/${date}/availability?from=VNP&to=AOH`);
      const row = now.body.classes.find((candidate: { seatClass: string }) => candidate.seatClass === 'second');
      return row.sold === 2 ? row : undefined;
    });
    expect(sold).toMatchObject({ available: before.available - 2, held: 0 });
  });

  test('without waiting: a place in the queue, asked and watched', async () => {
    const queued = await order({}, { Prefer: '' });
    expect(queued.status).toBe(202);
    expect(queued.body).toMatchObject({
      status: 'QUEUED',
      position: expect.any(Number),
      etaSeconds: expect.any(Number),
    });
    const watched = await ask(`${server.url}/v1/queue/${queued.body.queueToken}/events`);
    expect(watched.body).toContain('event: decided');
    const place = await ask(`${server.url}/v1/queue/${queued.body.queueToken}`);
    expect(place.body).toMatchObject({ orderNo: queued.body.orderNo, status: 'WAIT_PAY', position: 0 });
    expect((await ask(`${server.url}/v1/queue/${queued.body.orderNo}.forged`)).status).toBe(404);
  });

  test('the same idempotency key is the same order; another body under it is refused', async () => {
    const body = { passengers: [passenger()] };
    const headers = { 'Idempotency-Key': 'key-1' };
    const both = await Promise.all([order(body, headers), order(body, headers)]);
    expect(both.map((answer) => answer.status)).toEqual([201, 201]);
    expect(both[0].body.orderNo).toBe(both[1].body.orderNo);
    const again = await order(body, headers);
    expect(again.body.items).toEqual(both[0].body.items);
    const other = await order({ passengers: [passenger()] }, headers);
    expect(other).toMatchObject({ status: 422, body: { code: 'IDEMPOTENCY_KEY_REUSED' } });
  });

  test('a cancelled order gives its seats back, and cannot be paid', async () => {
    const { body } = await order({ seatClass: 'business' });
    const cancelled = await ask(`${server.url}/v1/orders/${body.orderNo}/cancel`, { token, method: 'POST' });
    expect(cancelled.status).toBe(200);
    await waitUntil('the seats to be free', async () => {
      const now = await get(`/v1/trains/G1/runs/${date}/availability?from=VNP&to=AOH`);
      const row = now.body.classes.find((candidate: { seatClass: string }) => candidate.seatClass === 'business');
      return row.held === 0 && row.available === row.total;
    });
    const payment = await ask(`${server.url}/v1/orders/${body.orderNo}/payments`, {
      token,
      body: { channel: 'sandbox' },
    });
    expect(payment).toMatchObject({ status: 409, body: { code: 'ORDER_STATE' } });
  });

  test('a declined payer may try again', async () => {
    const { body } = await order();
    await pay(body.orderNo, 'declined');
    await waitUntil('the notice', async () => {
      const { payments } = (await get(`/v1/orders/${body.orderNo}`)).body;
      return payments[0]?.status === 'DECLINED';
    });
    expect(await statusOf(body.orderNo)).toBe('WAIT_PAY');
    await pay(body.orderNo, 'paid');
    await waitUntil('the ticket', async () => (await statusOf(body.orderNo)) === 'SUCCESS');
  });

  test('money that the gateway took before it heard of the cancellation goes back by itself', async () => {
    const { body } = await order();
    const { orderNo } = body;
    const payment = await ask(`${server.url}/v1/orders/${orderNo}/payments`, { token, body: { channel: 'sandbox' } });
    await ask(payment.body.payUrl, { body: { outcome: 'paid', notice: 'never' } });
    await ask(`${server.url}/v1/orders/${orderNo}/cancel`, { token, method: 'POST' });
    await waitUntil('the refund', async () => {
      const { payments } = (await get(`/v1/orders/${orderNo}`)).body;
      return payments[0]?.status === 'REFUNDED';
    });
  });

  test('orders are listed newest first, a page at a time, and only to their owner', async () => {
    const first = (await get('/v1/orders?limit=2')).body;
    expect(first.orders).toHaveLength(2);
    const second = (await get(`/v1/orders?limit=2&cursor=${first.nextCursor}`)).body;
    const numbers = [...first.orders, ...second.orders].map((row: { orderNo: string }) => row.orderNo);
    expect(new Set(numbers).size).toBe(4);
    const stranger = await tokenFor(folder, 'mallory');
    const foreign = await ask(`${server.url}/v1/orders/${numbers[0]}`, { token: stranger });
    expect(foreign).toMatchObject({ status: 404, body: { code: 'ORDER_NOT_FOUND' } });
    expect((await ask(`${server.url}/v1/orders`, { token: stranger })).body.orders).toEqual([]);
  });

  test('stations are found by code, name, pinyin and initials', async () => {
    for (const q of ['VNP', '北京南', 'beijingnan', 'bjn']) {
      const { body } = await ask(`${server.url}/v1/stations?q=${encodeURIComponent(q)}`);
      expect(body.stations[0]).toMatchObject({ code: 'VNP', name: '北京南', city: '北京' });
    }
  });

  test('documentation, description, health and metrics are served', async () => {
    expect((await ask(`${server.url}/`)).body).toContain('swagger-ui');
    expect((await ask(`${server.url}/docs/assets/swagger-ui-bundle.js`)).status).toBe(200);
    const { body } = await ask(`${server.url}/openapi.json`);
    expect(body.openapi).toBe('3.1.0');
    expect(Object.keys(body.paths)).toEqual(
      expect.arrayContaining(['/v1/orders', '/v1/trains', '/v1/payments/callback']),
    );
    expect((await ask(`${server.url}/healthz`)).body).toEqual({ status: 'ok' });
    expect((await ask(`${server.url}/readyz`)).body.ready).toBe(true);
    expect((await ask(`${server.url}/metrics`)).body).toContain('railhead_log_position');
  });

  test('the log is clean while it is served, and after a stop and a start everything is still there', async () => {
    const verified = await railhead('verify', '--data', folder, '--json');
    expect(JSON.parse(verified.stdout)).toMatchObject({ ok: true, violations: [] });
    const before = (await get('/v1/orders?limit=100')).body.orders;
    expect(await server.stop()).toBe(0);
    server = await RailheadProcess.start(folder);
    expect((await get('/v1/orders?limit=100')).body.orders).toEqual(before);
    const stock = await get(`/v1/trains/G1/runs/${date}/availability?from=VNP&to=AOH`);
    const second = stock.body.classes.find((row: { seatClass: string }) => row.seatClass === 'second');
    expect(second.sold).toBeGreaterThanOrEqual(3);
    expect(second.available + second.held + second.sold).toBe(second.total);
  });
});

describe('the time to pay', () => {
  test('an unpaid order closes by itself, also across a restart, and late money goes back', async () => {
    const own = join(root, 'short');
    let short = await RailheadProcess.start(own, ['--payment-minutes', '0.05']);
    const mine = await tokenFor(own, 'bob');
    const body = { train: 'G1', date, from: 'VNP', to: 'AOH', seatClass: 'first', passengers: [passenger()] };
    const placed = await ask(`${short.url}/v1/orders`, { token: mine, headers: { Prefer: 'wait=10' }, body });
    const { orderNo } = placed.body;
    const payment = await ask(`${short.url}/v1/orders/${orderNo}/payments`, {
      token: mine,
      body: { channel: 'sandbox' },
    });
    await short.kill();
    short = await RailheadProcess.start(own, ['--payment-minutes', '0.05']);
    const shown = async () => (await ask(`${short.url}/v1/orders/${orderNo}`, { token: mine })).body;
    await waitUntil('the order to close', async () => (await shown()).status === 'CLOSED');
    expect((await shown()).closeReason).toBe('EXPIRED');
    await ask(short.url + new URL(payment.body.payUrl).pathname, { body: { outcome: 'paid' } });
    await short.stop();
    const report = JSON.parse((await railhead('verify', '--data', own, '--json')).stdout);
    expect(report).toMatchObject({ ok: true, orders: { CLOSED: 1 }, seats: { held: 0, sold: 0 } });
  });
});
