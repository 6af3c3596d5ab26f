// Who may call which endpoint: every endpoint with every kind of caller.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { DeclaredOperation } from '../support/declared-api.ts';
import { RUN_DATE, ServedRailway, TODAY } from '../support/served-railway.ts';
import type { Answer, Ask } from '../support/shopper.ts';

/** The contract. A new endpoint, or one that is opened to others, must be added here. */
const ACCESS = {
  findStations: 'public',
  findTrains: 'public',
  showTrain: 'public',
  showAvailability: 'public',
  placeOrder: 'user',
  listOrders: 'user',
  showOrder: 'user',
  showOrderHistory: 'user',
  cancelOrder: 'user',
  createPayment: 'user',
  showRun: 'operator',
  showOrderAt: 'operator',
  showClassAt: 'operator',
  showUserAt: 'operator',
  showDiff: 'operator',
  showRailwayDiff: 'operator',
  showReceipts: 'user',
  quoteRefund: 'user',
  refundTickets: 'user',
  quoteChange: 'user',
  changeTickets: 'user',
  checkIn: 'operator',
  withdrawSeats: 'operator',
  returnSeats: 'operator',
  addCoaches: 'operator',
  changeComposition: 'operator',
  cancelRun: 'operator',
  joinQueue: 'user',
  showRunQueue: 'operator',
  setQueueMode: 'operator',
  showQueuePlace: 'public',
  watchQueuePlace: 'public',
  receivePaymentNotice: 'public',
  receiveFormPaymentNotice: 'public',
  submitWaitlist: 'user',
  prepayWaitlist: 'user',
  giveUpWaitlist: 'user',
  showWaitlist: 'user',
  listWaitlists: 'user',
  listWaiting: 'operator',
  searchOrders: 'operator',
  listDeadLetters: 'operator',
  listAuditTrail: 'operator',
  listPayments: 'operator',
  listRefunds: 'operator',
  listTickets: 'operator',
  listUnpaidOrders: 'operator',
  listNotifications: 'operator',
  listReplenishments: 'operator',
  listReconciliations: 'operator',
  showReconciliation: 'operator',
  reconcile: 'operator',
  replayDeadLetter: 'operator',
  dismissDeadLetter: 'operator',
  listReadModels: 'operator',
  listReplays: 'operator',
  planReplay: 'operator',
  startReplay: 'operator',
  pauseReplay: 'operator',
  resumeReplay: 'operator',
  throttleReplay: 'operator',
  verifyReplay: 'operator',
  swapReplay: 'operator',
  rollbackReplay: 'operator',
  cancelReplay: 'operator',
  dropReplay: 'operator',
  skipEvent: 'operator',
  retryEvent: 'operator',
  showSaleOpenings: 'operator',
  setSaleOpenings: 'operator',
  isAlive: 'public',
  isReady: 'public',
  readMetrics: 'public',
} as const;
type OperationId = keyof typeof ACCESS;

let railway: ServedRailway;
beforeAll(async () => {
  railway = await ServedRailway.start({ rows: 1, letters: 'AC', stops: 3 });
});
afterAll(() => railway.stop());

/** Names of things that do not exist, so that an allowed call changes nothing. */
const PARAMS: Readonly<Record<string, string>> = {
  orderNo: 'NOSUCHORDER',
  waitlistNo: 'NOSUCHWAITLIST',
  train: 'X1',
  date: RUN_DATE,
  token: 'none',
  withdrawalNo: 'W1',
};
const call = ({ method, path, hasBody }: DeclaredOperation, token?: string, extra: Ask = {}): Promise<Answer> =>
  railway.ask(
    path.replaceAll(/\{(\w+)\}/g, (_, name: string) => PARAMS[name] ?? name),
    { method, ...(hasBody ? { body: {} } : {}), ...(token === undefined ? {} : { token }), ...extra },
  );

const refusalOf = ({ status, body }: Answer): string =>
  [401, 403].includes(status) && body.code !== 'SIGNATURE_INVALID' ? `${status} ${body.code}` : 'let in';

