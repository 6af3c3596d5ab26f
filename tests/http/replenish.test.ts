// What others hear of seats that come free, for whoever tells them.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { PeopleWhoWait } from '../support/people-who-wait.ts';
import { RUN_DATE, ServedRailway } from '../support/served-railway.ts';
import { type Json, passenger } from '../support/shopper.ts';
import { waitUntil } from '../support/wait-until.ts';

let railway: ServedRailway;
let people: PeopleWhoWait;
/** Two seats on each of its trains. */
beforeAll(async () => {
  railway = await ServedRailway.start({ rows: 1, letters: 'AF', stops: 4, trains: 20 });
  people = new PeopleWhoWait(railway);
});
afterAll(() => railway.stop());

/** Each test has a train of its own. */
let train = 899;
const nextTrain = (): string => {
  train += 1;
  return `G${train}`;
};

const held = async (of: string, party = 1): Promise<string> => {
  const passengers = Array.from({ length: party }, () => passenger());
  const { status, body } = await railway.order({ train: of, passengers });
  expect([status, body.status]).toEqual([201, 'WAIT_PAY']);
  return body.orderNo;
};
const cancel = async (orderNo: string): Promise<void> => {
  const token = await railway.token('alice');
  expect((await railway.ask(`/v1/orders/${orderNo}/cancel`, { method: 'POST', token })).status).toBe(200);
};
const olga = (): Promise<string> => railway.token('olga', { role: 'operator' });

/** All messages of a train so far. */
const toldOf = async (of: string, limit = 1_000): Promise<readonly Json[]> => {
  const all: Json[] = [];
  for (let after = 0; ; ) {
    const path = `/v1/admin/inventory-replenish?after=${after}&limit=${limit}`;
    const { status, body } = await railway.ask(path, { token: await olga() });
    expect(status).toBe(200);
    all.push(...body.messages);
    if (body.atEnd) return all.filter((one) => one.train === of);
    after = body.next;
  }
};
const messagesOf = (of: string, count: number): Promise<readonly Json[]> =>
  waitUntil(`${count} messages of ${of}`, async () => {
    const all = await toldOf(of);
    return all.length >= count ? all : undefined;
  });
const secondOf = (of: string, extra: object): object => ({ train: of, date: RUN_DATE, seatClass: 'second', ...extra });

describe('a seat that comes free is told', () => {
  test('when an order is cancelled and nobody waits, and when it was not paid in time', async () => {
    const of = nextTrain();
    const first = await held(of, 2);
    await cancel(first);
    const [message] = await messagesOf(of, 1);
    expect(message).toEqual({
      ...secondOf(of, { count: 2, toWaiting: 0, reason: 'CANCELLED' }),
      id: expect.stringMatching(/^[0-9a-f-]{36}\/CANCELLED$/),
      position: expect.any(Number),
      at: expect.stringMatching(/\+08:00$/),
    });
    await held(of);
    railway.clock.leap(20 * 60_000);
    const all = await messagesOf(of, 2);
    expect(all).toMatchObject([message, { count: 1, toWaiting: 0, reason: 'EXPIRED' }]);
    // Read in other pages, it is the same.
    expect(await toldOf(of, 3)).toEqual(all);
  });

  test('and that it went to somebody who waits', async () => {
    const of = nextTrain();
    const orders = [await held(of), await held(of)];
    const choice = { train: of, date: RUN_DATE, from: 'ST0', to: 'ST2', seatClass: 'second' };
    const waitlistNo = await people.wait('walter', [choice]);
    await cancel(orders[0] ?? '');
    await people.until('walter', waitlistNo, 'SUCCESS');
    await cancel(orders[1] ?? '');
    expect(await messagesOf(of, 2)).toMatchObject([
      { count: 1, toWaiting: 1, reason: 'CANCELLED' },
      { count: 1, toWaiting: 0, reason: 'CANCELLED' },
    ]);
    const token = await railway.token('walter');
    expect((await railway.ask(`/v1/orders/${waitlistNo}/refunds`, { token, body: {} })).status).toBe(202);
    expect((await messagesOf(of, 3))[2]).toMatchObject({ count: 1, toWaiting: 0, reason: 'REFUNDED' });
  });

  test('when one of several tickets is given back, and when a withdrawal is lifted', async () => {
    const of = nextTrain();
    const orderNo = await held(of, 2);
    await railway.payAtGateway(orderNo);
    const token = await railway.token('alice');
    await waitUntil(
      'tickets',
      async () => (await railway.ask(`/v1/orders/${orderNo}`, { token })).body.status === 'SUCCESS',
    );
    expect((await railway.ask(`/v1/orders/${orderNo}/refunds`, { token, body: { items: [2] } })).status).toBe(202);
    expect(await messagesOf(of, 1)).toMatchObject([{ count: 1, reason: 'REFUNDED' }]);
    const path = `/v1/admin/runs/${of}/${RUN_DATE}/withdrawals`;
    const body = { coach: '01', seats: ['01F'], reason: 'broken' };
    const withdrawn = await railway.ask(path, { token: await olga(), body });
    expect(withdrawn.status).toBe(201);
    const { withdrawalNo } = withdrawn.body;
    await railway.ask(`${path}/${withdrawalNo}`, { method: 'DELETE', token: await olga() });
    expect((await messagesOf(of, 2))[1]).toMatchObject({ count: 1, toWaiting: 0, reason: 'WITHDRAWAL_LIFTED' });
  });

  test('when a coach is added, and not when the train is cancelled', async () => {
    const of = nextTrain();
    await held(of);
    const runs = `/v1/admin/runs/${of}/${RUN_DATE}`;
    const coaches = [{ coach: '09', seatClass: 'second', layout: { kind: 'rows', rows: 3, letters: 'AF' } }];
    expect((await railway.ask(`${runs}/coaches`, { token: await olga(), body: { coaches } })).status).toBe(201);
    const [message] = await messagesOf(of, 1);
    expect(message).toMatchObject(secondOf(of, { count: 6, reason: 'COACHES_ADDED' }));
    expect(message).not.toHaveProperty('toWaiting');
    expect((await railway.ask(`${runs}/cancel`, { token: await olga(), body: { reason: 'snow' } })).status).toBe(202);
    await waitUntil('the seats to be free', async () =>
      (await railway.events()).some(({ type, stream }) => type === 'SeatLocksReleased' && stream.includes(of)),
    );
    expect(await toldOf(of)).toEqual([message]);
  });
});

test.each([
  ['after=-1', 'query.after'],
  ['after=x', 'query.after'],
  ['limit=0', 'query.limit'],
  ['limit=1001', 'query.limit'],
])('%s is refused', async (query, at) => {
  const { status, body } = await railway.ask(`/v1/admin/inventory-replenish?${query}`, { token: await olga() });
  expect([status, body.code, body.errors.map((one: Json) => one.at)]).toEqual([400, 'INVALID_REQUEST', [at]]);
});

test.each(['inventory-replenish', 'notifications'])(
  '%s after a position that the log does not have is refused: an older log may have taken its place',
  async (feed) => {
    const end = await railway.store.lastPosition();
    const after = (position: number) =>
      olga().then((token) => railway.ask(`/v1/admin/${feed}?after=${position}`, { token }));
    expect((await after(end)).status).toBe(200);
    const { status, body } = await after(end + 1_000);
    expect([status, body.code]).toEqual([422, 'MOMENT_IN_FUTURE']);
    expect(body.position).toBeGreaterThanOrEqual(end);
  },
);
