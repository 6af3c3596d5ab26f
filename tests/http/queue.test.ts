// Waiting for a decision: places in the queue, its limit, tokens, `Prefer: wait`, event streams, and the end of a
// server.
import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { afterEach, describe, expect, test } from '@jest/globals';
import type { StreamAppend } from '@railhead/commands/ports/event-store.ts';
import { RUN_DATE, ServedRailway } from '../support/served-railway.ts';
import { type Answer, type Json, passenger } from '../support/shopper.ts';
import { waitUntil } from '../support/wait-until.ts';

const QUEUE_LIMIT = 3;
let open: ServedRailway[] = [];
afterEach(async () => {
  await Promise.all(open.map((railway) => railway.stop()));
  open = [];
});

const seats = (appends: readonly StreamAppend[]): boolean =>
  appends.some(({ stream }) => stream.startsWith('seatLock-'));

/** A railway that takes orders and gives nobody a seat until the store continues. */
const stuck = async (): Promise<ServedRailway> => {
  const railway = await ServedRailway.start(
    { rows: 2, letters: 'AC', stops: 3 },
    { queueLimit: QUEUE_LIMIT, shutdownSeconds: 300 },
  );
  open.push(railway);
  railway.store.appends.shut(seats);
  return railway;
};

const atOnce = {};
const placeOf = async (railway: ServedRailway, { body }: Answer): Promise<Json> =>
  (await railway.ask(`/v1/queue/${body.queueToken}`)).body;

/** Events of an event stream as they come. */
class Watching {
  readonly events: { readonly event: string; readonly data: Json }[] = [];
  ended = false;
  readonly response: IncomingMessage;

  private constructor(response: IncomingMessage) {
    this.response = response;
    let text = '';
    response.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      const blocks = text.split('\n\n');
      text = blocks.pop() ?? '';
      for (const block of blocks) {
        const [, event = '', data = ''] = /^event: (\w+)\ndata: (.*)$/.exec(block) ?? [];
        this.events.push({ event, data: JSON.parse(data) });
      }
    });
    response.on('end', () => {
      this.ended = true;
    });
  }

  static async begin(railway: ServedRailway, { body }: Answer): Promise<Watching> {
    const [response] = await once(get(`${railway.url}/v1/queue/${body.queueToken}/events`), 'response');
    return new Watching(response);
  }

  seen(count: number): Promise<unknown> {
    return waitUntil(`${count} events`, () => this.events.length >= count);
  }
}

describe('the queue of a run', () => {
  test('has as many places as its limit, in the order of the requests, and says so', async () => {
    const railway = await stuck();
    const waiting: Answer[] = [];
    for (let place = 1; place <= QUEUE_LIMIT; place += 1) {
      const answer = await railway.order({}, { 'Idempotency-Key': `order-${place}` });
      expect(answer).toMatchObject({ status: 202, body: { status: 'QUEUED' } });
      expect(answer.headers.get('location')).toBe(`/v1/orders/${answer.body.orderNo}`);
      await waitUntil('the place', async () => (await placeOf(railway, answer)).position === place);
      waiting.push(answer);
    }
    const turnedAway = await railway.order({}, atOnce);
    expect(turnedAway).toMatchObject({ status: 503, body: { code: 'QUEUE_FULL' } });
    expect(turnedAway.headers.get('retry-after')).toBe('1');
    expect((await railway.order({}, atOnce)).status).toBe(503);
    // Another run has a queue of its own.
    expect((await railway.order({ date: '2026-12-03' }, atOnce)).status).toBe(202);
    railway.store.appends.open();
    for (const answer of waiting) {
      await waitUntil('the decision', async () => (await placeOf(railway, answer)).status === 'WAIT_PAY');
      expect(await placeOf(railway, answer)).toEqual({
        orderNo: answer.body.orderNo,
        status: 'WAIT_PAY',
        position: 0,
        etaSeconds: 0,
      });
    }
    expect((await railway.order()).status).toBe(201);
  });

  test('keeps the place of a request that is sent again, also when it is full', async () => {
    const railway = await stuck();
    const extra = { passengers: [passenger()] };
    const first = await railway.order(extra, { 'Idempotency-Key': 'again' });
    for (let n = 2; n <= QUEUE_LIMIT; n += 1) {
      const other = await railway.order({}, atOnce);
      await waitUntil('the place', async () => (await placeOf(railway, other)).position === n);
    }
    const again = await railway.order(extra, { 'Idempotency-Key': 'again' });
    expect(again).toMatchObject({ status: 202, body: { orderNo: first.body.orderNo, position: 1 } });
    const events = await railway.events();
    expect(events.filter(({ type }) => type === 'OrderRequested')).toHaveLength(QUEUE_LIMIT);
  });
});