describe('every endpoint', () => {
  test('is in the list, and declares itself as the list has it', () => {
    const declared = railway.api.operations.map(({ operationId, needsToken, problems }) => [
      operationId,
      !needsToken ? 'public' : problems[403]?.includes('FORBIDDEN') === true ? 'operator' : 'user',
    ]);
    expect(Object.fromEntries(declared)).toEqual(ACCESS);
    expect(declared).toHaveLength(Object.keys(ACCESS).length);
  });

  test('allows the callers it should, and no others', async () => {
    const [head, claims] = (await railway.token('alice', { role: 'admin' })).split('.');
    const unsigned = Buffer.from('{"alg":"none"}').toString('base64url');
    const callers: Readonly<
      Record<string, { readonly token?: string; readonly rank: number; readonly code?: string }>
    > = {
      nobody: { rank: 0, code: 'TOKEN_MISSING' },
      user: { token: await railway.token('alice', { role: 'user' }), rank: 1 },
      'without a role': { token: await railway.token('alice'), rank: 1 },
      operator: { token: await railway.token('olga', { role: 'operator' }), rank: 2 },
      admin: { token: await railway.token('anna', { role: 'admin' }), rank: 2 },
      forged: { token: await railway.token('eve', { role: 'admin', secret: 'another secret' }), rank: 0 },
      unsigned: { token: `${unsigned}.${claims}.`, rank: 0 },
      'without its signature': { token: `${head}.${claims}.`, rank: 0 },
      expired: { token: await railway.token('eve', { role: 'admin', endsInSeconds: -1 }), rank: 0 },
      'of another issuer': { token: await railway.token('eve', { role: 'admin', issuer: 'other' }), rank: 0 },
      'for another service': { token: await railway.token('eve', { role: 'admin', audience: 'other' }), rank: 0 },
      'without an end': { token: await railway.token('eve', { role: 'admin', endless: true }), rank: 0 },
      'without a beginning': { token: await railway.token('eve', { role: 'admin', issuedInSeconds: null }), rank: 0 },
      'from the future': { token: await railway.token('eve', { role: 'admin', issuedInSeconds: 90 }), rank: 0 },
      'for more than a year': {
        token: await railway.token('eve', { role: 'admin', endsInSeconds: 366 * 86_400 }),
        rank: 0,
      },
      'that ends before it begins': {
        token: await railway.token('eve', { role: 'admin', endsInSeconds: 20, issuedInSeconds: 40 }),
        rank: 0,
      },
      'of a clock a little ahead': {
        token: await railway.token('anna', { role: 'admin', issuedInSeconds: 30 }),
        rank: 2,
      },
      'of a role there is not': { token: await railway.token('eve', { role: 'root' }), rank: 0 },
      'of a user who cannot be': { token: await railway.token('e v e', { role: 'admin' }), rank: 0 },
    };
    const needed = { public: 0, user: 1, operator: 2 };
    const wrong: string[] = [];
    for (const operation of railway.api.operations)
      for (const [name, { token, rank, code = 'TOKEN_INVALID' }] of Object.entries(callers)) {
        const rankNeeded = needed[ACCESS[operation.operationId as OperationId]];
        const expected = rank >= rankNeeded ? 'let in' : rank === 0 ? `401 ${code}` : '403 FORBIDDEN';
        const answered = refusalOf(await call(operation, token));
        if (answered !== expected) wrong.push(`${operation.operationId} ${name}: ${answered}, not ${expected}`);
      }
    expect(wrong).toEqual([]);
  });

  test('is kept by no cache, and no problem says again what stood in a query', async () => {
    const token = await railway.token('alice');
    for (const operation of railway.api.operations)
      expect([operation.operationId, (await call(operation, token)).headers.get('cache-control')]).toEqual([
        operation.operationId,
        'no-store',
      ]);
    const { body } = await railway.ask('/v1/orders?limit=0&secret=hush', { token });
    expect([body.code, body.instance]).toEqual(['INVALID_REQUEST', '/v1/orders']);
    expect(JSON.stringify(body)).not.toContain('hush');
  });

  test('that needs a token takes it as a bearer alone', async () => {
    const token = await railway.token('alice');
    for (const [authorization, expected] of [
      [`Bearer ${token}`, 200],
      [`bearer ${token}`, 200],
      [`Basic ${token}`, 401],
      [token, 401],
      ['Bearer ', 401],
      [`Bearer ${token} junk`, 401],
      [`Bearer ${token},${token}`, 401],
      [`Bearer ${token}\tx`, 401],
      ['', 401],
    ] as const) {
      const answer = await railway.ask('/v1/orders', { headers: { Authorization: authorization } });
      expect([authorization.slice(0, 8), answer.status]).toEqual([authorization.slice(0, 8), expected]);
      expect(answer.headers.has('www-authenticate')).toBe(expected === 401);
    }
  });

  test('reads what is asked for: a path, a query or a body that is not well formed is refused with its place', async () => {
    const token = await railway.token('olga', { role: 'operator' });
    const bad = [
      ['GET', '/v1/stations', 'query.q'],
      ['GET', '/v1/stations?q=x&limit=51', 'query.limit'],
      ['GET', '/v1/trains?from=ST0&to=ST1&date=2026-02-30', 'query.date'],
      ['GET', `/v1/trains?from=ST0&to=ST1&date=${TODAY}&limit=201`, 'query.limit'],
      ['GET', `/v1/trains?from=ST0&to=ST1&date=${TODAY}&cursor=next`, 'query.cursor'],
      ['GET', `/v1/trains?from=ST0&to=ST1&date=${TODAY}&cursor=-1`, 'query.cursor'],
      ['GET', `/v1/trains/G%20900?date=${TODAY}`, 'path.train'],
      ['GET', '/v1/orders?cursor=0', 'query.cursor'],
      ['GET', '/v1/orders?cursor=1&cursor=2', 'query.cursor'],
      ['GET', '/v1/orders?cursor=1.5', 'query.cursor'],
      ['GET', '/v1/orders?cursor=%00', 'query.cursor'],
      ['GET', '/v1/orders?limit=101', 'query.limit'],
      ['GET', '/v1/orders?limit=', 'query.limit'],
      ['GET', '/v1/orders/no-such_order', 'path.orderNo'],
      ['GET', `/v1/queue/${'x'.repeat(129)}`, 'path.token'],
      ['POST', '/v1/orders', 'body.train'],
      ['POST', `/v1/admin/runs/G900/${RUN_DATE}/cancel`, 'body.reason'],
      ['POST', `/v1/admin/runs/G900/yesterday/cancel`, 'path.date'],
      ['PUT', `/v1/admin/runs/G900/${RUN_DATE}/composition`, 'body.coaches'],
    ] as const;
    for (const [method, path, at] of bad) {
      const answer = await railway.ask(path, { method, token, ...(method === 'GET' ? {} : { body: {} }) });
      expect([path, answer.status, answer.body.code, answer.body.errors?.[0]?.at]).toEqual([
        path,
        400,
        'INVALID_REQUEST',
        at,
      ]);
    }
  });

  test('names twenty of the things that are wrong, and not more', async () => {
    const token = await railway.token('alice');
    const passengers = Array.from({ length: 50 }, () => ({ name: '', idType: 'none', idNo: '' }));
    const body = { train: 'G900', date: RUN_DATE, from: 'ST0', to: 'ST2', seatClass: 'second', passengers };
    expect((await railway.ask('/v1/orders', { token, body })).body.errors).toHaveLength(20);
  });
});

