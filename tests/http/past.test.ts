// The past by HTTP: what was answered while tickets were sold is what is told of those moments afterwards.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { RUN_DATE, ServedRailway } from '../support/served-railway.ts';
import { type Answer, type Json, passenger } from '../support/shopper.ts';
import { waitUntil } from '../support/wait-until.ts';

let railway: ServedRailway;
let [alice, olga] = ['', ''];
afterAll(() => railway.stop());

const JOURNEY = 'from=ST0&to=ST2';

/** What was answered at a position, at which nothing else was written before the answers had come. */
type Recorded = {
  readonly position: number;
  readonly time: string;
  readonly orders: Readonly<Record<string, Json>>;
  readonly classes: readonly Json[];
  readonly found: readonly Json[];
  readonly run: Json;
};
const recorded: Recorded[] = [];
let orderNos: readonly string[] = [];

const past = (path: string): Promise<Answer> => railway.ask(`/v1/admin/${path}`, { token: olga });
const answerOf = async (path: string): Promise<Json> => {
  const { status, body } = await past(path);
  expect([path, status, body]).toEqual([path, 200, expect.anything()]);
  return body;
};

/** Records until nothing is written meanwhile; then the clock goes on, so that the moment has a time of its own. */
const record = async (): Promise<void> => {
  const now = await waitUntil('a moment at which nothing is written', async () => {
    await railway.allShown();
    const position = await railway.store.lastPosition();
    const headers = { 'Railhead-Min-Position': String(position) };
    const orders: Record<string, Json> = {};
    for (const orderNo of orderNos) {
      const { actions: _, ...order } = await railway.orderNow(orderNo);
      orders[orderNo] = order;
    }
    const stock = await railway.ask(`/v1/trains/G900/runs/${RUN_DATE}/availability?${JOURNEY}`, { headers });
    const found = await railway.ask(`/v1/trains?${JOURNEY}&date=${RUN_DATE}`, { headers });
    const run = await past(`runs/G900/${RUN_DATE}`);
    if ((await railway.store.lastPosition()) !== position) return undefined;
    const time = railway.clock.zone.timestamp(railway.clock.now());
    return { position, time, orders, classes: stock.body.classes, found: found.body.trains[0].classes, run: run.body };
  });
  recorded.push(now);
  railway.clock.leap(2_000);
};

const place = async (party: number, extra: object = {}): Promise<string> => {
  const { body } = await railway.order({ passengers: Array.from({ length: party }, () => passenger()), ...extra });
  orderNos = [...orderNos, body.orderNo];
  return body.orderNo;
};

beforeAll(async () => {
  railway = await ServedRailway.start({ rows: 5, letters: 'ACDF', stops: 4 });
  [alice, olga] = [await railway.token('alice'), await railway.token('olga', { role: 'operator' })];
  await record();
  const first = await place(2);
  await record();
  await railway.payAtGateway(first);
  await railway.orderAtLast(first, ({ status }) => status === 'SUCCESS');
  await record();
  const second = await place(3, { from: 'ST1', to: 'ST3' });
  await record();
  await railway.operate('POST', '/withdrawals', { coach: '01', seats: ['05F'], reason: 'broken' }, 'w1');
  await record();
  await railway.ask(`/v1/orders/${second}/cancel`, { method: 'POST', token: alice });
  await record();
  const headers = { 'Idempotency-Key': crypto.randomUUID() };
  await railway.ask(`/v1/orders/${first}/refunds`, { token: alice, body: { items: [1] }, headers });
  await railway.orderAtLast(first, ({ refunds }) => refunds[0]?.status === 'DONE');
  await record();
  await railway.operate('POST', '/cancel', { reason: 'snow' }, 'c1');
  await railway.orderAtLast(first, ({ status }) => status === 'CLOSED');
  await record();
}, 120_000);

const momentsOf = ({ position, time }: Recorded): readonly string[] => [
  String(position),
  encodeURIComponent(time),
  time.slice(0, '2026-11-30T08:00:00.000'.length),
];

