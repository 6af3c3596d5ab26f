// Any moment of the past: what is shown of it is what exactly the events up to it say, and what changed between two
// moments leads from the one to the other.
import { isDeepStrictEqual } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import type { RecordedEvent } from '@railhead/commands/ports/event-store.ts';
import type { Result } from '@railhead/domain/kernel/decision.ts';
import { orderCategory } from '@railhead/domain/order/stream.ts';
import { paymentCategory } from '@railhead/domain/payment/stream.ts';
import { hasClass } from '@railhead/domain/train-run/composition.ts';
import { type ClassId, runCategory } from '@railhead/domain/train-run/stream.ts';
import { orderNoOf, viewAfter } from '@railhead/projections/orders/view-after.ts';
import { diffRailway } from '@railhead/projections/past/diff-railway.ts';
import { diffThing } from '@railhead/projections/past/diff-thing.ts';
import { type Leaves, leavesOf } from '@railhead/projections/past/leaves.ts';
import { pastClass } from '@railhead/projections/past/past-class.ts';
import { type PastKind, stateAt } from '@railhead/projections/past/past-kind.ts';
import { pastOrder, shownOrder } from '@railhead/projections/past/past-order.ts';
import { pastRun } from '@railhead/projections/past/past-run.ts';
import { ordersInLog, pastUser } from '@railhead/projections/past/past-user.ts';
import fc from 'fast-check';
import { live } from '../simulation/live.ts';
import { planOf } from '../simulation/plan-of.ts';
import { World } from '../simulation/world/world.ts';
import { recordedLog } from '../support/recorded-log.ts';
import { classesInLog, locksByHand, runByHand, seatsByHand } from '../support/seats-by-hand.ts';
import { eventsOfHistory, HISTORIES } from '../support/stored-histories.ts';

const EVERYTHING = 1_000_000;

type Log = { readonly events: readonly RecordedEvent[]; readonly log: ReturnType<typeof recordedLog> };

const momentAt = ({ events }: Log, position: number) => ({ position, end: events.at(-1)?.position ?? 0 });
const upTo = ({ events }: Log, position: number) => events.filter((event) => event.position <= position);
const isOfOrder = (event: RecordedEvent) => orderCategory.owns(event) || paymentCategory.owns(event);

const shownOr = <Shown>(result: Result<{ readonly shown: Shown }>): Shown | string =>
  result.ok ? result.value.shown : result.refusal.code;

const show = async <Id, Shown, Code extends string>(
  kind: PastKind<Id, Shown, Code>,
  given: Log,
  id: Id,
  position: number,
) => shownOr(await stateAt(kind, given.log, id, momentAt(given, position)));

const viewByHand = (events: readonly RecordedEvent[], orderNo: string) => {
  const view = events
    .filter((event) => isOfOrder(event) && orderNoOf(event) === orderNo)
    .reduce<ReturnType<typeof viewAfter>>(viewAfter, undefined);
  return view === undefined ? undefined : shownOrder(view);
};

const usersOf = (events: readonly RecordedEvent[]) =>
  events.flatMap((event) =>
    orderCategory.owns(event) && event.type === 'OrderRequested'
      ? [{ orderNo: event.data.orderNo, userId: event.data.request.userId }]
      : [],
  );

const checkOrder = async (given: Log, orderNo: string, position: number): Promise<void> => {
  const expected = viewByHand(upTo(given, position), orderNo) ?? 'NOT_YET';
  expect(await show(pastOrder, given, orderNo, position)).toEqual(expected);
};

const checkUser = async (given: Log, userId: string, position: number): Promise<void> => {
  const events = upTo(given, position);
  const orders = usersOf(events)
    .filter((order) => order.userId === userId)
    .map(({ orderNo }) => viewByHand(events, orderNo))
    .reverse();
  const kind = pastUser(ordersInLog(given.log), { limit: EVERYTHING });
  expect(await show(kind, given, userId, position)).toEqual(orders.length === 0 ? 'NOT_YET' : { userId, orders });
};