describe('an order of somebody else', () => {
  test('can be read by staff, does not exist for others, and is changed by its owner only', async () => {
    const { orderNo } = (await railway.order()).body;
    await railway.shown();
    const alice = await railway.token('alice');
    const bob = await railway.token('bob');
    const olga = await railway.token('olga', { role: 'operator' });
    const anna = await railway.token('anna', { role: 'admin' });
    const statuses = async (token: string): Promise<readonly number[]> => {
      const path = `/v1/orders/${orderNo}`;
      const asked: Answer[] = [];
      for (const read of [path, `${path}/history`]) asked.push(await railway.ask(read, { token }));
      for (const write of [`${path}/payments`, `${path}/cancel`])
        asked.push(await railway.ask(write, { token, body: { channel: 'sandbox' } }));
      for (const { status, body } of asked) if (status === 404) expect(body.code).toBe('ORDER_NOT_FOUND');
      return asked.map(({ status }) => status);
    };
    expect(await statuses(bob)).toEqual([404, 404, 404, 404]);
    expect(await statuses(olga)).toEqual([200, 200, 404, 404]);
    expect(await statuses(anna)).toEqual([200, 200, 404, 404]);
    expect((await railway.ask('/v1/orders', { token: olga })).body.orders).toEqual([]);
    expect(await statuses(alice)).toEqual([200, 200, 201, 200]);
  });
});

describe('a token', () => {
  test('that was good a second before its end is refused from its end on, though it was remembered', async () => {
    const { clock } = railway;
    const token = await railway.token('carol', { endsInSeconds: 30 });
    const ends = (Math.floor(clock.now() / 1000) + 30) * 1000;
    const asked = async (): Promise<number> => (await railway.ask('/v1/orders', { token })).status;
    expect(await asked()).toBe(200);
    clock.leapTo(ends + 1_000);
    expect(await asked()).toBe(401);
  });

  test('is asked again after a minute at most, and is still good', async () => {
    const token = await railway.token('dora', { endsInSeconds: 300 });
    for (let seconds = 0; seconds < 280; seconds += 70) {
      expect((await railway.ask('/v1/orders', { token })).status).toBe(200);
      railway.clock.leap(70_000);
    }
    railway.clock.leap(60_000);
    expect((await railway.ask('/v1/orders', { token })).body.code).toBe('TOKEN_INVALID');
  });

  test('remembered for one user is not taken for another’s', async () => {
    const { orderNo } = (await railway.order()).body;
    await railway.shown();
    for (const [user, status] of [
      ['alice', 200],
      ['bob', 404],
      ['alice', 200],
    ] as const)
      expect((await railway.ask(`/v1/orders/${orderNo}`, { token: await railway.token(user) })).status).toBe(status);
  });
});
