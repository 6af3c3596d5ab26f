// How many requests wait at once, what is answered above that, and that a place is free again afterwards.
import { once } from 'node:events';
import { type ClientRequest, get, type IncomingMessage } from 'node:http';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { RUN_DATE, ServedRailway } from '../support/served-railway.ts';
import { type Answer, passenger } from '../support/shopper.ts';
import { waitUntil } from '../support/wait-until.ts';

let railway: ServedRailway;
beforeEach(async () => {
  railway = await ServedRailway.start(
    { rows: 50, letters: 'ACDF', stops: 3 },
    { waitingLimit: 5, accountWaitingLimit: 2, shutdownSeconds: 300 },
  );
  // Nobody gets a seat until the store continues.
  railway.store.appends.shut((appends) => appends.some(({ stream }) => stream.startsWith('seatLock-')));
});
afterEach(() => railway.stop());

const order = async (user: string, prefer: string, key?: string): Promise<Answer> => {
  const body = { train: 'G900', date: RUN_DATE, from: 'ST0', to: 'ST2', seatClass: 'second' };
  const headers = { Prefer: prefer, ...(key === undefined ? {} : { 'Idempotency-Key': key }) };
  return railway.ask('/v1/orders', {
    token: await railway.token(user),
    headers,
    body: { ...body, passengers: [passenger()] },
  });
};
const waiting = async (): Promise<number> => {
  const { body } = await railway.ask('/metrics');
  return Number(/^railhead_waiting_requests (\d+)$/m.exec(body)?.[1]);
};
const streams: ClientRequest[] = [];
const stream = async ({ body }: Answer): Promise<IncomingMessage> => {
  const request = get(`${railway.url}/v1/queue/${body.queueToken}/events`, { agent: false });
  streams.push(request);
  const [response] = await once(request, 'response');
  response.resume();
  return response;
};

test('above the limit of an account an order is answered at once, and waits for its turn all the same', async () => {
  const open = [order('alice', 'wait=30'), order('alice', 'wait=30')];
  await waitUntil('two that wait', async () => (await waiting()) === 2);
  const third = await order('alice', 'wait=30');
  expect(third).toMatchObject({ status: 202, body: { status: 'QUEUED' } });
  expect(third.headers.has('preference-applied')).toBe(false);
  expect(third.body.queueToken).toMatch(/\./);
  const other = order('bob', 'wait=30');
  await waitUntil('another that waits', async () => (await waiting()) === 3);
  railway.store.appends.open();
  for (const answer of await Promise.all([...open, other])) {
    expect(answer.status).toBe(201);
    expect(answer.headers.get('preference-applied')).toBe('wait=30');
  }
  await waitUntil('nobody to wait', async () => (await waiting()) === 0);
  await waitUntil('its decision', async () => (await railway.statusOf(third.body.orderNo)) === 'WAIT_PAY');
});

test('above the limit of all an order is answered at once, and a stream is refused with when to come again', async () => {
  const orders = await Promise.all(['ann', 'bea', 'cat', 'dan', 'eve', 'fay'].map((user) => order(user, '')));
  const [first, ...rest] = orders;
  for (const one of orders.slice(0, 5)) expect((await stream(one)).statusCode).toBe(200);
  const full = await railway.ask(`/v1/queue/${rest.at(-1)?.body.queueToken}/events`);
  expect(full).toMatchObject({ status: 503, body: { code: 'OVERLOADED' } });
  expect(full.headers.get('retry-after')).toBe('5');
  expect((await order('gil', 'wait=30')).status).toBe(202);
  // The place itself can be asked for.
  expect((await railway.ask(`/v1/queue/${first?.body.queueToken}`)).status).toBe(200);
});

test('a stream of the same account too many is refused; one whose client goes away gives its place back', async () => {
  const one = await order('alice', '');
  await stream(one);
  await stream(one);
  const third = await railway.ask(`/v1/queue/${one.body.queueToken}/events`);
  expect(third).toMatchObject({ status: 429, body: { code: 'RATE_LIMITED', policy: 'waiting' } });
  expect(third.headers.get('retry-after')).toBe('5');
  for (const request of streams.splice(0)) request.destroy();
  await waitUntil('their places', async () => (await waiting()) === 0);
  expect((await stream(one)).statusCode).toBe(200);
});

test('a request that waits and is cut off gives its place back', async () => {
  const cut = new AbortController();
  const body = { train: 'G900', date: RUN_DATE, from: 'ST0', to: 'ST2', seatClass: 'second' };
  const sent = fetch(`${railway.url}/v1/orders`, {
    method: 'POST',
    headers: {
      Authorization: `Bearer ${await railway.token('alice')}`,
      'Content-Type': 'application/json',
      Prefer: 'wait=30',
    },
    body: JSON.stringify({ ...body, passengers: [passenger()] }),
    signal: cut.signal,
  });
  await waitUntil('one that waits', async () => (await waiting()) === 1);
  cut.abort();
  await expect(sent).rejects.toThrow();
  await waitUntil('its place', async () => (await waiting()) === 0);
});
