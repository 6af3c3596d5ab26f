// Decisions that come late, and orders that nobody pays.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { RUN_DATE, ServedRailway } from '../support/served-railway.ts';
import { type Answer, ask, type Json, passenger } from '../support/shopper.ts';
import { waitUntil } from '../support/wait-until.ts';

let railway: ServedRailway;
beforeAll(async () => {
  railway = await ServedRailway.start({ rows: 2, letters: 'AC', stops: 3 });
});
afterAll(() => railway.stop());

const dayOf = (day: number): string => `2026-12-0${day}`;
const stock = async (date: string): Promise<Json> => {
  await railway.shown();
  const path = `/v1/trains/G900/runs/${date}/availability?from=ST0&to=ST2`;
  const [{ total, available, held, sold }] = (await railway.ask(path)).body.classes;
  return { total, available, held, sold };
};
const closingOf = async (orderNo: string): Promise<Json> =>
  (await railway.events()).find(({ stream, type }) => stream === `order-${orderNo}` && type === 'OrderClosed')?.data;

/** Stops the order process while `meanwhile` runs; then returns the order as it was decided. */
const decidedAfter = async (date: string, meanwhile: () => Promise<unknown>): Promise<Answer> => {
  const { store } = railway;
  const extra = { date, passengers: [passenger()] };
  store.followers.shut((categories) => categories.includes('payment'));
  const { status, body } = await railway.order(extra, { 'Idempotency-Key': date });
  expect([status, body.status]).toEqual([202, 'QUEUED']);
  expect((await railway.ask(`/v1/queue/${body.queueToken}`)).body).toMatchObject({ status: 'QUEUED', position: 1 });
  await meanwhile();
  store.followers.open();
  await waitUntil('the decision', () => closingOf(body.orderNo));
  const again = await railway.order(extra, { 'Idempotency-Key': date });
  expect(again.body.orderNo).toBe(body.orderNo);
  return again;
};

describe('who waits for a decision', () => {
  test('is told it by the events that come, without reading them, and as whoever asks for it again', async () => {
    const { store } = railway;
    const seats = (streams: readonly string[]): boolean => streams.some((stream) => stream.startsWith('seatLock-'));
    store.appends.shut((appends) => seats(appends.map(({ stream }) => stream)));
    const extra = { date: dayOf(5), passengers: [passenger()] };
    const ask = () => railway.order(extra, { Prefer: 'wait=10', 'Idempotency-Key': 'waits' });
    const first = ask();
    await waitUntil('the seats to be written', () => store.appends.waiting > 0);
    const readBefore = store.read.length;
    store.appends.open();
    const { status, body, headers } = await first;
    expect(store.read.slice(readBefore)).not.toContain(`order-${body.orderNo}`);
    const again = await ask();
    expect([status, body]).toEqual([201, again.body]);
    expect(headers.get('railhead-position')).toBe(again.headers.get('railhead-position'));
  });
});

describe('an order that is decided late', () => {
  test('gets no seat of a run that has been cancelled meanwhile', async () => {
    const date = dayOf(6);
    const token = await railway.token('olga', { role: 'operator' });
    const cancel = () => railway.ask(`/v1/admin/runs/G900/${date}/cancel`, { token, body: { reason: 'snow' } });
    const settled = async (): Promise<boolean> =>
      (await railway.ask(`/v1/admin/runs/G900/${date}`, { token })).body.settled;
    const decided = await decidedAfter(date, async () => {
      expect((await cancel()).status).toBe(202);
      await waitUntil('the settlement', settled);
    });
    expect(decided).toMatchObject({ status: 409, body: { code: 'RUN_CANCELLED' } });
    await railway.shown();
    const path = `/v1/trains?from=ST0&to=ST2&date=${date}`;
    const [train] = (await railway.ask(path)).body.trains;
    expect([train.status, train.classes[0].available]).toEqual(['cancelled', 0]);
    expect((await railway.ask(`/v1/trains/G900?date=${date}`)).body.status).toBe('cancelled');
  });

  test('gets no seat once the train has left', async () => {
    const date = RUN_DATE;
    railway.clock.leapTo(Date.parse(`${date}T10:01:00+08:00`));
    const decided = await decidedAfter(date, async () => {
      railway.clock.leapTo(Date.parse(`${date}T10:02:00+08:00`));
    });
    expect(decided).toMatchObject({ status: 422, body: { code: 'SALE_CLOSED' } });
    expect(await stock(date)).toEqual({ total: 4, available: 0, held: 0, sold: 0 });
  });
});

