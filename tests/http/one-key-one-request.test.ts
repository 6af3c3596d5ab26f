// A key names one request, whole, on every write of every role: under it another request is refused and changes nothing.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { DeclaredOperation } from '../support/declared-api.ts';
import { RUN_DATE, ServedRailway } from '../support/served-railway.ts';
import type { Answer, Json } from '../support/shopper.ts';

let railway: ServedRailway;
beforeAll(async () => {
  railway = await ServedRailway.start({ rows: 9, letters: 'ACDF', stops: 4, trains: 2 });
});
afterAll(() => railway.stop());

const passenger = { name: 'Ada', idType: 'passport', idNo: 'E1234567', kind: 'adult' };
const order = { train: 'G900', date: RUN_DATE, from: 'ST0', to: 'ST2', seatClass: 'second', passengers: [passenger] };
const wish = { train: 'G900', date: RUN_DATE, from: 'ST0', to: 'ST2', seatClass: 'second' };
const waitlist = { choices: [wish], passengers: [passenger] };
const coach = { coach: '77', seatClass: 'second', layout: { kind: 'rows', rows: 1, letters: 'AC' } };
const run = { train: 'G900', date: RUN_DATE };
const other = { train: 'G901', date: RUN_DATE };

type Request = { readonly params?: Readonly<Record<string, string>>; readonly body?: Json };

const ofOrders = { model: 'orders', position: '1' };
const rebuilt = { model: 'orders' };

