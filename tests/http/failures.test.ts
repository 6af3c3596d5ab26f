// Failures, and what the client is told: every code with its status, every failure of the store and of the gateway.
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { EventStoreErrorCode } from '@railhead/commands/ports/event-store.ts';
import { isProblemCode, type ProblemCode, problemStatus, problemTitle } from '@railhead/http/problem.ts';
import { RUN_DATE, ServedRailway } from '../support/served-railway.ts';
import type { Answer } from '../support/shopper.ts';

/** Clients know these codes: a code keeps its status for ever. */
const STATUS: Readonly<Record<ProblemCode, number>> = {
  INVALID_REQUEST: 400,
  BODY_NOT_JSON: 400,
  MOMENT_INVALID: 400,
  POSITION_INVALID: 400,
  NAME_INVALID: 400,
  TOKEN_MISSING: 401,
  TOKEN_INVALID: 401,
  SIGNATURE_INVALID: 401,
  FORBIDDEN: 403,
  NOT_FOUND: 404,
  TRAIN_NOT_FOUND: 404,
  ORDER_NOT_FOUND: 404,
  USER_NOT_FOUND: 404,
  WAITLIST_NOT_FOUND: 404,
  NOT_YET: 404,
  TICKET_UNKNOWN: 404,
  QUEUE_TOKEN_UNKNOWN: 404,
  PAYMENT_UNKNOWN: 404,
  DEAD_LETTER_UNKNOWN: 404,
  READ_MODEL_UNKNOWN: 404,
  EVENT_UNKNOWN: 404,
  RECONCILIATION_UNKNOWN: 404,
  WITHDRAWAL_NOT_FOUND: 404,
  METHOD_NOT_ALLOWED: 405,
  REQUEST_TIMEOUT: 408,
  SOLD_OUT: 409,
  SALE_STOPPED: 409,
  SEATS_SOLD: 409,
  LOCK_ENDED: 409,
  CONTENDED: 409,
  RUN_CANCELLED: 409,
  COACH_NUMBER_TAKEN: 409,
  COACH_WITHDRAWN: 409,
  COACH_DIFFERS: 409,
  ORDER_STATE: 409,
  NOT_REFUNDABLE: 409,
  NOT_CHANGEABLE: 409,
  TOO_MANY_CHANGES: 409,
  TICKETING_FAILED: 409,
  TICKET_VOID: 409,
  CHECK_IN_CLOSED: 409,
  QUOTE_EXPIRED: 409,
  PAYMENT_STATE: 409,
  PAYMENT_ENDED: 409,
  PAYMENT_EXISTS: 409,
  PAYMENT_NOT_PAID: 409,
  TOO_MANY_PAYMENTS: 409,
  TOO_MANY_UNPAID: 409,
  TOO_MANY_LEFT_OUT: 409,
  RECONCILIATION_UNDER_WAY: 409,
  REPLAY_UNDER_WAY: 409,
  GENERATION_KEPT: 409,
  NO_REPLAY: 409,
  NOTHING_KEPT: 409,
  REPLAY_PARTIAL: 409,
  REPLAY_UNFINISHED: 409,
  REPLAY_NOT_PARALLEL: 409,
  REPLAY_UNVERIFIED: 409,
  REPLAY_DIFFERS: 409,
  VERIFICATION_UNDER_WAY: 409,
  BUILT_ELSEWHERE: 409,
  NO_ROOM: 409,
  LIMIT_TRAIN: 409,
  LIMIT_DOCUMENT: 409,
  JOURNEY_OVERLAPS: 409,
  CANCELLED_TOO_OFTEN: 409,
  SEATS_FREE: 409,
  WAITLIST_LIMIT: 409,
  WAITLIST_STATE: 409,
  QUEUE_TOKEN_INVALID: 409,
  QUEUE_CLOSED: 409,
  RUN_CHANGED: 412,
  PRECONDITION_FAILED: 412,
  BODY_TOO_LARGE: 413,
  MEDIA_TYPE_UNSUPPORTED: 415,
  RANGE_NOT_SATISFIABLE: 416,
  EXPECTATION_FAILED: 417,
  MOMENT_IN_FUTURE: 422,
  MOMENTS_BACKWARDS: 422,
  TOO_MUCH_TO_READ: 422,
  STATION_UNKNOWN: 422,
  NOT_IN_TIMETABLE: 422,
  AMBIGUOUS_STATION: 422,
  STATION_NOT_ON_ROUTE: 422,
  JOURNEY_BACKWARDS: 422,
  CLASS_NOT_ON_TRAIN: 422,
  COACH_NOT_ON_TRAIN: 422,
  NO_SUCH_SEAT: 422,
  TOO_MANY_COACHES: 422,
  CLASS_WITHOUT_FARE: 422,
  DATE_OUTSIDE_SALE: 422,
  SALE_CLOSED: 422,
  PASSENGER_COUNT: 422,
  PASSENGER_TWICE: 422,
  CHOICE_COUNT: 422,
  CHOICE_TWICE: 422,
  DATES_APART: 422,
  DEADLINE_INVALID: 422,
  IDEMPOTENCY_KEY_REUSED: 422,
  AMOUNT_MISMATCH: 422,
  SALE_NOT_OPEN: 425,
  QUEUE_REQUIRED: 428,
  RATE_LIMITED: 429,
  HEADERS_TOO_LARGE: 431,
  QUEUE_FULL: 503,
  STORAGE_FULL: 503,
  OVERLOADED: 503,
  UNAVAILABLE: 503,
  MODEL_BEHIND: 503,
  GATEWAY_UNAVAILABLE: 503,
  GATEWAY_REFUSED: 502,
  INTERNAL: 500,
};