const checkClass = async (given: Log, id: ClassId, position: number): Promise<void> => {
  const events = upTo(given, position);
  const run = runByHand(events, id);
  const shown = await show(pastClass, given, id, position);
  const isThere = run !== undefined && hasClass(run.composition, id.seatClass);
  if (run === undefined || !isThere || typeof shown === 'string') {
    expect(shown).toBe(run === undefined ? 'NOT_YET' : 'CLASS_NOT_ON_TRAIN');
    return;
  }
  const counted = shown.journeys.map(({ from: _, to: __, ...count }) => count);
  expect(counted).toEqual(run.stops.slice(1).map((_, from) => seatsByHand(events, id, { from, to: from + 1 })));
  expect(new Map(shown.locks.map(({ lockId, status }) => [lockId, status]))).toEqual(locksByHand(events, id));
  const [first, last] = [run.stops[0]?.code ?? '', run.stops.at(-1)?.code ?? ''];
  const asked = { ...id, journey: { from: first, to: last } };
  const whole = await stateAt(pastClass, given.log, asked, momentAt(given, position));
  const wholeWay = seatsByHand(events, id, { from: 0, to: run.stops.length - 1 });
  expect(whole).toMatchObject({ ok: true, value: { shown: { journeys: [wholeWay] } } });
  const ofRun = await show(pastRun, given, id, position);
  expect(ofRun).toMatchObject({
    status: run.status,
    coaches: run.composition,
    settled: run.settled,
    stock: expect.arrayContaining([{ seatClass: id.seatClass, ...wholeWay }]),
  });
};

/** What is shown at every position, of whatever the event there is about. */
const checkAll = async (given: Log): Promise<void> => {
  const [classes, users] = [
    classesInLog(given.events),
    new Map(usersOf(given.events).map(({ orderNo, userId }) => [orderNo, userId])),
  ];
  for (const event of given.events) {
    const { position, stream } = event;
    // What is prepaid by who waits may never become an order.
    if (isOfOrder(event) && users.has(orderNoOf(event))) {
      const orderNo = orderNoOf(event);
      for (const at of [position - 1, position]) await checkOrder(given, orderNo, at);
      await checkUser(given, users.get(orderNo) ?? '', position);
    }
    for (const id of classes)
      if (stream.includes(`${id.train}_${id.date}`) && (stream.endsWith(id.seatClass) || runCategory.holds({ stream })))
        for (const at of [position - 1, position]) await checkClass(given, id, at);
  }
};

const given = (events: readonly RecordedEvent[]): Log => ({ events, log: recordedLog(events) });

/** Short simulated days. */
const dayOf = async (seed: number): Promise<readonly RecordedEvent[]> => {
  const plan = planOf(seed);
  const world = new World({ ...plan, acts: plan.acts.slice(0, 30), faults: { ...plan.faults, strangeEvent: 0 } });
  try {
    await live(world);
    return world.log.events;
  } finally {
    world.close();
  }
};

describe('what is shown at every position is what the events up to it say', () => {
  test.each(HISTORIES)('in %s', async (name) => checkAll(given(eventsOfHistory(name))), 120_000);

  test('in simulated days', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(100_000), async (seed) => checkAll(given(await dayOf(seed)))),
      { numRuns: 3, endOnFailure: true },
    );
  }, 240_000);
});

const applied = (leaves: Leaves, changes: readonly { readonly what: string; readonly after?: unknown }[]) => {
  const result = new Map<string, unknown>(leaves);
  for (const { what, after } of changes)
    if (after === undefined) result.delete(what);
    else result.set(what, after);
  return Object.fromEntries([...result].sort(([a], [b]) => (a < b ? -1 : 1)));
};

const checkDiff = async <Id, Shown, Code extends string>(
  kind: PastKind<Id, Shown, Code>,
  whole: Log,
  id: Id,
  [from, to]: readonly [number, number],
): Promise<void> => {
  const [before, after] = [await show(kind, whole, id, from), await show(kind, whole, id, to)];
  const asked = { from: momentAt(whole, from), to: momentAt(whole, to), limit: EVERYTHING };
  const diff = await diffThing(kind, whole.log, id, asked);
  if (typeof after === 'string') {
    expect(diff).toMatchObject({ ok: false, refusal: { code: after } });
    return;
  }
  if (!diff.ok) throw new Error(diff.refusal.detail);
  const { changes } = diff.value;
  const leaves = typeof before === 'string' ? new Map() : leavesOf(before);
  expect(applied(leaves, changes)).toEqual(applied(leavesOf(after), []));
  for (const { what, before: was, after: is, events } of changes) {
    expect([what, was]).toEqual([what, leaves.get(what)]);
    expect([what, was === is]).toEqual([what, false]);
    expect(events.length).toBeGreaterThan(0);
    expect(events.every(({ position }) => position > from && position <= to)).toBe(true);
  }
};