/** A write, and others of the same operation that differ from it in one thing each. */
const WRITES: Readonly<Record<string, readonly [Request, ...(readonly Request[])]>> = {
  placeOrder: [{ body: order }, { body: { ...order, to: 'ST3' } }, { body: { ...order, train: 'G901' } }],
  cancelOrder: [{ params: { orderNo: 'ONE' } }, { params: { orderNo: 'OTHER' } }],
  refundTickets: [
    { params: { orderNo: 'ONE' }, body: {} },
    { params: { orderNo: 'OTHER' }, body: {} },
    { params: { orderNo: 'ONE' }, body: { items: [1] } },
    { params: { orderNo: 'ONE' }, body: { quotedFen: 1 } },
  ],
  changeTickets: [
    { params: { orderNo: 'ONE' }, body: wish },
    { params: { orderNo: 'OTHER' }, body: wish },
    { params: { orderNo: 'ONE' }, body: { ...wish, items: [1] } },
    { params: { orderNo: 'ONE' }, body: { ...wish, train: 'G901' } },
    { params: { orderNo: 'ONE' }, body: { ...wish, date: '2026-12-04' } },
    { params: { orderNo: 'ONE' }, body: { ...wish, from: 'ST1' } },
    { params: { orderNo: 'ONE' }, body: { ...wish, to: 'ST3' } },
    { params: { orderNo: 'ONE' }, body: { ...wish, seatClass: 'first' } },
    { params: { orderNo: 'ONE' }, body: { ...wish, wants: ['window'] } },
    { params: { orderNo: 'ONE' }, body: { ...wish, quotedPayFen: 0 } },
    { params: { orderNo: 'ONE' }, body: { ...wish, quotedRefundFen: 0 } },
  ],
  joinQueue: [{ body: run }, { body: other }, { body: { ...run, date: '2026-12-03' } }],
  createPayment: [
    { params: { orderNo: 'ONE' }, body: { channel: 'sandbox' } },
    { params: { orderNo: 'OTHER' }, body: { channel: 'sandbox' } },
  ],
  submitWaitlist: [
    { body: waitlist },
    { body: { ...waitlist, choices: [{ ...wish, to: 'ST3' }] } },
    { body: { ...waitlist, choices: [wish, { ...wish, date: '2026-12-03' }] } },
    { body: { ...waitlist, passengers: [{ ...passenger, name: 'Eve' }] } },
    { body: { ...waitlist, deadline: '2026-12-01T12:00:00+08:00' } },
    { body: { ...waitlist, acceptStanding: true } },
  ],
  prepayWaitlist: [
    { params: { waitlistNo: 'ONE' }, body: { channel: 'sandbox' } },
    { params: { waitlistNo: 'OTHER' }, body: { channel: 'sandbox' } },
  ],
  giveUpWaitlist: [{ params: { waitlistNo: 'ONE' } }, { params: { waitlistNo: 'OTHER' } }],
  startReplay: [
    { body: { model: 'orders' } },
    { body: { model: 'sales' } },
    { body: { model: 'orders', eventsPerSecond: 5 } },
    { body: { model: 'orders', from: 1 } },
    { body: { model: 'orders', until: 1 } },
    { body: { model: 'orders', streams: ['order'] } },
  ],
  pauseReplay: [{ params: rebuilt }, { params: { model: 'sales' } }],
  resumeReplay: [{ params: rebuilt }, { params: { model: 'sales' } }],
  throttleReplay: [
    { params: rebuilt, body: { eventsPerSecond: 1 } },
    { params: rebuilt, body: { eventsPerSecond: 2 } },
    { params: { model: 'sales' }, body: { eventsPerSecond: 1 } },
  ],
  verifyReplay: [
    { params: rebuilt, body: {} },
    { params: rebuilt, body: { sample: 1 } },
    { params: { model: 'sales' }, body: {} },
  ],
  swapReplay: [
    { params: rebuilt, body: {} },
    { params: rebuilt, body: { unverified: true } },
    { params: { model: 'sales' }, body: {} },
  ],
  rollbackReplay: [{ params: rebuilt }, { params: { model: 'sales' } }],
  cancelReplay: [{ params: rebuilt }, { params: { model: 'sales' } }],
  dropReplay: [{ params: rebuilt }, { params: { model: 'sales' } }],
  skipEvent: [
    { params: ofOrders, body: { reason: 'odd' } },
    { params: ofOrders, body: { reason: 'wrong' } },
    { params: { ...ofOrders, position: '2' }, body: { reason: 'odd' } },
    { params: { ...ofOrders, model: 'timetable' }, body: { reason: 'odd' } },
  ],
  retryEvent: [
    { params: ofOrders },
    { params: { ...ofOrders, position: '2' } },
    { params: { ...ofOrders, model: 'timetable' } },
  ],
  reconcile: [
    { body: { kind: 'stock' } },
    { body: { kind: 'orders' } },
    { body: { kind: 'stock', repair: true } },
    { body: { kind: 'stock', run } },
    { body: { kind: 'stock', run: other } },
  ],
  replayDeadLetter: [{ params: { id: 'L1' } }, { params: { id: 'L2' } }],
  dismissDeadLetter: [
    { params: { id: 'L1' }, body: { reason: 'seen' } },
    { params: { id: 'L1' }, body: { reason: 'heard' } },
    { params: { id: 'L2' }, body: { reason: 'seen' } },
  ],
  checkIn: [{ params: { ticketNo: 'ONET1' } }, { params: { ticketNo: 'ONET2' } }],
  setSaleOpenings: [
    { body: {} },
    { body: { runs: [{ ...run, opensAt: '2026-11-01T08:00:00+08:00' }] } },
    { body: { days: [{ date: '2026-12-03', opensAt: '2026-11-01T08:00:00+08:00' }] } },
    { body: { stations: [{ station: 'ST0', opens: '08:00' }] } },
  ],
  setQueueMode: [
    { params: run, body: { mode: 'OPEN' } },
    { params: run, body: { mode: 'PAUSED' } },
    { params: run, body: { mode: 'OPEN', ratePerSecond: 5 } },
    { params: other, body: { mode: 'OPEN' } },
  ],
  withdrawSeats: [
    { params: run, body: { coach: '01', seats: ['01A'], reason: 'broken' } },
    { params: run, body: { coach: '01', seats: ['01C'], reason: 'broken' } },
    { params: run, body: { coach: '01', seats: ['01A', '01C'], reason: 'broken' } },
    { params: run, body: { coach: '01', reason: 'broken' } },
    { params: run, body: { coach: '01', seats: ['01A'], reason: 'wet' } },
    { params: run, body: { coach: '01', seats: ['01A'], from: 'ST1', reason: 'broken' } },
    { params: run, body: { coach: '01', seats: ['01A'], to: 'ST1', reason: 'broken' } },
    { params: { ...run, date: '2026-12-03' }, body: { coach: '01', seats: ['01A'], reason: 'broken' } },
    { params: other, body: { coach: '01', seats: ['01A'], reason: 'broken' } },
  ],
  returnSeats: [{ params: { ...run, withdrawalNo: 'W1' } }, { params: { ...run, withdrawalNo: 'W2' } }],
  addCoaches: [
    { params: run, body: { coaches: [coach] } },
    { params: run, body: { coaches: [{ ...coach, coach: '78' }] } },
    { params: other, body: { coaches: [coach] } },
  ],
  changeComposition: [
    { params: other, body: { coaches: [coach], reason: 'set' } },
    { params: other, body: { coaches: [coach], reason: 'another' } },
    { params: run, body: { coaches: [coach], reason: 'set' } },
  ],
  cancelRun: [
    { params: other, body: { reason: 'snow' } },
    { params: other, body: { reason: 'ice' } },
    { params: run, body: { reason: 'snow' } },
  ],
};

