// What is shown is compared with the log while a server serves: on request, by itself every hour, and until it stops.
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { occupySegment } from '@railhead/domain/allocation/bitmap.ts';
import { PARTS } from '@railhead/infra/composition/parts.ts';
import { RUN_DATE, ServedRailway } from '../support/served-railway.ts';
import { type Ask, passenger } from '../support/shopper.ts';
import { waitUntil } from '../support/wait-until.ts';

const HOUR_MS = 3_600_000;
const NAME = `G900_${RUN_DATE}_second`;

let railway: ServedRailway;
let token: string;
beforeEach(async () => {
  railway = await ServedRailway.start({ rows: 9, letters: 'ACDF', stops: 4 }, { reconcileEveryMinutes: 60 });
  token = await railway.token('olga', { role: 'operator' });
  // From here on there is something to be wrong about.
  await railway.ticketed(2);
  await railway.shown();
});
afterEach(() => railway.stop());

const operate = (path: string, options: Ask = {}) =>
  railway.ask(`/v1/admin/reconciliations${path}`, { token, ...options });
const reconcile = (body: object) => operate('', { body });
const ordersNow = () => {
  const { orders } = models();
  if (orders === undefined) throw new Error('orders are in one table');
  return orders;
};
const models = () => railway.server.container.get(PARTS.modelGenerations).of;

/** So many free seats are shown as taken. */
const plantSeats = async (count: number): Promise<void> => {
  const { states } = models().availability.read.opened.queries;
  await states.rewrite({ runs: [], classes: [NAME] }, async ({ classes }) => {
    const state = classes.get(NAME);
    if (state?.stock === undefined) throw new Error('two seats are sold');
    occupySegment(
      state.stock.taken,
      2,
      Array.from({ length: count }, (_, n) => 35 - n),
    );
    return { runs: new Map(), classes: new Map([[NAME, state]]) };
  });
};
const shownClasses = async (): Promise<readonly unknown[]> => {
  const [trains, availability, train] = await Promise.all(
    [
      `/v1/trains?from=ST0&to=ST3&date=${RUN_DATE}`,
      `/v1/trains/G900/runs/${RUN_DATE}/availability?from=ST0&to=ST3`,
      `/v1/trains/G900?date=${RUN_DATE}`,
    ].map((path) => railway.ask(path)),
  );
  return [trains?.body.trains[0].classes.length, availability?.body.classes.length, train?.body.classes.length];
};

test('nine seats are repaired; the report is kept, listed and counted', async () => {
  expect((await reconcile({ kind: 'stock' })).body).toMatchObject({ inconsistent_count: 0, kind: 'stock' });
  await plantSeats(9);
  const { status, body } = await reconcile({ kind: 'stock', run: { train: 'G900', date: RUN_DATE } });
  expect(status).toBe(200);
  expect(body).toMatchObject({
    total_checked: 1,
    inconsistent_count: 1,
    auto_fixed_count: 1,
    manual_fix_count: 0,
    inconsistent_details: [
      {
        train_number: 'G900',
        train_date: RUN_DATE,
        seat_type: 'second',
        redis_seats: 25,
        mysql_seats: 34,
        diff: 9,
        shown_held: 9,
        logged_held: 0,
        logged_sold: 2,
        action: 'auto_fixed',
        fix_time: expect.stringMatching(/^2026-11-30T/),
      },
    ],
  });
  expect((await operate(`/${body.task_id}`)).body).toEqual(body);
  const listed = (await operate('?kind=stock&limit=1')).body;
  expect(listed.reconciliations.map((one: { task_id: string }) => one.task_id)).toEqual([body.task_id]);
  const rest = (await operate(`?kind=stock&cursor=${listed.nextCursor}`)).body;
  expect(rest.reconciliations).toHaveLength(1);
  // The server compares payments at its start.
  const { reconciliations: payments } = (await operate('?kind=payments')).body;
  expect(payments).toEqual([expect.objectContaining({ railhead_fen: 0, gateway_fen: 0 })]);
  expect((await operate(`/${payments[0].task_id}`)).body).toMatchObject(payments[0]);
  expect((await railway.ask('/metrics')).body).toMatch(
    /railhead_reconciliation_inconsistent_count\{kind="stock",action="auto_fixed"\} 1\n/,
  );
  expect((await operate('/reconciliation_stock_20200101T000000000')).body.code).toBe('RECONCILIATION_UNKNOWN');
});