const BODY_LIMIT = 65_536;
let railway: ServedRailway;
beforeAll(async () => {
  railway = await ServedRailway.start({ rows: 9, letters: 'AC', stops: 3 });
});
afterAll(() => railway.stop());
afterEach(() => {
  railway.store.failure = undefined;
});

describe('a problem', () => {
  test('has a code that keeps its status, and stands in the guide with its title', () => {
    const guide = readFileSync(new URL('../../docs/http.md', import.meta.url), 'utf8');
    const rows = [...guide.matchAll(/^\| (\d{3}) \| `([A-Z_]+)` \| (.*) \|$/gm)].map(([, status, code, title]) => [
      code,
      Number(status),
      title,
    ]);
    // Every key of the record is a code.
    const codes = Object.keys(STATUS) as ProblemCode[];
    expect(codes.map((code) => [code, problemStatus(code)])).toEqual(Object.entries(STATUS));
    expect(rows).toEqual(codes.map((code) => [code, STATUS[code], problemTitle(code)]));
  });

  test('that an endpoint declares is one of the list, under its own status', () => {
    for (const { operationId, problems } of railway.api.operations)
      for (const [status, codes] of Object.entries(problems))
        for (const code of codes)
          expect([operationId, code, isProblemCode(code) ? problemStatus(code) : 0]).toEqual([
            operationId,
            code,
            Number(status),
          ]);
  });

  test('is answered where there is no endpoint, or none of that method', async () => {
    const methods = ['GET', 'POST', 'PUT', 'DELETE', 'PATCH'];
    for (const path of new Set(railway.api.operations.map((operation) => operation.path))) {
      const url = path.replaceAll(/\{\w+\}/g, 'x');
      for (const method of methods)
        if (railway.api.find(method, url) === undefined) {
          const { status, body } = await railway.ask(url, { method });
          expect([method, url, status, body.code]).toEqual([method, url, 405, 'METHOD_NOT_ALLOWED']);
        }
    }
    for (const path of ['/v1', '/v1/', '/v1/order', '/v1/orders/1/2/3', '/v1/admin/runs/G900', '/v2/orders'])
      expect([path, (await railway.ask(path)).body.code]).toEqual([path, 'NOT_FOUND']);
  });
});