const ask = (
  { method, path }: DeclaredOperation,
  { params = {}, body }: Request,
  key: string,
  token: string,
): Promise<Answer> =>
  railway.ask(
    path.replaceAll(/\{(\w+)\}/g, (_, name: string) => params[name] ?? name),
    { method, token, headers: { 'Idempotency-Key': key, Prefer: 'wait=10' }, ...(body === undefined ? {} : { body }) },
  );
/** Events that the operator caused. */
const written = async (): Promise<number> =>
  (await railway.events()).filter(({ meta }) => meta.actor === 'olga').length;
const isReused = ({ status, body }: Answer): boolean => status === 422 && body.code === 'IDEMPOTENCY_KEY_REUSED';

/** Writes of callers with a token, as they are declared. */
const writes = (): readonly DeclaredOperation[] =>
  railway.api.operations.filter(({ method, needsToken }) => needsToken && method !== 'GET');

test('Every write of a caller stands in the list, and declares that its key may be refused', () => {
  expect(writes().map(({ operationId }) => operationId)).toEqual(Object.keys(WRITES));
  for (const { operationId, problems } of writes())
    expect([operationId, problems[422]]).toEqual([operationId, expect.arrayContaining(['IDEMPOTENCY_KEY_REUSED'])]);
});

describe('Under the key of another request', () => {
  test.each(Object.entries(WRITES))('%s is refused, and nothing changes', async (operationId, [first, ...others]) => {
    const operation = writes().find((one) => one.operationId === operationId);
    if (operation === undefined) throw new Error(`${operationId} is not declared`);
    const token = await railway.token('olga', { role: 'operator' });
    const answer = await ask(operation, first, 'key', token);
    expect(isReused(answer)).toBe(false);
    expect((await ask(operation, first, 'key', token)).status).toBe(answer.status);
    const before = await written();
    for (const another of others)
      expect([another, isReused(await ask(operation, another, 'key', token))]).toEqual([another, true]);
    expect(await written()).toBe(before);
    expect((await ask(operation, first, 'key', token)).status).toBe(answer.status);
  });
});

test('Two requests at once under one key are one request: the other is refused', async () => {
  const operation = writes().find((one) => one.operationId === 'withdrawSeats');
  if (operation === undefined) throw new Error('not declared');
  const token = await railway.token('olga', { role: 'operator' });
  const asked = ['03A', '03C', '03D', '03F'].map((seat) => ({
    params: run,
    body: { coach: '01', seats: [seat], reason: 'r' },
  }));
  const answers = await Promise.all(asked.map((request) => ask(operation, request, 'at-once', token)));
  expect(answers.filter(isReused)).toHaveLength(asked.length - 1);
  const withdrawn = (await railway.operate('GET', '')).body.withdrawals.filter(({ reason }: Json) => reason === 'r');
  expect(withdrawn).toHaveLength(1);
});

test('A key belongs to its user and its operation, and is taken as it is written', async () => {
  const olga = await railway.token('olga', { role: 'operator' });
  const oleg = await railway.token('oleg', { role: 'operator' });
  const [withdraw, add] = ['withdrawSeats', 'addCoaches'].map((id) => writes().find((one) => one.operationId === id));
  if (withdraw === undefined || add === undefined) throw new Error('not declared');
  const seat = (name: string): Request => ({ params: run, body: { coach: '01', seats: [name], reason: 'whose' } });
  expect((await ask(withdraw, seat('05A'), 'whose', olga)).status).toBe(201);
  expect((await ask(withdraw, seat('05C'), 'whose', oleg)).status).toBe(201);
  expect((await ask(withdraw, seat('05D'), 'Whose', olga)).status).toBe(201);
  expect((await ask(add, { params: run, body: { coaches: [{ ...coach, coach: '79' }] } }, 'whose', olga)).status).toBe(
    201,
  );
  for (const bad of ['two words', 'x'.repeat(256)])
    expect(await ask(withdraw, seat('05F'), bad, olga)).toMatchObject({
      status: 400,
      body: { code: 'INVALID_REQUEST' },
    });
});

test('A key names another request once its days are over', async () => {
  const date = '2026-12-13';
  const withdraw = (seat: string): Promise<Answer> =>
    railway.token('olga', { role: 'operator' }).then((token) =>
      railway.ask(`/v1/admin/runs/G900/${date}/withdrawals`, {
        token,
        headers: { 'Idempotency-Key': 'week' },
        body: { coach: '01', seats: [seat], reason: 'r' },
      }),
    );
  expect((await withdraw('01A')).status).toBe(201);
  railway.clock.leap(7 * 86_400_000 - 60_000);
  expect(isReused(await withdraw('01C'))).toBe(true);
  railway.clock.leap(60_000);
  expect((await withdraw('01C')).status).toBe(201);
  expect(isReused(await withdraw('01A'))).toBe(true);
});
