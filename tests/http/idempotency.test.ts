// The same request under the same key is done once; another request never gets the first one's answer.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { orderNoOf } from '@railhead/commands/orders/order-number.ts';
import { ORDER_SECRET, RUN_DATE, ServedRailway } from '../support/served-railway.ts';
import type { Answer, Json } from '../support/shopper.ts';

let railway: ServedRailway;
beforeAll(async () => {
  railway = await ServedRailway.start({ rows: 30, letters: 'ACDF', stops: 4, standing: 9 });
});
afterAll(() => railway.stop());

const keyed = (key: string, more: object = {}) => ({ 'Idempotency-Key': key, Prefer: 'wait=10', ...more });
const logged = async (): Promise<number> => railway.store.lastPosition();

describe('an order', () => {
  const ada = { name: 'Ada Lovelace', idType: 'passport', idNo: 'E12345678', kind: 'adult', wants: 'window' };
  const asked = {
    train: 'G900',
    date: RUN_DATE,
    from: 'ST0',
    to: 'ST2',
    seatClass: 'second',
    passengers: [ada],
    acceptStanding: false,
    acceptSeatChange: false,
  };
  /** Each differs from `asked` in one thing, and each could be fulfilled but for the train, of which there is one. */
  const others: Readonly<Record<string, Json>> = {
    train: { ...asked, train: 'G901' },
    date: { ...asked, date: '2026-12-03' },
    from: { ...asked, from: 'ST1' },
    to: { ...asked, to: 'ST3' },
    seatClass: { ...asked, seatClass: 'standing' },
    'one passenger more': { ...asked, passengers: [ada, { ...ada, idNo: 'E12345679' }] },
    name: { ...asked, passengers: [{ ...ada, name: 'Ada Byron' }] },
    idType: { ...asked, passengers: [{ ...ada, idType: 'residencePermit' }] },
    idNo: { ...asked, passengers: [{ ...ada, idNo: 'E12345670' }] },
    kind: { ...asked, passengers: [{ ...ada, kind: 'student' }] },
    wants: { ...asked, passengers: [{ ...ada, wants: 'aisle' }] },
    'wants nothing': { ...asked, passengers: [{ ...ada, wants: undefined }] },
    acceptStanding: { ...asked, acceptStanding: true },
    acceptSeatChange: { ...asked, acceptSeatChange: true },
  };

  test('sent again is the same order, whatever header comes with it', async () => {
    const first = await railway.order(asked, keyed('same'));
    expect(first.status).toBe(201);
    const position = await logged();
    for (const headers of [keyed('same'), keyed('same', { Prefer: '' }), keyed('same', { 'X-Request-Id': 'other' })]) {
      const again = await railway.order(asked, headers);
      expect(again).toMatchObject({ status: 201, body: first.body });
      expect(Number(again.headers.get('railhead-position'))).toBe(position);
    }
    // Defaults are what they stand for.
    const { acceptStanding: _, acceptSeatChange: __, ...short } = asked;
    expect((await railway.order(short, keyed('same'))).body).toEqual(first.body);
    expect(await logged()).toBe(position);
  });

  test.each(Object.keys(others))('with another %s is not the one of the same key', async (field) => {
    await railway.order(asked, keyed('field'));
    const position = await logged();
    expect(await railway.order(others[field], keyed('field'))).toMatchObject({
      status: 422,
      body: { code: 'IDEMPOTENCY_KEY_REUSED' },
    });
    expect(await logged()).toBe(position);
  });

  test('of another key, of another user, or without one, is another order', async () => {
    const first = await railway.order(asked, keyed('mine'));
    const token = await railway.token('bob');
    const bobs = await railway.ask('/v1/orders', { token, body: asked, headers: keyed('mine') });
    const numbers = [
      first,
      bobs,
      await railway.order(asked, keyed('Mine')),
      await railway.order(asked),
      await railway.order(asked),
    ].map(({ body }) => body.orderNo);
    expect(new Set(numbers).size).toBe(5);
  });

  test('has a number that its user and key lead to only by the railway’s secret', async () => {
    const { orderNo } = (await railway.order({}, keyed('number'))).body;
    expect(orderNo).toBe(orderNoOf(ORDER_SECRET, 'alice', 'number', 0));
  });

  test('takes a key of 1 to 255 visible characters', async () => {
    for (const [key, status] of [
      ['!', 201],
      ['~'.repeat(255), 201],
      ['x'.repeat(256), 400],
      ['two words', 400],
      ['', 400],
    ] as const)
      expect([key.length, (await railway.order({}, keyed(key))).status]).toEqual([key.length, status]);
  });
});