test('a queue token that is not one, or not of this order, gives no access', async () => {
  const railway = await stuck();
  const [one, two] = [await railway.order({}, atOnce), await railway.order({}, atOnce)];
  const [orderOne, signOne] = one.body.queueToken.split('.');
  const signTwo = two.body.queueToken.split('.')[1];
  const garbage = [
    orderOne,
    `${orderOne}.`,
    `${orderOne}.${signTwo}`,
    `${orderOne}.${signOne.slice(0, -1)}`,
    `${orderOne}.${signOne}A`,
    `${orderOne}.${signOne.toLowerCase()}`,
    `${orderOne.toLowerCase()}.${signOne}`,
    `NOSUCHORDER.${signOne}`,
    `.${signOne}`,
    '%00',
    'ä.ö',
  ];
  for (const token of garbage)
    for (const path of [`/v1/queue/${token}`, `/v1/queue/${token}/events`])
      expect([path, (await railway.ask(path)).body.code]).toEqual([path, 'QUEUE_TOKEN_UNKNOWN']);
  expect((await placeOf(railway, one)).orderNo).toBe(orderOne);
});

describe('a client that prefers to wait', () => {
  test.each([
    ['wait=5', 5],
    ['respond-async, wait=5', 5],
    ['wait=31', 30],
    ['wait=30', 30],
    ['wait=9999', 30],
    ['wait=999999', 30],
    ['Wait = "5"; foo', 5],
  ])('by %s is told after %d seconds that the order waits', async (prefer, seconds) => {
    const railway = await stuck();
    let answer: Answer | undefined;
    const asked = railway.order({}, { Prefer: prefer }).then((given) => {
      answer = given;
    });
    await waitUntil('the request', async () => (await railway.events()).at(-1)?.type === 'OrderRequested');
    // The server may not have begun to wait yet: time goes on in steps until it answers.
    const began = railway.clock.now();
    for (let leaps = 0; answer === undefined && leaps < 100; leaps += 1) {
      railway.clock.leap(1_000);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await asked;
    expect(answer).toMatchObject({ status: 202 });
    expect(answer?.headers.get('preference-applied')).toBe(`wait=${seconds}`);
    expect(railway.clock.now() - began).toBeGreaterThanOrEqual((seconds - 1) * 1_000);
  });

  test.each(['', 'wait', 'wait=0', 'wait=-1', 'await=5', 'wait=soon', 'wait=5x', 'wait=1.5'])(
    'by %j does not wait',
    async (prefer) => {
      const railway = await stuck();
      const answer = await railway.order({}, { Prefer: prefer });
      expect(answer.status).toBe(202);
      expect(answer.headers.has('preference-applied')).toBe(false);
    },
  );

  test('is answered as soon as the order is decided, with its place in the log', async () => {
    const railway = await stuck();
    const asked = railway.order({}, { Prefer: 'wait=30' });
    await waitUntil('the request', async () => (await railway.events()).at(-1)?.type === 'OrderRequested');
    railway.store.appends.open();
    const answer = await asked;
    expect(answer).toMatchObject({ status: 201, body: { status: 'WAIT_PAY' } });
    const held = (await railway.events()).find(({ type }) => type === 'OrderSeatsHeld');
    expect(answer.headers.get('railhead-position')).toBe(String(held?.position));
  });
});

describe('an event stream', () => {
  test('tells the place at least every five seconds, then the decision, and ends', async () => {
    const railway = await stuck();
    await railway.order({}, atOnce);
    const order = await railway.order({}, atOnce);
    await waitUntil('the place', async () => (await placeOf(railway, order)).position === 2);
    const watching = await Watching.begin(railway, order);
    await watching.seen(1);
    expect(watching.response.headers['content-type']).toBe('text/event-stream');
    const { orderNo } = order.body;
    const place = { event: 'place', data: { orderNo, status: 'QUEUED', position: 2, etaSeconds: 1 } };
    expect(watching.events).toEqual([place]);
    for (let beats = 2; beats <= 4; beats += 1)
      await waitUntil('a heartbeat', () => {
        if (watching.events.length < beats) railway.clock.leap(5_000);
        return watching.events.length >= beats;
      });
    expect(watching.events.every(({ event }) => event === 'place')).toBe(true);
    railway.store.appends.open();
    await waitUntil('its end', () => watching.ended);
    expect(watching.events.at(-1)).toEqual({
      event: 'decided',
      data: { orderNo, status: 'WAIT_PAY', position: 0, etaSeconds: 0 },
    });
    expect(watching.events.filter(({ event }) => event === 'decided')).toHaveLength(1);
  });

  test('ends after five minutes, decided or not', async () => {
    const railway = await stuck();
    const watching = await Watching.begin(railway, await railway.order({}, atOnce));
    const began = railway.clock.now();
    await waitUntil('its end', () => {
      if (!watching.ended && railway.clock.now() < began + 1_000_000) railway.clock.leap(10_000);
      return watching.ended;
    });
    expect(railway.clock.now() - began).toBeGreaterThanOrEqual(299_000);
    expect(watching.events.every(({ event }) => event === 'place')).toBe(true);
  });

  test('of a decided order says so at once', async () => {
    const railway = await stuck();
    const order = await railway.order({}, atOnce);
    railway.store.appends.open();
    await waitUntil('the decision', async () => (await placeOf(railway, order)).status === 'WAIT_PAY');
    const watching = await Watching.begin(railway, order);
    await waitUntil('its end', () => watching.ended);
    expect(watching.events.map(({ event }) => event)).toEqual(['decided']);
  });
});

test('a server that stops answers those who wait before their time is over', async () => {
  const railway = await stuck();
  const waiting = railway.order({}, { Prefer: 'wait=30' });
  const queued = await railway.order({ date: RUN_DATE }, atOnce);
  const watching = await Watching.begin(railway, queued);
  await watching.seen(1);
  await waitUntil(
    'both requests',
    async () => (await railway.events()).filter(({ type }) => type === 'OrderRequested').length === 2,
  );
  let stopped = false;
  const stop = railway.server.stop().then(() => {
    stopped = true;
  });
  expect(await waiting).toMatchObject({ status: 202, body: { status: 'QUEUED' } });
  await waitUntil('the stream to end', () => watching.ended);
  railway.store.appends.open();
  await waitUntil('the server to stop', () => stopped);
  await stop;
  expect(watching.events.length).toBeLessThan(10);
});

test('a server that stops takes no further request, and finishes the one under way', async () => {
  const railway = await stuck();
  railway.store.appends.shut((appends) => appends.some(({ stream }) => stream.startsWith('order-')));
  const asked = railway.order({}, atOnce);
  await waitUntil('the request', () => railway.store.appends.waiting > 0);
  const stopped = railway.server.stop();
  await expect(fetch(`${railway.url}/healthz`)).rejects.toThrow();
  railway.store.appends.open();
  expect(await asked).toMatchObject({ status: 202, body: { status: 'QUEUED' } });
  await stopped;
});

test('a server that stops finishes a payment that was begun, and tells its URL', async () => {
  const railway = await stuck();
  railway.store.appends.open();
  const { body } = await railway.order();
  railway.store.appends.shut((appends) => appends.some(({ stream }) => stream.startsWith('payment-')));
  const asked = railway.pay(body.orderNo);
  await waitUntil('the payment', () => railway.store.appends.waiting > 0);
  const stopped = railway.server.stop();
  await expect(fetch(`${railway.url}/healthz`)).rejects.toThrow();
  railway.store.appends.open();
  expect(await asked).toMatchObject({ status: 201, body: { paymentNo: `${body.orderNo}P1` } });
  await stopped;
});

test('an order that is durable is answered as such, though the log cannot be read afterwards', async () => {
  const railway = await stuck();
  const before = railway.order({}, { Prefer: 'wait=30' });
  await waitUntil('the request', async () => (await railway.events()).at(-1)?.type === 'OrderRequested');
  await waitUntil('the seats', () => railway.store.appends.waiting > 0);
  railway.store.failure = 'STORE_UNAVAILABLE';
  railway.store.appends.open();
  railway.clock.leap(30_000);
  expect(await before).toMatchObject({ status: 202, body: { status: 'QUEUED' } });
  railway.store.failure = undefined;
});
