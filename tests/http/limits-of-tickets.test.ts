// How many tickets a user and a document may have, through the running server, with the limits of a railway.
import { afterEach, describe, expect, test } from '@jest/globals';
import { RUN_DATE, ServedRailway } from '../support/served-railway.ts';
import { type Answer, passenger } from '../support/shopper.ts';
import { waitUntil } from '../support/wait-until.ts';

let railway: ServedRailway;
afterEach(() => railway.stop());

const RAILWAYS = {
  ticketsPerTrainLimit: 5,
  ticketsPerDocumentLimit: 10,
  journeysAtOnceLimit: 1,
  cancelledOrdersLimit: 3,
};
const start = async (settings: object = {}): Promise<void> => {
  railway = await ServedRailway.start(
    { rows: 60, letters: 'ACDF', stops: 3, trains: 3 },
    { ...RAILWAYS, unlimitedUsers: 'kiosk', ...settings },
  );
};

type Wanted = {
  readonly user?: string;
  readonly passengers?: readonly object[];
  readonly train?: string;
  readonly date?: string;
};
const order = async ({ user = 'alice', ...wanted }: Wanted = {}): Promise<Answer> =>
  railway.ask('/v1/orders', {
    token: await railway.token(user),
    body: {
      train: 'G900',
      date: RUN_DATE,
      from: 'ST0',
      to: 'ST2',
      seatClass: 'second',
      passengers: [passenger()],
      ...wanted,
    },
    headers: { Prefer: 'wait=10' },
  });
const answersOf = (answers: readonly Answer[]): Readonly<Record<string, number>> =>
  Object.fromEntries(
    [...Map.groupBy(answers, ({ status, body }) => `${status} ${body.code ?? body.status}`)].map(([name, all]) => [
      name,
      all.length,
    ]),
  );
const codeOf = async (answer: Promise<Answer>): Promise<string> => {
  const { body } = await answer;
  return body.code ?? body.status;
};
const atOnce = (count: number, ask: (n: number) => Promise<Answer>): Promise<readonly Answer[]> =>
  Promise.all(Array.from({ length: count }, (_, n) => ask(n)));
const cancel = async (orderNo: string): Promise<void> => {
  const token = await railway.token('alice');
  expect((await railway.ask(`/v1/orders/${orderNo}/cancel`, { method: 'POST', token })).status).toBe(200);
};

describe('fifty orders at the same moment', () => {
  test('of one user are five tickets for a train and date', async () => {
    await start();
    const answers = await atOnce(50, () => order());
    expect(answersOf(answers)).toEqual({ '201 WAIT_PAY': 5, '409 LIMIT_TRAIN': 45 });
    expect(answers.find(({ status }) => status === 409)?.body).toMatchObject({ tickets: 5, limit: 5 });
    expect(JSON.stringify(answers.map(({ body }) => body))).not.toContain('blockers');
    expect(await codeOf(order({ train: 'G901' }))).toBe('WAIT_PAY');
    expect(await codeOf(order({ user: 'bob' }))).toBe('WAIT_PAY');
    expect(answersOf(await atOnce(8, () => order({ user: 'kiosk' })))).toEqual({ '201 WAIT_PAY': 8 });
  });

  test('for one document are one journey, whoever buys, and another train at that time is none', async () => {
    await start();
    const ada = passenger();
    const answers = await atOnce(50, (n) => order({ user: n % 2 === 0 ? 'kiosk' : `user${n}`, passengers: [ada] }));
    expect(answersOf(answers)).toEqual({ '201 WAIT_PAY': 1, '409 JOURNEY_OVERLAPS': 49 });
    // G902 leaves half an hour after G900, which takes an hour.
    const refused = await order({ user: 'bob', passengers: [passenger(), ada], train: 'G902' });
    expect(refused.body).toMatchObject({ code: 'JOURNEY_OVERLAPS', passenger: 2 });
    expect(Object.keys(refused.body).sort()).toEqual(
      ['code', 'detail', 'instance', 'passenger', 'status', 'title', 'type'].sort(),
    );
    expect(await codeOf(order({ passengers: [ada], date: '2026-12-03' }))).toBe('WAIT_PAY');
  });

  test('for one document are as many tickets a day as it may have', async () => {
    await start({ journeysAtOnceLimit: 0, ticketsPerTrainLimit: 0 });
    const ada = passenger();
    const answers = await atOnce(50, (n) => order({ user: `user${n}`, passengers: [ada], train: `G90${n % 3}` }));
    expect(answersOf(answers)).toEqual({ '201 WAIT_PAY': 10, '409 LIMIT_DOCUMENT': 40 });
    expect(answers.find(({ status }) => status === 409)?.body).toMatchObject({ tickets: 10, limit: 10, passenger: 1 });
  });
});

describe('tickets that are given up', () => {
  test('by cancelling are free for the next order at once; the third cancellation ends the day', async () => {
    await start();
    const party = Array.from({ length: 5 }, () => passenger());
    for (let n = 0; n < 3; n += 1) {
      const { status, body } = await order({ passengers: party });
      expect([status, body.status]).toEqual([201, 'WAIT_PAY']);
      await cancel(body.orderNo);
    }
    const refused = await order({ passengers: party });
    expect(refused.body).toMatchObject({
      code: 'CANCELLED_TOO_OFTEN',
      from: '2026-12-01T00:00:00.000+08:00',
      orders: 3,
      limit: 3,
    });
    expect(await codeOf(order({ user: 'bob', passengers: party }))).toBe('WAIT_PAY');
  });

  test('by letting them expire, or giving them back, are free once the seats are', async () => {
    await start();
    const party = Array.from({ length: 5 }, () => passenger());
    expect(await codeOf(order({ passengers: party }))).toBe('WAIT_PAY');
    expect(await codeOf(order({ passengers: party }))).toBe('LIMIT_TRAIN');
    railway.clock.leap(16 * 60_000);
    let again: Answer | undefined;
    await waitUntil('room after the order has expired', async () => {
      again = await order({ passengers: party });
      return again.status === 201;
    });
    const { orderNo } = again?.body ?? {};
    const { paymentNo, amountFen } = (await railway.pay(orderNo)).body;
    await railway.notify({ paymentNo, outcome: 'paid', amountFen });
    await waitUntil('tickets', async () => (await railway.statusOf(orderNo)) === 'SUCCESS');
    const token = await railway.token('alice');
    const refund = await railway.ask(`/v1/orders/${orderNo}/refunds`, { token, body: { items: [2] } });
    expect(refund.status).toBe(202);
    expect(await codeOf(order({ passengers: [passenger(), passenger()] }))).toBe('LIMIT_TRAIN');
    expect(await codeOf(order({ passengers: party.slice(0, 1) }))).toBe('JOURNEY_OVERLAPS');
    expect(await codeOf(order({ passengers: party.slice(1, 2) }))).toBe('WAIT_PAY');
  });
});