describe('a body', () => {
  const post = async (body: string, headers: Readonly<Record<string, string>> = {}): Promise<Answer> =>
    railway.ask('/v1/orders', { token: await railway.token('alice'), body, headers });
  const padded = (bytes: number): string => `{${' '.repeat(bytes - 2)}}`;

  test('may be as large as the limit and no larger', async () => {
    for (const [bytes, code] of [
      [BODY_LIMIT - 1, 'INVALID_REQUEST'],
      [BODY_LIMIT, 'INVALID_REQUEST'],
      [BODY_LIMIT + 1, 'BODY_TOO_LARGE'],
    ] as const)
      expect([bytes, (await post(padded(bytes))).body.code]).toEqual([bytes, code]);
  });

  test('of a notice has the same limit', async () => {
    const notify = (bytes: number): Promise<Answer> =>
      railway.ask('/v1/payments/callback', { body: padded(bytes), headers: { 'Gateway-Signature': 't=1,v1=0' } });
    expect((await notify(BODY_LIMIT)).body.code).toBe('SIGNATURE_INVALID');
    expect((await notify(BODY_LIMIT + 1)).body.code).toBe('BODY_TOO_LARGE');
  });

  test('is JSON in an encoding that can be read', async () => {
    for (const text of ['{', '', 'null', '"text"', '[]', 'true'])
      expect([text, (await post(text)).status]).toEqual([text, 400]);
    expect((await post('{]')).body.code).toBe('BODY_NOT_JSON');
    expect((await post('{}', { 'Content-Encoding': 'zip' })).body.code).toBe('MEDIA_TYPE_UNSUPPORTED');
    expect((await post('{}', { 'Content-Type': 'application/json; charset=klingon' })).body.code).toBe(
      'MEDIA_TYPE_UNSUPPORTED',
    );
  });

  test('sent where none is asked for is not looked at', async () => {
    const { orderNo } = (await railway.order()).body;
    const token = await railway.token('alice');
    const cancelled = await railway.ask(`/v1/orders/${orderNo}/cancel`, { token, body: '{]' });
    expect(cancelled).toMatchObject({ status: 200, body: { orderNo, status: 'CLOSED' } });
  });
});

describe('a failure of the store', () => {
  const PROBLEM_OF: Readonly<Record<EventStoreErrorCode, ProblemCode>> = {
    STORE_FULL: 'STORAGE_FULL',
    STORE_OVERLOADED: 'OVERLOADED',
    STORE_CLOSED: 'UNAVAILABLE',
    STORE_UNAVAILABLE: 'UNAVAILABLE',
    OUTCOME_UNKNOWN: 'UNAVAILABLE',
    STORE_IN_USE: 'INTERNAL',
    STORE_TOO_NEW: 'INTERNAL',
    STORE_CORRUPT: 'INTERNAL',
    EVENT_NOT_UNDERSTOOD: 'INTERNAL',
    STORE_MISCONFIGURED: 'INTERNAL',
    STORE_ACCESS_DENIED: 'INTERNAL',
    STREAM_DELETED: 'INTERNAL',
    BAD_STREAM_NAME: 'INTERNAL',
    BAD_EVENT: 'INTERNAL',
    EVENT_TOO_LARGE: 'INTERNAL',
    BATCH_TOO_LARGE: 'INTERNAL',
    ATOMIC_NOT_SUPPORTED: 'INTERNAL',
  };

  test.each(Object.entries(PROBLEM_OF))('%s is answered as %s by who writes', async (failure, code) => {
    const { orderNo } = (await railway.order()).body;
    const token = await railway.token('alice');
    // A key of the record.
    railway.store.failure = failure as EventStoreErrorCode;
    const answers = [
      await railway.order({}, {}),
      await railway.ask(`/v1/orders/${orderNo}/cancel`, { method: 'POST', token }),
      await railway.pay(orderNo),
      await railway.notify({ paymentNo: `${orderNo}P1`, outcome: 'paid', amountFen: 1 }),
      await railway.operate('POST', '/withdrawals', { coach: '01', seats: ['09A'], reason: 'r' }),
      await railway.operate('POST', '/cancel', { reason: 'r' }),
    ];
    const { message } = new Error('injected');
    for (const { status, body, headers } of answers) {
      expect([body.code, status]).toEqual([code, STATUS[code]]);
      expect(headers.get('retry-after')).toBe(status === 503 ? '1' : null);
      // Details of an internal error must not reach the client.
      expect(body.detail === message).toBe(status === 503);
    }
    railway.store.failure = undefined;
    const cancelled = await railway.ask(`/v1/orders/${orderNo}/cancel`, { method: 'POST', token });
    expect(cancelled.status).toBe(200);
  });
});

