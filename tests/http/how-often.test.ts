// How often somebody may ask: buckets of accounts, devices and addresses, what is not counted, and what a client learns.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { ServedRailway } from '../support/served-railway.ts';
import { type Answer, passenger } from '../support/shopper.ts';

let railway: ServedRailway;
beforeAll(async () => {
  railway = await ServedRailway.start(
    { rows: 50, letters: 'ACDF', stops: 3 },
    {
      accountWritesPerSecond: 3,
      accountWriteBurst: 10,
      addressRequestsPerSecond: 1,
      addressBurst: 100,
      unlimitedAddresses: 'loopback',
      trustedProxies: '127.0.0.0/8',
      unlimitedUsers: 'timetable-service, kiosk',
    },
  );
});
afterAll(() => railway.stop());
beforeEach(() => railway.clock.leap(200_000));

let names = 0;
const stranger = (): string => {
  names += 1;
  return `stranger${names}`;
};
let addresses = 0;
/** An address that was never seen before. */
const elsewhere = (): string => {
  addresses += 1;
  return `198.51.100.${addresses}`;
};
const cancel = async (user: string, headers: Readonly<Record<string, string>> = {}, role = 'user'): Promise<Answer> =>
  railway.ask('/v1/orders/NOSUCHORDER/cancel', { method: 'POST', token: await railway.token(user, { role }), headers });
const times = async (count: number, ask: () => Promise<Answer>): Promise<readonly number[]> =>
  (await Promise.all(Array.from({ length: count }, ask))).map(({ status }) => status);
/** Asks until it is refused. */
const refusalOf = async (ask: () => Promise<Answer>): Promise<Answer> => {
  for (let n = 0; n < 100; n += 1) {
    const answers = await Promise.all(Array.from({ length: 40 }, ask));
    const found = answers.findLast(({ status }) => status === 429);
    if (found !== undefined) return found;
  }
  throw new Error('never refused');
};
/** Of sixty requests as many are let in as the bucket has, and no more than come into it meanwhile. */
const sixty = async (ask: () => Promise<Answer>): Promise<void> => {
  const began = railway.clock.now();
  const allowed = await letIn(ask);
  expect(allowed).toBeGreaterThanOrEqual(BURST);
  expect(allowed).toBeLessThanOrEqual(BURST + cameSince(began));
};
const BURST = 10;
const letIn = async (ask: () => Promise<Answer>): Promise<number> => 60 - refused(await times(60, ask));
const cameSince = (beganMs: number): number => ((railway.clock.now() - beganMs) * 3) / 1_000;
const refused = (statuses: readonly number[]): number => statuses.filter((status) => status === 429).length;

describe('changes of an account', () => {
  test('are taken ten at once and three a second from then on, whatever address they come from', async () => {
    const user = stranger();
    const began = railway.clock.now();
    const first = await letIn(() => cancel(user, { 'X-Forwarded-For': elsewhere() }));
    railway.clock.leap(1_000);
    const second = await letIn(() => cancel(user));
    expect(first).toBeGreaterThanOrEqual(BURST);
    expect(second).toBeGreaterThanOrEqual(3);
    // Counted together: what came between the two, and a part of a change that was left, is in the second.
    expect(first + second).toBeLessThanOrEqual(BURST + cameSince(began));
    expect((await cancel(stranger())).status).toBe(404);
  });

  test('are refused with when to come again, and every answer says how many are left', async () => {
    const user = stranger();
    const first = await cancel(user);
    expect(first.headers.get('ratelimit-policy')).toBe('"account";q=10;w=4');
    expect(first.headers.get('ratelimit')).toBe('"account";r=9;t=1');
    const answer = await refusalOf(() => cancel(user));
    expect(answer).toMatchObject({ status: 429, body: { code: 'RATE_LIMITED', status: 429, policy: 'account' } });
    expect(answer.headers.get('content-type')).toMatch('application/problem+json');
    expect(answer.headers.get('ratelimit')).toMatch(/^"account";r=0;t=[34]$/);
    expect(answer.headers.get('retry-after')).toBe('1');
    railway.clock.leap(1_000 * Number(answer.headers.get('retry-after')));
    expect((await cancel(user)).status).toBe(404);
  });

  test('that are refused wrote nothing: sent again under the same key they are what they would have been', async () => {
    const user = stranger();
    const token = await railway.token(user);
    const headers = { 'Idempotency-Key': 'mine', Prefer: 'wait=10' };
    const body = { train: 'G900', date: '2026-12-02', from: 'ST0', to: 'ST2', seatClass: 'second' };
    const order = { token, headers, body: { ...body, passengers: [passenger()] } };
    const first = await refusalOf(() => railway.ask('/v1/orders', { ...order, body: { ...order.body, train: 'X1' } }));
    expect(first.status).toBe(429);
    railway.clock.leap(1_000);
    const placed = await railway.ask('/v1/orders', order);
    expect(placed.status).toBe(201);
    // A repeat counts like any change, and its answer is not lost by that.
    await refusalOf(() => railway.ask('/v1/orders', order));
    railway.clock.leap(1_000);
    expect((await railway.ask('/v1/orders', order)).body.orderNo).toBe(placed.body.orderNo);
  });

  test('of operators and of users that are named are not counted', async () => {
    expect(refused(await times(20, () => cancel(stranger(), {}, 'operator')))).toBe(0);
    expect(refused(await times(20, () => cancel('kiosk')))).toBe(0);
  });

  test('of one device with many accounts are those of one', async () => {
    const headers = { 'Railhead-Device': 'phone-1' };
    await sixty(() => cancel(stranger(), headers));
    const answer = await refusalOf(() => cancel(stranger(), headers));
    expect(answer.body).toMatchObject({ code: 'RATE_LIMITED', policy: 'device' });
    expect(await cancel(stranger(), { 'Railhead-Device': 'two words' })).toMatchObject({
      status: 400,
      body: { code: 'INVALID_REQUEST' },
    });
  });
});