describe('seats', () => {
  test('are held until the time to pay is over, then free again, and sold once they are paid', async () => {
    const date = dayOf(4);
    const [one, two] = [(await railway.order({ date })).body, (await railway.order({ date })).body];
    expect(await stock(date)).toEqual({ total: 4, available: 2, held: 2, sold: 0 });
    await ask((await railway.pay(two.orderNo)).body.payUrl, { body: { outcome: 'paid' } });
    await waitUntil('the ticket', async () => (await railway.statusOf(two.orderNo)) === 'SUCCESS');
    expect(await stock(date)).toEqual({ total: 4, available: 2, held: 1, sold: 1 });
    railway.clock.leapTo(Date.parse(one.payBefore) - 20_000);
    expect(await railway.statusOf(one.orderNo)).toBe('WAIT_PAY');
    railway.clock.leapTo(Date.parse(one.payBefore));
    await waitUntil('the end', async () => (await railway.statusOf(one.orderNo)) === 'CLOSED');
    expect(await closingOf(one.orderNo)).toMatchObject({ reason: 'EXPIRED' });
    await waitUntil('the seat', async () => (await stock(date)).available === 3);
    expect(await stock(date)).toEqual({ total: 4, available: 3, held: 0, sold: 1 });
    expect(await railway.statusOf(two.orderNo)).toBe('SUCCESS');
  });

  test('of an order that is cancelled while its payment is under way are free, and the money goes back', async () => {
    const date = dayOf(5);
    const token = await railway.token('alice');
    const { orderNo } = (await railway.order({ date })).body;
    const { payUrl, paymentNo } = (await railway.pay(orderNo)).body;
    await ask(payUrl, { body: { outcome: 'paid', notice: 'never' } });
    expect((await railway.ask(`/v1/orders/${orderNo}/cancel`, { method: 'POST', token })).status).toBe(200);
    const paymentOf = async (): Promise<Json> =>
      (await railway.ask(`/v1/orders/${orderNo}`, { token })).body.payments[0];
    await waitUntil('the refund', async () => (await paymentOf())?.status === 'REFUNDED');
    expect(await paymentOf()).toMatchObject({ paymentNo, status: 'REFUNDED' });
    await waitUntil('the seat', async () => (await stock(date)).available === 4);
    expect((await ask(payUrl)).body.status).toBe('refunded');
    const tickets = (await railway.events()).filter(
      ({ type, stream }) => type === 'OrderTicketed' && stream.endsWith(orderNo),
    );
    expect(tickets).toEqual([]);
  });
});