describe('what changed between two moments, put on the first, is the second', () => {
  test.each(HISTORIES)(
    'in %s',
    async (name) => {
      const whole = given(eventsOfHistory(name));
      const end = whole.events.length;
      const moments = fc
        .tuple(fc.nat(end), fc.nat(end))
        .map(([a, b]): readonly [number, number] => (a <= b ? [a, b] : [b, a]));
      const order = fc.constantFrom(...usersOf(whole.events));
      const seats = fc.constantFrom(...classesInLog(whole.events));
      await fc.assert(
        fc.asyncProperty(moments, order, seats, async (between, { orderNo, userId }, id) => {
          await checkDiff(pastOrder, whole, orderNo, between);
          await checkDiff(pastUser(ordersInLog(whole.log), { limit: EVERYTHING }), whole, userId, between);
          await checkDiff(pastRun, whole, id, between);
          await checkDiff(pastClass, whole, id, between);
        }),
        { numRuns: 60 },
      );
    },
    120_000,
  );
});

const statusesByHand = (events: readonly RecordedEvent[]): ReadonlyMap<string, string> =>
  new Map(usersOf(events).map(({ orderNo }) => [orderNo, viewByHand(events, orderNo)?.status ?? '']));

const wholeWayByHand = (events: readonly RecordedEvent[], id: ClassId) => {
  const run = runByHand(events, id);
  return run === undefined || !hasClass(run.composition, id.seatClass)
    ? undefined
    : seatsByHand(events, id, { from: 0, to: run.stops.length - 1 });
};

const checkRailway = async (whole: Log, [from, to]: readonly [number, number]): Promise<void> => {
  const [before, after] = [upTo(whole, from), upTo(whole, to)];
  const between = whole.events.slice(from, to);
  const at = (position: number) => ({ ...momentAt(whole, position), at: 'then' });
  const found = await diffRailway(whole.log, { from: at(from), to: at(to), limit: EVERYTHING });
  if (!found.ok) throw new Error(found.refusal.detail);
  const { events, types, orders, money, classes } = found.value;
  expect(events).toBe(between.length);
  const counted = Map.groupBy(between, ({ type }) => type);
  expect(new Map(types.map((each) => [each.type, each.events]))).toEqual(
    new Map([...counted].map(([type, { length }]) => [type, length])),
  );
  const [were, are] = [statusesByHand(before), statusesByHand(after)];
  const changed = [...are].filter(([orderNo, status]) => were.get(orderNo) !== status);
  expect(new Map(orders.list.map((order) => [order.orderNo, [order.before, order.after]]))).toEqual(
    new Map(changed.map(([orderNo, status]) => [orderNo, [were.get(orderNo), status]])),
  );
  expect([orders.changed, orders.leftOut]).toEqual([changed.length, 0]);
  expect(orders.transitions.reduce((sum, each) => sum + each.orders, 0)).toBe(changed.length);
  for (const order of orders.list) expect(order.events.at(-1)?.position).toBeGreaterThan(from);
  const sum = (type: string): number =>
    (counted.get(type) ?? []).reduce((fen, event) => fen + (event.data as { amountFen: number }).amountFen, 0);
  expect([money.paidFen, money.askedBackFen, money.refundedFen]).toEqual(
    ['PaymentSucceeded', 'PaymentRefundRequested', 'PaymentRefunded'].map(sum),
  );
  const others = classesInLog(between).flatMap((id) => {
    const [was, is] = [wholeWayByHand(before, id), wholeWayByHand(after, id)];
    return isDeepStrictEqual(was, is) ? [] : [[`${id.train}_${id.date}_${id.seatClass}`, was, is]];
  });
  const told = classes.list.map((one) => [`${one.train}_${one.date}_${one.seatClass}`, one.before, one.after]);
  expect(told.sort()).toEqual(others.sort());
};

test.each(HISTORIES)(
  'what changed of the whole railway is what its orders, classes and payments were and are, in %s',
  async (name) => {
    const whole = given(eventsOfHistory(name));
    const moment = fc.nat(whole.events.length);
    await fc.assert(
      fc.asyncProperty(moment, moment, (a, b) => checkRailway(whole, [Math.min(a, b), Math.max(a, b)])),
      { numRuns: 40 },
    );
  },
  120_000,
);
