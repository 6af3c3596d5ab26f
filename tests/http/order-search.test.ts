// Operators find orders by whatever they know of them, and learn no document by it.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { RUN_DATE, ServedRailway, TODAY } from '../support/served-railway.ts';
import { type Answer, type Json, passenger } from '../support/shopper.ts';

let railway: ServedRailway;
const placed: string[] = [];
const NAMES = ['张三', '张三丰', '李四', 'Ada Lovelace', '王五'];
beforeAll(async () => {
  railway = await ServedRailway.start({ rows: 9, letters: 'ACDF', stops: 3 });
  for (const [n, name] of NAMES.entries()) {
    const journey = { train: 'G900', date: RUN_DATE, from: 'ST0', to: 'ST2', seatClass: 'second' };
    const answer = await railway.ask('/v1/orders', {
      token: await railway.token(n === 2 ? 'bob' : 'alice'),
      headers: { Prefer: 'wait=10' },
      body: { ...journey, passengers: [passenger({ name, idNo: `DOCUMENT${n}` })] },
    });
    placed.push(answer.body.orderNo);
  }
});
afterAll(() => railway.stop());

const search = async (
  query: Readonly<Record<string, string>>,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> => {
  const token = await railway.token('olga', { role: 'operator' });
  return railway.ask(`/v1/admin/orders?${new URLSearchParams(query)}`, {
    token,
    headers: { 'Railhead-Min-Position': String(await railway.store.lastPosition()), ...headers },
  });
};
const found = async (query: Readonly<Record<string, string>>): Promise<readonly string[]> => {
  const { status, body } = await search(query);
  expect([query, status]).toEqual([query, 200]);
  return body.orders.map(({ orderNo }: Json) => orderNo);
};
const newest = (...which: readonly number[]): readonly (string | undefined)[] => which.map((n) => placed[n]);

describe('orders are found', () => {
  test.each<readonly [Readonly<Record<string, string>>, readonly number[]]>([
    [{}, [4, 3, 2, 1, 0]],
    [{ userId: 'bob' }, [2]],
    [{ passenger: '张三' }, [0]],
    [{ passengerBegins: '张三' }, [1, 0]],
    [{ passengerHas: '四' }, [2]],
    [{ q: '三 alice' }, [1, 0]],
    [{ q: 'lovelase' }, [3]],
    [{ train: 'G900', date: RUN_DATE, status: 'WAIT_PAY', from: 'ST0', to: '站2' }, [4, 3, 2, 1, 0]],
    [{ train: 'G901' }, []],
    [{ station: 'ST1' }, []],
    [{ dateFrom: '2026-12-03' }, []],
    [{ dateTo: '2026-12-01' }, []],
    [{ amountFrom: '1', amountTo: '999999' }, [4, 3, 2, 1, 0]],
    [{ amountTo: '1' }, []],
    [{ amountFrom: '999999' }, []],
    [{ requestedFrom: `${TODAY}T00:00:00+08:00`, requestedTo: `${TODAY}T23:59:59+08:00` }, [4, 3, 2, 1, 0]],
    [{ requestedFrom: '2030-01-01T00:00:00Z' }, []],
    [{ requestedTo: '2020-01-01T00:00:00Z' }, []],
  ])('by %j', async (query, answer) => {
    expect(await found(query)).toEqual(newest(...answer));
  });

  test('by number, and by how it begins, in small letters too', async () => {
    const [orderNo = ''] = placed;
    expect(await found({ orderNo: orderNo.toLowerCase() })).toEqual([orderNo]);
    expect(await found({ orderNo: orderNo.slice(0, 8) })).toEqual([]);
    expect(await found({ orderNoBegins: orderNo.slice(0, 8).toLowerCase() })).toContain(orderNo);
  });

  test.each(['newest', 'amount', 'departure'])('page by page, by %s', async (sort) => {
    const seen: string[] = [];
    for (let query: Record<string, string> | undefined = { sort, limit: '2' }; query !== undefined; ) {
      const { body }: Answer = await search(query);
      seen.push(...body.orders.map(({ orderNo }: Json) => orderNo));
      query = body.nextCursor === undefined ? undefined : { sort, limit: '2', cursor: body.nextCursor };
    }
    expect(seen).toEqual(await found({ sort }));
    expect([...seen].sort()).toEqual([...placed].sort());
  });

  test('with counts of all that fit', async () => {
    const { counts } = (await search({ limit: '1', counts: 'day,status' })).body;
    const all = [{ value: 'WAIT_PAY', orders: 5 }];
    expect(counts).toEqual({ total: 5, status: all, day: [{ value: TODAY, orders: 5 }] });
    expect((await search({})).body.counts).toBeUndefined();
  });

  test('with names masked, and without any document', async () => {
    const answer = JSON.stringify((await search({ passenger: 'Ada Lovelace' })).body);
    expect(JSON.parse(answer).orders[0]).toMatchObject({
      userId: 'alice',
      passengers: ['A***********'],
      train: 'G900',
    });
    expect(answer).not.toContain('Lovelace');
    expect(answer).not.toContain('idNo');
    expect(await found({ q: 'DOCUMENT3' })).toEqual([]);
  });
});

test.each<readonly [Readonly<Record<string, string>>, string]>([
  [{ colour: 'red' }, 'query.colour'],
  [{ limit: '0' }, 'query.limit'],
  [{ limit: '101' }, 'query.limit'],
  [{ status: 'GONE' }, 'query.status'],
  [{ date: '2026-13-01' }, 'query.date'],
  [{ q: '!?' }, 'query.q'],
  [{ q: 'a '.repeat(11) }, 'query.q'],
  [{ q: 'x'.repeat(101) }, 'query.q'],
  [{ passenger: '' }, 'query.passenger'],
  [{ counts: 'status,colour' }, 'query.counts'],
  [{ requestedFrom: 'yesterday' }, 'query.requestedFrom'],
  [{ amountFrom: '-1' }, 'query.amountFrom'],
  [{ cursor: 'nonsense' }, 'query.cursor'],
  [{ cursor: Buffer.from('["newest","text","N1"]').toString('base64url') }, 'query.cursor'],
  [{ cursor: Buffer.from('["newest",5,"N1"]').toString('base64url'), sort: 'amount' }, 'query.cursor'],
])('%j is refused', async (query, at) => {
  const { status, body } = await search(query);
  expect([status, body.code]).toEqual([400, 'INVALID_REQUEST']);
  expect(body.detail.slice(0, at.length)).toBe(at);
});

test('a traveller is not let in', async () => {
  const token = await railway.token('alice');
  expect((await railway.ask('/v1/admin/orders', { token })).body.code).toBe('FORBIDDEN');
});

test('a position that is not one is told', async () => {
  expect((await search({}, { 'Railhead-Min-Position': 'x' })).body.code).toBe('POSITION_INVALID');
});