test('ten seats take the class out of every answer, and not out of the sale, until somebody repairs it', async () => {
  await plantSeats(10);
  expect(await shownClasses()).toEqual([1, 1, 1]);
  expect((await reconcile({ kind: 'stock' })).body).toMatchObject({
    manual_fix_count: 1,
    inconsistent_details: [{ diff: 10, action: 'alarm', fix_time: '' }],
  });
  expect(await shownClasses()).toEqual([0, 0, 0]);
  const ready = await railway.ask('/readyz');
  expect([ready.status, Object.keys(ready.body.withheldClasses)]).toEqual([200, [NAME]]);
  expect((await railway.ask('/metrics')).body).toContain('railhead_classes_withheld 1\n');
  expect((await railway.order({ passengers: [passenger()] })).status).toBe(201);
  expect(await shownClasses()).toEqual([0, 0, 0]);

  const repaired = await reconcile({ kind: 'stock', run: { train: 'G900', date: RUN_DATE }, repair: true });
  expect(repaired.body.inconsistent_details).toMatchObject([{ diff: 10, action: 'repaired' }]);
  expect(await shownClasses()).toEqual([1, 1, 1]);
  expect((await railway.ask('/readyz')).body.withheldClasses).toEqual({});
});

test('orders are compared as well', async () => {
  const { rows } = ordersNow().read.opened.queries;
  const [orderNo = ''] = await rows.orderNos('', 1);
  await rows.rewrite([orderNo], async () => new Map());
  expect((await reconcile({ kind: 'orders' })).body).toMatchObject({
    kind: 'orders',
    total_checked: 1,
    inconsistent_details: [{ order_no: orderNo, store: 'orders', kind: 'missing', action: 'auto_fixed' }],
  });
  expect(await railway.statusOf(orderNo)).toBe('SUCCESS');
});

test('every hour it is done without being asked for', async () => {
  await plantSeats(3);
  railway.clock.leap(HOUR_MS);
  const reports = await waitUntil('both reports', async () => {
    const { reconciliations } = (await operate('')).body;
    return reconciliations.length >= 3 ? reconciliations : undefined;
  });
  expect(
    reports.map(({ kind, auto_fixed_count }: { kind: string; auto_fixed_count: number }) => [kind, auto_fixed_count]),
  ).toEqual([
    ['orders', 0],
    ['stock', 1],
    ['payments', 0],
  ]);
});

test('what cannot be asked for is refused', async () => {
  const wrong = [
    {},
    { kind: 'payments' },
    { kind: 'orders', run: { train: 'G900', date: RUN_DATE } },
    { kind: 'stock', run: 'G900' },
    { kind: 'stock', all: true },
  ];
  for (const body of wrong) expect((await reconcile(body)).body.code).toBe('INVALID_REQUEST');
  const nobody = await reconcile({ kind: 'stock', run: { train: 'G1', date: RUN_DATE } });
  expect([nobody.status, nobody.body.code]).toEqual([404, 'TRAIN_NOT_FOUND']);
  expect((await operate('?limit=0')).body.code).toBe('INVALID_REQUEST');
});

test('one is done at a time, and a long one is asked for later; the stop does not wait for it', async () => {
  railway.store.pages.shut((categories) => categories.length === 0);
  const first = reconcile({ kind: 'stock' });
  await waitUntil('the first page', async () => railway.store.pages.waiting === 1);
  const second = await reconcile({ kind: 'orders' });
  expect([second.status, second.body.code]).toEqual([409, 'RECONCILIATION_UNDER_WAY']);
  railway.clock.leap(5_000);
  const { status, body } = await first;
  expect([status, body.kind]).toEqual([202, 'stock']);
  expect((await operate(`/${body.task_id}`)).status).toBe(202);
  railway.store.pages.open();
  await waitUntil('its report', async () => (await operate(`/${body.task_id}`)).status === 200);

  railway.store.pages.shut((categories) => categories.length === 0);
  const last = reconcile({ kind: 'stock' }).catch(() => undefined);
  await waitUntil('the next page', async () => railway.store.pages.waiting === 1);
  const stopped = railway.server.stop();
  expect((await last)?.body.code).toBe('UNAVAILABLE');
  await stopped;
});