describe('what travellers are shown', () => {
  const date = dayOf(8);
  const at = (clock: string): string => `${date}T${clock}:00+08:00`;

  test('of a train are its calls in order, with their times, kilometres and seats', async () => {
    expect((await railway.ask(`/v1/trains/G900?date=${date}`)).body).toEqual({
      train: 'G900',
      runDate: date,
      status: 'open',
      stops: [
        { code: 'ST0', name: '站0', arrives: null, departs: at('10:02'), km: 0 },
        { code: 'ST1', name: '站1', arrives: at('10:30'), departs: at('10:32'), km: 100 },
        { code: 'ST2', name: '站2', arrives: at('11:00'), departs: null, km: 200 },
      ],
      classes: [{ seatClass: 'second', seats: 4 }],
    });
  });

  test('between two places are the trains of the day with fares and free seats', async () => {
    const { body } = await railway.ask(`/v1/trains?from=ST1&to=ST2&date=${date}`);
    expect(body).toEqual({
      date,
      position: await railway.store.lastPosition(),
      asOf: expect.stringMatching(/^2026-12-\d\dT[\d:.]+\+08:00$/),
      trains: [
        {
          train: 'G900',
          runDate: date,
          status: 'open',
          from: { code: 'ST1', name: '站1' },
          to: { code: 'ST2', name: '站2' },
          departs: at('10:32'),
          arrives: at('11:00'),
          durationMinutes: 28,
          classes: [{ seatClass: 'second', fareFen: 4_600, currency: 'CNY', available: 4, waitlist: false }],
        },
      ],
    });
    expect((await railway.ask(`/v1/trains?from=ST2&to=ST1&date=${date}`)).body.trains).toEqual([]);
    expect((await railway.ask(`/v1/trains?from=ST1&to=ST2&date=2027-01-01`)).body.trains).toEqual([]);
  });

  test('of an order and of its places are its own, at the fare of each traveller', async () => {
    const kinds = ['adult', 'child', 'student'];
    const passengers = kinds.map((kind) => passenger({ kind }));
    const { body } = await railway.order({ date, passengers, from: 'ST1' });
    expect(body).toMatchObject({
      status: 'WAIT_PAY',
      train: 'G900',
      date,
      from: { code: 'ST1', name: '站1' },
      to: { code: 'ST2', name: '站2' },
      seatClass: 'second',
      amountFen: 10_350,
      currency: 'CNY',
    });
    expect(body.items.map(({ itemNo, fareFen, passenger: { kind } }: Json) => [itemNo, kind, fareFen])).toEqual([
      [1, 'adult', 4_600],
      [2, 'child', 2_300],
      [3, 'student', 3_450],
    ]);
    expect(body.userId).toBeUndefined();
    await railway.shown();
    const path = `/v1/trains/G900/runs/${date}/availability`;
    const free = async (from: string, to: string): Promise<number> =>
      (await railway.ask(`${path}?from=${from}&to=${to}`)).body.classes[0].available;
    expect([await free('ST0', 'ST1'), await free('ST1', 'ST2'), await free('ST0', 'ST2')]).toEqual([4, 1, 1]);
    expect((await railway.ask(`${path}?from=ST1&to=ST1`)).body.code).toBe('JOURNEY_BACKWARDS');
    expect((await railway.ask(`${path}?from=ST9&to=ST1`)).body.code).toBe('STATION_NOT_ON_ROUTE');
    expect((await railway.ask(`/v1/trains/G900/runs/2027-01-01/availability?from=ST0&to=ST1`)).body.code).toBe(
      'TRAIN_NOT_FOUND',
    );
  });
});

test('operations see that all parts are live, and each request by its operation', async () => {
  expect((await railway.ask('/healthz')).body).toEqual({ status: 'ok' });
  expect(await railway.ask('/readyz')).toMatchObject({
    status: 200,
    body: { ready: true, parts: { timetable: 'live', availability: 'live', orders: 'live' } },
  });
  await railway.ask('/v1/stations?q=ST0');
  const metrics = async (): Promise<string> => (await railway.ask('/metrics')).body;
  // Counted when its connection is done with it.
  await waitUntil('the count', async () => /operation="findStations",[^\n]*status="200"/.test(await metrics()));
  const position = await railway.store.lastPosition();
  expect(await metrics()).toContain(`railhead_log_position ${position}`);
});

test('a model that is held back reports its lag in events and in seconds', async () => {
  const lag = async (unit: string): Promise<number> => {
    const { body } = await railway.ask('/metrics');
    const [, value] = new RegExp(`railhead_model_lag_${unit}{model="orders"} (\\S+)`).exec(body) ?? [];
    return Number(value);
  };
  const date = dayOf(9);
  await railway.order({ date });
  await waitUntil('the end of the log', async () => (await lag('events')) === 0);
  expect(await lag('seconds')).toBe(0);
  railway.store.followers.shut((categories) => categories.includes('order'));
  expect((await railway.order({ date }, {})).status).toBe(202);
  railway.clock.leap(5_000);
  expect(await lag('events')).toBe(1);
  expect(await lag('seconds')).toBeGreaterThanOrEqual(5);
  railway.store.followers.open();
  await waitUntil('the end of the log again', async () => (await lag('seconds')) === 0);
  expect(await lag('events')).toBe(0);
});
