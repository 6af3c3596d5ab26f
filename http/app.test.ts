import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { EventStoreError } from '@railhead/commands/ports/event-store.ts';
import { accept } from '@railhead/domain/kernel/decision.ts';
import { ManualClock } from '@railhead/tests/support/fixed-clock.ts';
import { waitUntil } from '@railhead/tests/support/wait-until.ts';
import { z } from 'zod';
import { createApp } from './app.ts';
import { Problem } from './problem.ts';
import { RequestLimits } from './request-limits.ts';
import { route } from './route.ts';

let server: Server | undefined;
afterEach(() => new Promise<void>((resolve) => (server === undefined ? resolve() : server.close(() => resolve()))));

/** One endpoint that does this, and what is logged and counted of it. */
const serving = async (
  handle: () => Promise<{ readonly status: number; readonly body?: unknown } | 'streamed'>,
  access: 'public' | 'user' = 'public',
) => {
  const tokens: string[] = [];
  const logged: object[] = [];
  const observed: unknown[][] = [];
  const quiet = (): void => {};
  const app = createApp({
    routes: [
      route({
        method: 'get',
        path: '/things/{name}',
        operationId: 'showThing',
        summary: 'A thing',
        tag: 'test',
        access,
        params: z.object({ name: z.string() }),
        responses: { 200: { description: 'It.' } },
        problems: ['TRAIN_NOT_FOUND'],
        handle,
      }),
    ],
    authenticate: async (token) => {
      tokens.push(token);
      return { userId: 'u', role: 'user' };
    },
    nameRequest: async () => accept(undefined),
    limits: new RequestLimits({
      clock: new ManualClock(),
      account: undefined,
      address: undefined,
      isExemptAddress: () => false,
      isExemptCaller: () => false,
    }),
    logger: { debug: quiet, info: quiet, warn: quiet, error: (what) => logged.push(what) },
    bodyLimitBytes: 1_000,
    observe: (...args) => observed.push(args),
  });
  const listening = createServer(app).listen(0, '127.0.0.1');
  server = listening;
  await new Promise((resolve) => listening.once('listening', resolve));
  const url = `http://127.0.0.1:${(listening.address() as AddressInfo).port}`; // It listens on TCP.
  return {
    logged,
    observed,
    tokens,
    ask: (path: string, headers: Record<string, string> = {}) => fetch(url + path, { headers }),
  };
};

describe('what an endpoint throws', () => {
  test.each<[string, Error, number, number]>([
    ['a fault', new Error('a bug'), 500, 1],
    ['what the store should not have refused', new EventStoreError('BAD_EVENT', 'bad'), 500, 1],
    ['a full disk', new EventStoreError('STORE_FULL', 'full'), 503, 0],
    ['a store that is away', new EventStoreError('STORE_UNAVAILABLE', 'away'), 503, 0],
    ['a refusal', new Problem('TRAIN_NOT_FOUND', 'no such train'), 404, 0],
  ])('%s is answered and logged where somebody has to see to it', async (_, error, status, lines) => {
    const { ask, logged } = await serving(async () => {
      throw error;
    });
    const answer = await ask('/things/one', { 'X-Request-Id': 'mine' });
    expect([answer.status, logged]).toEqual([
      status,
      Array.from({ length: lines }, () => ({ err: error, path: '/things/one', requestId: 'mine' })),
    ]);
    expect(await answer.json()).toMatchObject({ status, instance: '/things/one' });
    if (status === 500) expect(answer.headers.get('content-type')).toMatch('application/problem+json');
  });
});

test('a request is counted once it is answered, with what it was answered and how long that took', async () => {
  const { ask, observed } = await serving(async () => ({ status: 201, body: { it: 'is' } }));
  const answer = await ask('/things/one');
  expect([answer.status, await answer.json(), answer.headers.get('x-powered-by')]).toEqual([201, { it: 'is' }, null]);
  await waitUntil('the count', () => observed.length === 1);
  expect(observed).toEqual([['showThing', 'get', 201, expect.any(Number)]]);
  const seconds = Number(observed[0]?.[3]);
  expect(seconds > 0 && seconds < 600).toBe(true);
});

test('an answer without a body has none', async () => {
  const { ask } = await serving(async () => ({ status: 204 }));
  const answer = await ask('/things/one');
  expect([answer.status, await answer.text()]).toEqual([204, '']);
});

test.each([
  ['A.b_c-1', true],
  ['x'.repeat(128), true],
  ['x'.repeat(129), false],
  ['a b', false],
  ['', false],
])('a request that names itself %j keeps its name: %s', async (given, kept) => {
  const { ask } = await serving(async () => ({ status: 200 }));
  const named = (await ask('/things/one', { 'X-Request-Id': given })).headers.get('x-request-id');
  expect(named === given).toBe(kept);
  expect(named).toMatch(/\S/);
});

test.each([
  ['/things/one', 'POST', 405, 'METHOD_NOT_ALLOWED'],
  ['/things', 'GET', 404, 'NOT_FOUND'],
  ['/things/one/more', 'GET', 404, 'NOT_FOUND'],
  ['/some/things/one', 'GET', 404, 'NOT_FOUND'],
])('%s by %s is %d', async (path, method, status, code) => {
  const { ask } = await serving(async () => ({ status: 200 }));
  const answer = await fetch((await ask('/things/one')).url.replace('/things/one', path), { method });
  expect([answer.status, await answer.json()]).toEqual([status, expect.objectContaining({ code })]);
});

test.each<[string, readonly string[]]>([
  ['Bearer a.b-c_d~e+f/g=', ['a.b-c_d~e+f/g=']],
  ['bearer  one', ['one']],
  ['Bearer', []],
  ['Bearer one two', []],
  ['Bearer o,ne', []],
  ['XBearer one', []],
  ['Basic Bearer one', []],
  ['one', []],
  ['', []],
])('of %j the token is %j', async (authorization, token) => {
  const { ask, tokens } = await serving(async () => ({ status: 200 }), 'user');
  const answer = await ask('/things/one', { Authorization: authorization });
  expect([tokens, answer.status]).toEqual([token, token.length === 0 ? 401 : 200]);
  if (token.length > 0) return;
  expect(answer.headers.get('www-authenticate')).toBe('Bearer');
  expect(await answer.json()).toMatchObject({ code: 'TOKEN_MISSING' });
});

test('an endpoint for all looks at no token', async () => {
  const { ask, tokens } = await serving(async () => ({ status: 200 }));
  expect([(await ask('/things/one', { Authorization: 'Bearer one' })).status, tokens]).toEqual([200, []]);
});
