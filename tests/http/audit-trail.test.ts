// Operators see who did what, and what it was about, without personal data.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { RUN_DATE, ServedRailway } from '../support/served-railway.ts';
import { type Answer, type Json, passenger } from '../support/shopper.ts';

let railway: ServedRailway;
let order: Json;
beforeAll(async () => {
  railway = await ServedRailway.start({ rows: 20, letters: 'ACDF', stops: 3 });
  order = await railway.ticketed(1, { passengers: [passenger({ name: 'Ada Lovelace', idNo: 'DOCUMENT7' })] });
  await railway.operate('POST', '/withdrawals', { coach: '01', seats: ['20A'], reason: 'broken' });
});
afterAll(() => railway.stop());

const asked = async (query: Readonly<Record<string, string>>): Promise<Answer> => {
  const token = await railway.token('olga', { role: 'operator' });
  const headers = { 'Railhead-Min-Position': String(await railway.store.lastPosition()) };
  return railway.ask(`/v1/admin/audit?${new URLSearchParams(query)}`, { token, headers });
};
const entries = async (query: Readonly<Record<string, string>>): Promise<readonly Json[]> => {
  const { status, body } = await asked({ limit: '100', ...query });
  expect([query, status]).toEqual([query, 200]);
  return body.entries;
};
const typesOf = async (query: Readonly<Record<string, string>>): Promise<readonly string[]> =>
  (await entries(query)).map(({ type }) => type);

describe('the audit trail', () => {
  test('has every event of the log, newest first, page by page', async () => {
    const seen: Json[] = [];
    for (let query: Record<string, string> | undefined = { limit: '7' }; query !== undefined; ) {
      const { body } = await asked(query);
      seen.push(...body.entries);
      query = body.nextCursor === undefined ? undefined : { limit: '7', cursor: String(body.nextCursor) };
    }
    const told = seen.map(({ position, stream, type, actor, at }) => ({ position, stream, type, actor, at }));
    const log = (await railway.events()).map(({ position, stream, type, meta: { actor, at } }) => ({
      ...{ position, stream, type, actor, at },
    }));
    expect(told).toEqual([...log].reverse());
  });

  test('tells what an operator did, and to which run', async () => {
    const [entry] = await entries({ actor: 'olga' });
    expect(entry).toEqual({
      position: expect.any(Number),
      at: expect.stringMatching(/\+08:00$/),
      actor: 'olga',
      category: 'seatLock',
      stream: `seatLock-G900_${RUN_DATE}_second`,
      type: 'SeatsWithdrawn',
      train: 'G900',
      date: RUN_DATE,
    });
    expect(await typesOf({ run: `G900_${RUN_DATE}`, type: 'SeatsWithdrawn' })).toEqual(['SeatsWithdrawn']);
    expect(await typesOf({ run: `G900_${RUN_DATE}` })).toEqual(
      expect.arrayContaining(['TrainRunOpened', 'BookOpened']),
    );
  });

  test('tells the whole way of an order, and of its payments', async () => {
    const way = await entries({ order: order.orderNo.toLowerCase() });
    expect(way.every(({ orderNo }) => orderNo === order.orderNo)).toBe(true);
    expect(new Set(way.map(({ category }) => category))).toEqual(new Set(['order', 'payment']));
    expect(way.map(({ type }) => type)).toEqual(expect.arrayContaining(['OrderRequested', 'PaymentSucceeded']));
    expect(await typesOf({ order: order.orderNo, category: 'payment', actor: 'gateway' })).toEqual([
      'PaymentSucceeded',
    ]);
    expect(await typesOf({ stream: `order-${order.orderNo}`, type: 'OrderTicketed' })).toEqual(['OrderTicketed']);
    expect(await typesOf({ stream: 'order-nothing' })).toEqual([]);
    expect(await typesOf({ from: '2030-01-01T00:00:00Z' })).toEqual([]);
    expect(await typesOf({ to: '2020-01-01T00:00:00Z' })).toEqual([]);
    const { at } = way[0] ?? {};
    expect((await entries({ order: order.orderNo, from: at, to: at })).length).toBeGreaterThan(0);
  });

  test('has no data, but where it is asked for, and then masked as in the history of the order', async () => {
    const plain = await entries({ order: order.orderNo });
    expect(plain.some((entry) => 'data' in entry)).toBe(false);
    const full = await entries({ order: order.orderNo, data: 'true', limit: '20' });
    expect(JSON.stringify(full)).not.toMatch(/Lovelace|DOCUMENT7/);
    const token = await railway.token('alice');
    const { events } = (await railway.ask(`/v1/orders/${order.orderNo}/history`, { token })).body;
    const told = full.map(({ position, stream, type, at, actor, data }) => ({
      position,
      stream,
      type,
      at,
      actor,
      data,
    }));
    expect(told).toEqual([...events].reverse());
  });
});

test.each<readonly [Readonly<Record<string, string>>, string]>([
  [{ colour: 'red' }, 'colour'],
  [{ actor: 'a\u0000' }, 'actor'],
  [{ stream: 'a b' }, 'stream'],
  [{ category: 'order-' }, 'category'],
  [{ type: '' }, 'type'],
  [{ order: 'N-1' }, 'order'],
  [{ run: 'G1' }, 'run'],
  [{ from: 'yesterday' }, 'from'],
  [{ limit: '101' }, 'limit'],
  [{ data: 'true', limit: '21' }, 'limit'],
  [{ data: 'yes' }, 'data'],
  [{ cursor: '0' }, 'cursor'],
])('%j is refused', async (query, at) => {
  const { status, body } = await asked(query);
  expect([status, body.code]).toEqual([400, 'INVALID_REQUEST']);
  expect(JSON.stringify(body)).toContain(at);
});