describe('requests of an address', () => {
  const search = (address: string): Promise<Answer> =>
    railway.ask('/v1/stations?q=st', { headers: { 'X-Forwarded-For': address } });

  test('are many, and no more', async () => {
    const address = elsewhere();
    const count = refused(await times(160, () => search(address)));
    expect(count).toBeGreaterThan(20);
    expect(count).toBeLessThanOrEqual(60);
    expect((await search(elsewhere())).headers.get('ratelimit-policy')).toBe('"address";q=100;w=100');
    expect((await refusalOf(() => search(address))).body).toMatchObject({ code: 'RATE_LIMITED', policy: 'address' });
  });

  test('are those of a whole network of a subscriber with IPv6', async () => {
    let hosts = 0;
    const answers = await times(160, () => {
      hosts += 1;
      return search(`2001:db8::${hosts.toString(16)}`);
    });
    expect(refused(answers)).toBeGreaterThan(20);
    expect((await search('2001:db8:0:1::1')).status).toBe(200);
  });

  test('are told by the last proxy that is believed, and not by the client', async () => {
    const address = elsewhere();
    // What the client wrote itself stands before what the proxy adds.
    const answers = await times(160, () => search(`${elsewhere()}, ${address}`));
    expect(refused(answers)).toBeGreaterThan(20);
  });

  test('are not counted for health, metrics, and notices of the gateway', async () => {
    const headers = { 'X-Forwarded-For': elsewhere() };
    await times(130, () => railway.ask('/v1/stations?q=st', { headers }));
    for (const path of ['/healthz', '/readyz', '/metrics'])
      expect(refused(await times(5, () => railway.ask(path, { headers })))).toBe(0);
    const notice = await railway.ask('/v1/payments/callback', { body: {}, headers });
    expect(notice.body.code).toBe('SIGNATURE_INVALID');
    expect(notice.headers.get('ratelimit')).toBeNull();
  });
});

test('without trusted proxies X-Forwarded-For is nothing; zero switches a limit off', async () => {
  const other = await ServedRailway.start(
    { rows: 1, letters: 'A', stops: 2 },
    { accountWritesPerSecond: 0, addressRequestsPerSecond: 1, addressBurst: 20, unlimitedAddresses: '' },
  );
  try {
    other.clock.leap(60_000);
    const search = () => other.ask('/v1/stations?q=st', { headers: { 'X-Forwarded-For': elsewhere() } });
    expect(refused(await times(40, search))).toBeGreaterThanOrEqual(19);
    other.clock.leap(60_000);
    const token = await other.token('alice');
    const ask = () => other.ask('/v1/orders/NOSUCHORDER/cancel', { method: 'POST', token });
    expect(refused(await times(19, ask))).toBe(0);
  } finally {
    await other.stop();
  }
});