describe('an operator’s', () => {
  const coach = (number: string, rows = 1) => ({
    coach: number,
    seatClass: 'second',
    layout: { kind: 'rows', rows, letters: 'AC' },
  });
  const run = async (): Promise<Json> => {
    const { coaches, withdrawals } = (await railway.operate('GET', '')).body;
    const out = withdrawals.flatMap(({ withdrawalNo, seats, reason, from, to }: Json) =>
      seats.map(({ coach: number, seat }: Json) => `${withdrawalNo} ${number}/${seat} ${from}-${to} ${reason}`),
    );
    return { coaches: coaches.map((one: Json) => one.coach).sort(), out: out.sort() };
  };

  test('withdrawal sent again is the same, and tells the seats that are withdrawn', async () => {
    const asked = { coach: '01', seats: ['25A'], from: 'ST0', to: 'ST1', reason: 'broken' };
    const first = await railway.operate('POST', '/withdrawals', asked, 'w');
    expect(first).toMatchObject({ status: 201, body: { seats: 1 } });
    const before = await run();
    expect((await railway.operate('POST', '/withdrawals', asked, 'w')).body).toEqual(first.body);
    expect(await run()).toEqual(before);
    expect(await railway.operate('POST', '/withdrawals', { coach: '01', reason: 'all' }, 'all')).toMatchObject({
      status: 409,
      body: { code: 'SEATS_SOLD', holders: expect.arrayContaining([first.body.withdrawalNo]) },
    });
  });

  test('withdrawal belongs to its operator and its key', async () => {
    const asked = { coach: '01', seats: ['26A'], reason: 'broken' };
    const first = await railway.operate('POST', '/withdrawals', asked, 'whose');
    const token = await railway.token('oleg', { role: 'operator' });
    const headers = { 'Idempotency-Key': 'whose' };
    const path = `/v1/admin/runs/G900/${RUN_DATE}/withdrawals`;
    const olegs = await railway.ask(path, { token, headers, body: asked });
    expect(olegs).toMatchObject({ status: 409, body: { code: 'SEATS_SOLD', holders: [first.body.withdrawalNo] } });
    const later = await railway.operate('POST', '/withdrawals', asked, 'whose-else');
    expect(later).toMatchObject({ status: 409, body: { code: 'SEATS_SOLD' } });
  });

  test('withdrawal that has been returned is not made again by its first request', async () => {
    const asked = { coach: '01', seats: ['27A'], reason: 'broken' };
    const { withdrawalNo } = (await railway.operate('POST', '/withdrawals', asked, 'back')).body;
    for (let times = 0; times < 2; times += 1)
      expect(await railway.operate('DELETE', `/withdrawals/${withdrawalNo}`)).toMatchObject({
        status: 200,
        body: { withdrawalNo },
      });
    const before = await run();
    expect(before.out.join()).not.toContain(withdrawalNo);
    expect(await railway.operate('POST', '/withdrawals', asked, 'back')).toMatchObject({
      status: 201,
      body: { withdrawalNo, seats: 0, status: 'returned' },
    });
    expect(await run()).toEqual(before);
    expect(await railway.operate('DELETE', '/withdrawals/Wnone')).toMatchObject({
      status: 404,
      body: { code: 'WITHDRAWAL_NOT_FOUND' },
    });
  });

  test('coaches are added once', async () => {
    const once = { coaches: [coach('11')] };
    const first = await railway.operate('POST', '/coaches', once, 'c');
    expect(first).toMatchObject({ status: 201, body: { coaches: ['11'] } });
    const position = await logged();
    expect(await railway.operate('POST', '/coaches', once, 'c')).toMatchObject({ status: 201, body: first.body });
    expect(await logged()).toBe(position);
    expect(await railway.operate('POST', '/coaches', once, 'd')).toMatchObject({ status: 409 });
    expect((await railway.operate('POST', '/coaches', { coaches: [coach('12')] }, 'e')).body.coaches).toEqual(['12']);
    expect((await run()).coaches).toEqual(['01', '11', '12']);
  });

  test('composition is changed once', async () => {
    const { coaches } = (await railway.operate('GET', '')).body;
    const put = (list: readonly Json[], key: string, reason = 'longer'): Promise<Answer> =>
      railway.operate('PUT', '/composition', { coaches: list, reason }, key);
    // The key has added coaches before, by another endpoint.
    expect((await put([...coaches, coach('13')], 'c')).body).toEqual({
      added: ['13'],
      withdrawn: [],
      returned: [],
      coaches: ['01', '11', '12', '13'],
    });
    const position = await logged();
    expect(await put([...coaches, coach('13')], 'c')).toMatchObject({
      status: 200,
      body: { added: [], withdrawn: [], returned: [], coaches: ['01', '11', '12', '13'] },
    });
    expect(await logged()).toBe(position);
    expect((await put([...coaches, coach('13'), coach('14')], 'o')).body.added).toEqual(['14']);
    expect((await run()).coaches).toEqual(['01', '11', '12', '13', '14']);
    expect((await put([...coaches, coach('14')], 'p')).body.withdrawn).toEqual(['13']);
    expect((await put([...coaches, coach('13'), coach('14')], 'q')).body.returned).toEqual(['13']);
    // Overtaken by another change, it is not done again, and tells so.
    expect(await put([...coaches, coach('14')], 'p')).toMatchObject({
      status: 200,
      body: { withdrawn: [], coaches: ['01', '11', '12', '13', '14'] },
    });
    expect((await put([...coaches, coach('14')], 'r', 'again')).body.withdrawn).toEqual(['13']);
  });

  test('cancellation is one, whoever asks again', async () => {
    const cancel = (key: string, reason: string): Promise<Answer> =>
      railway.operate('POST', '/cancel', { reason }, key);
    const first = await cancel('x', 'snow');
    // Whatever reason is given later, the first one stands, and that is told.
    const body = { train: 'G900', date: RUN_DATE, status: 'cancelled', reason: 'snow' };
    expect(first).toMatchObject({ status: 202, body });
    for (const [key, reason] of [
      ['x', 'snow'],
      ['y', 'ice'],
    ] as const)
      expect(await cancel(key, reason)).toMatchObject({ status: 202, body });
    const cancelled = (await railway.events()).filter(({ type }) => type === 'TrainRunCancelled');
    expect(cancelled.map(({ data }) => data)).toEqual([{ reason: 'snow' }]);
    expect(first.headers.get('railhead-position')).toBe(String(cancelled[0]?.position));
  });
});

test('a key is free again after its days', async () => {
  const date = '2026-12-14';
  const extra = { date, passengers: [{ name: 'n', idType: 'passport', idNo: 'E1234', kind: 'adult' }] };
  const first = (await railway.order(extra, keyed('week'))).body.orderNo;
  railway.clock.leap(7 * 86_400_000 - 60_000);
  const numberNow = async (): Promise<string> => (await railway.order(extra, keyed('week'))).body.orderNo;
  expect(await numberNow()).toBe(first);
  railway.clock.leap(60_000);
  expect(await numberNow()).not.toBe(first);
});