describe('what was shown is told', () => {
  test('of orders', async () => {
    expect(recorded).toHaveLength(8);
    for (const moment of recorded)
      for (const at of momentsOf(moment))
        for (const orderNo of orderNos) {
          const { status, body } = await past(`orders/${orderNo}?at=${at}`);
          const shown = moment.orders[orderNo];
          if (shown === undefined) expect([status, body.code]).toEqual([404, 'NOT_YET']);
          else {
            const { moment: told, ...order } = body;
            expect(order).toEqual({ ...shown, userId: 'alice' });
            expect(told).toMatchObject({ position: moment.position, setAside: [] });
            expect(told.lastEvent.position).toBeLessThanOrEqual(moment.position);
          }
        }
  });

  test('of free seats', async () => {
    for (const moment of recorded)
      for (const at of momentsOf(moment)) {
        const told = await answerOf(`classes/G900/${RUN_DATE}/second?at=${at}&${JOURNEY}`);
        const [shown] = moment.classes;
        const counts = { total: shown.total, available: shown.available, held: shown.held, sold: shown.sold };
        expect(told.journeys).toEqual([expect.objectContaining(counts)]);
        expect(told.journeys[0].available).toBe(moment.found[0].available);
      }
  });

  test('of the run', async () => {
    for (const moment of recorded)
      for (const at of momentsOf(moment)) {
        const { moment: told, stock, ...run } = await answerOf(`runs/G900/${RUN_DATE}?at=${at}`);
        expect(run).toEqual(moment.run);
        expect(told.position).toBe(moment.position);
        expect(stock).toEqual([expect.objectContaining({ seatClass: 'second' })]);
      }
    expect(recorded.map(({ run }) => run.withdrawals.length)).toContain(1);
  });

  test('of a user, newest first, page by page', async () => {
    for (const moment of recorded) {
      const expected = Object.keys(moment.orders).reverse();
      const { status, body } = await past(`users/alice?at=${moment.position}`);
      if (expected.length === 0) expect([status, body.code]).toEqual([404, 'NOT_YET']);
      else {
        expect(body.orders.map(({ orderNo }: Json) => orderNo)).toEqual(expected);
        expect(body.orders[0]).toEqual({ ...moment.orders[expected[0] ?? ''], userId: 'alice' });
      }
    }
    const first = await answerOf('users/alice?limit=1');
    const second = await answerOf(`users/alice?limit=1&cursor=${first.nextCursor}`);
    expect([first, second].map(({ orders }) => orders[0].orderNo)).toEqual([...orderNos].reverse());
    expect(second.nextCursor).toBeUndefined();
  });

  test('without a moment, as it is now', async () => {
    const { moment, ...order } = await answerOf(`orders/${orderNos[0]}`);
    expect(order).toEqual({ ...recorded.at(-1)?.orders[orderNos[0] ?? ''], userId: 'alice' });
    expect(moment.position).toBe(moment.end);
    const run = await past(`runs/G900/${RUN_DATE}`);
    expect([run.headers.get('etag'), run.body.moment, run.body.stock]).toEqual([
      expect.any(String),
      undefined,
      undefined,
    ]);
  });

  test('with nobody named and no document in it', async () => {
    const everything = JSON.stringify([
      await answerOf(`orders/${orderNos[0]}`),
      await answerOf('users/alice'),
      await answerOf(`diff/user/alice?from=0`),
      await answerOf(`diff/order/${orderNos[0]}?from=0&limit=1000`),
      await answerOf('diff?from=0'),
    ]);
    expect(everything).toContain('张*');
    expect(everything).not.toContain('张三');
    expect(everything).not.toMatch(/E1\d{7}/);
  });
});

const positionAt = (index: number): number => recorded[index]?.position ?? Number.NaN;
const changeOf = ({ changes }: Json, what: string): Json => changes.find((change: Json) => change.what === what);

describe('what changed', () => {
  test('of an order is told with the events that changed it', async () => {
    const diff = await answerOf(`diff/order/${orderNos[0]}?from=${positionAt(1)}&to=${positionAt(2)}`);
    expect(changeOf(diff, 'status')).toMatchObject({ before: 'WAIT_PAY', after: 'SUCCESS' });
    expect(changeOf(diff, 'status').events.map(({ type }: Json) => type)).toEqual([
      'OrderPaid',
      'OrderTicketingStarted',
      'OrderTicketed',
    ]);
    expect(changeOf(diff, 'items[1].ticketStatus')).toMatchObject({ before: 'NONE', after: 'ISSUED', moreEvents: 0 });
    expect(diff).toMatchObject({ from: { position: positionAt(1) }, to: { position: positionAt(2) }, leftOut: 0 });
    const same = await answerOf(`diff/order/${orderNos[0]}?from=${positionAt(2)}&to=${positionAt(2)}`);
    expect([same.events, same.changes]).toEqual([0, []]);
  });

  test('of a class and of its run', async () => {
    const between = `from=${positionAt(3)}&to=${positionAt(4)}`;
    const ofClass = await answerOf(`diff/class/G900_${RUN_DATE}_second?${between}`);
    expect(changeOf(ofClass, 'journeys[0].total')).toMatchObject({ before: 20, after: 19 });
    expect(ofClass.changes.filter(({ after }: Json) => after === 'withdrawn')).toHaveLength(1);
    const ofRun = await answerOf(`diff/run/G900_${RUN_DATE}?${between}`);
    expect(changeOf(ofRun, 'stock[second].total')).toMatchObject({ before: 20, after: 19 });
    expect(ofRun.changes.some(({ what }: Json) => what.startsWith('withdrawals['))).toBe(true);
  });

  test('of a user, whose second order is new', async () => {
    const diff = await answerOf(`diff/user/alice?from=${positionAt(2)}&to=${positionAt(3)}&limit=1000`);
    expect(changeOf(diff, `orders[${orderNos[1]}].status`)).toMatchObject({ after: 'WAIT_PAY' });
    expect(diff.changes.every(({ what }: Json) => what.startsWith(`orders[${orderNos[1]}].`))).toBe(true);
  });

  test('of the whole railway', async () => {
    const diff = await answerOf(`diff?from=${positionAt(1)}&to=${positionAt(5)}`);
    expect(diff.orders).toMatchObject({
      changed: 2,
      leftOut: 0,
      list: [
        { orderNo: orderNos[0], before: 'WAIT_PAY', after: 'SUCCESS' },
        { orderNo: orderNos[1], after: 'CLOSED' },
      ],
    });
    const paid = recorded[2]?.orders[orderNos[0] ?? ''].amountFen;
    expect(diff.money).toEqual({ payments: 1, paidFen: paid, askedBackFen: 0, refunds: 0, refundedFen: 0 });
    expect(diff.classes.list).toMatchObject([
      {
        train: 'G900',
        seatClass: 'second',
        before: { held: 2, sold: 0, total: 20 },
        after: { held: 0, sold: 2, total: 19 },
      },
    ]);
    const byType = await answerOf(`diff?from=0`);
    const logged = await railway.events();
    const sum = byType.types.reduce((total: number, { events }: Json) => total + events, 0);
    expect([byType.events, sum]).toEqual([logged.length, logged.length]);
    const few = await answerOf(`diff?from=${positionAt(0)}&limit=1`);
    expect([few.orders.list.length, few.orders.leftOut, few.orders.changed]).toEqual([1, 1, 2]);
  });
});