describe('a gateway', () => {
  let gateway: Server;
  let answer = 200;
  let selling: ServedRailway;
  beforeAll(async () => {
    gateway = createServer((request, response) => {
      request.resume();
      if (answer === 0) request.socket.destroy();
      else response.writeHead(answer, { 'Content-Type': 'application/json' }).end('{"payPath":"/pay"}');
    });
    gateway.listen(0, '127.0.0.1');
    await once(gateway, 'listening');
    // A server that listens on a port has an address of this kind.
    const { port } = gateway.address() as AddressInfo;
    selling = await ServedRailway.start(
      { rows: 2, letters: 'AC', stops: 2 },
      { gatewayUrl: `http://127.0.0.1:${port}` },
    );
  });
  afterAll(async () => {
    await selling.stop();
    gateway.closeAllConnections();
    gateway.close();
  });

  test('that does not answer or refuses is told to the payer, who may ask again for the same payment', async () => {
    const { orderNo } = (await selling.order({ to: 'ST1' })).body;
    for (const [status, code] of [
      [0, 'GATEWAY_UNAVAILABLE'],
      [500, 'GATEWAY_UNAVAILABLE'],
      [503, 'GATEWAY_UNAVAILABLE'],
      [400, 'GATEWAY_REFUSED'],
      [401, 'GATEWAY_REFUSED'],
      [409, 'GATEWAY_REFUSED'],
    ] as const) {
      answer = status;
      const refused = await selling.pay(orderNo);
      expect([status, refused.body.code, refused.status]).toEqual([status, code, STATUS[code]]);
      // It is in the log, and nobody is told otherwise.
      expect(refused.body.detail).toContain(`payment ${orderNo}P1 has begun`);
    }
    answer = 201;
    const created = await selling.pay(orderNo);
    expect(created).toMatchObject({ status: 201, body: { paymentNo: `${orderNo}P1` } });
    const payments = (await selling.events()).filter(({ type }) => type === 'PaymentCreated');
    expect(payments).toHaveLength(1);
  });
});

test('an order is refused for what is wrong with it, with the status of its code, and leaves nothing in the log', async () => {
  const one = { name: 'n', idType: 'passport', idNo: 'E1234', kind: 'adult' };
  const people = (count: number) => Array.from({ length: count }, (_, n) => ({ ...one, idNo: `E100${n}` }));
  const cases: readonly (readonly [object, ProblemCode])[] = [
    [{ train: 'X1' }, 'TRAIN_NOT_FOUND'],
    [{ date: '2026-11-29' }, 'DATE_OUTSIDE_SALE'],
    [{ date: '2026-12-15' }, 'DATE_OUTSIDE_SALE'],
    [{ from: 'ST9' }, 'STATION_NOT_ON_ROUTE'],
    [{ to: 'ST9' }, 'STATION_NOT_ON_ROUTE'],
    [{ from: 'ST2', to: 'ST0' }, 'JOURNEY_BACKWARDS'],
    [{ from: 'ST1', to: 'ST1' }, 'JOURNEY_BACKWARDS'],
    [{ seatClass: 'first' }, 'CLASS_NOT_ON_TRAIN'],
    [{ seatClass: 'standing' }, 'CLASS_NOT_ON_TRAIN'],
    [{ passengers: [] }, 'PASSENGER_COUNT'],
    [{ passengers: people(6) }, 'PASSENGER_COUNT'],
    [{ passengers: [one, { ...one, name: 'm' }] }, 'PASSENGER_TWICE'],
    [{ passengers: [one, { ...one, idNo: 'e1234' }] }, 'PASSENGER_TWICE'],
    [{ passengers: people(51) }, 'PASSENGER_COUNT'],
  ];
  const position = await railway.store.lastPosition();
  for (const [extra, code] of cases) {
    const refused = await railway.order(extra);
    expect([extra, refused.body.code, refused.status]).toEqual([extra, code, STATUS[code]]);
  }
  expect(await railway.store.lastPosition()).toBe(position);
  for (const [extra, status] of [
    [{ date: '2026-12-14' }, 201],
    [{ date: '2026-11-30' }, 201],
    [{ date: RUN_DATE, passengers: people(5) }, 201],
    [{ passengers: [one, { ...one, idType: 'residencePermit' }] }, 201],
  ] as const)
    expect([extra, (await railway.order(extra)).status]).toEqual([extra, status]);
});