test.each([
  ['orders/NOSUCHORDER', 404, 'ORDER_NOT_FOUND'],
  ['orders/not!one', 400, 'INVALID_REQUEST'],
  [`runs/X1/${RUN_DATE}?at=1`, 404, 'TRAIN_NOT_FOUND'],
  [`runs/G900/${RUN_DATE}?at=0`, 404, 'NOT_YET'],
  [`runs/G900/${RUN_DATE}?at=`, 400, 'INVALID_REQUEST'],
  [`runs/G900/${RUN_DATE}?at=noon`, 400, 'MOMENT_INVALID'],
  [`runs/G900/${RUN_DATE}?at=2026-11-30T08:00:00+08:00`, 400, 'MOMENT_INVALID'],
  [`runs/G900/${RUN_DATE}?at=${'1'.repeat(65)}`, 400, 'INVALID_REQUEST'],
  [`runs/G900/${RUN_DATE}?at=${'9'.repeat(20)}`, 400, 'MOMENT_INVALID'],
  [`runs/G900/${RUN_DATE}?at=1&at=2`, 400, 'INVALID_REQUEST'],
  [`runs/G900/${RUN_DATE}?at=99999999`, 422, 'MOMENT_IN_FUTURE'],
  [`runs/G900/${RUN_DATE}?at=2999-01-01T00:00:00Z`, 422, 'MOMENT_IN_FUTURE'],
  [`classes/X1/${RUN_DATE}/second`, 404, 'TRAIN_NOT_FOUND'],
  [`classes/G900/${RUN_DATE}/first`, 422, 'CLASS_NOT_ON_TRAIN'],
  [`classes/G900/${RUN_DATE}/third`, 400, 'INVALID_REQUEST'],
  [`classes/G900/${RUN_DATE}/second?from=ST0`, 400, 'INVALID_REQUEST'],
  [`classes/G900/${RUN_DATE}/second?from=ST0&to=ELSE`, 422, 'STATION_NOT_ON_ROUTE'],
  [`classes/G900/${RUN_DATE}/second?from=ST1&to=ST0`, 422, 'JOURNEY_BACKWARDS'],
  ['users/nobody', 404, 'USER_NOT_FOUND'],
  ['users/alice?limit=101', 400, 'INVALID_REQUEST'],
  ['users/no%20name', 400, 'INVALID_REQUEST'],
  ['diff', 400, 'INVALID_REQUEST'],
  ['diff?from=5&to=4', 422, 'MOMENTS_BACKWARDS'],
  ['diff?from=1&limit=0', 400, 'INVALID_REQUEST'],
  ['diff/ordr/X?from=1', 400, 'INVALID_REQUEST'],
  ['diff/run/G900?from=1', 400, 'NAME_INVALID'],
  ['diff/class/G900_2026-12-02_third?from=1', 400, 'NAME_INVALID'],
  ['diff/order/NOSUCHORDER?from=1', 404, 'ORDER_NOT_FOUND'],
  ['diff/user/nobody?from=1', 404, 'USER_NOT_FOUND'],
])('%s is refused', async (path, status, code) => {
  const answer = await past(path);
  expect([answer.status, answer.body.code]).toEqual([status, code]);
});

test('who is not there yet is told when they began', async () => {
  const { body } = await past(`orders/${orderNos[0]}?at=${positionAt(0)}`);
  const requested = (await railway.events()).find(({ type }) => type === 'OrderRequested');
  expect(body).toMatchObject({ code: 'NOT_YET', position: requested?.position, at: requested?.meta.at });
  expect((await past(`diff/order/${orderNos[0]}?from=0&to=${positionAt(0)}`)).body.code).toBe('NOT_YET');
});
