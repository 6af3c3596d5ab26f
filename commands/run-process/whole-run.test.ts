// A run from its first order to its end, by the real processes and allocators on a log in memory: it is cancelled, or its
// seats are given out late.
import { afterEach, describe, expect, test } from '@jest/globals';
import { runCategory } from '@railhead/domain/train-run/stream.ts';
import { MemoryEventStore } from '@railhead/infra/eventstore/memory/memory-event-store.ts';
import { newEvent, testMeta } from '@railhead/tests/support/events.ts';
import { ManualClock } from '@railhead/tests/support/fixed-clock.ts';
import { MemoryCheckpoints } from '@railhead/tests/support/memory-checkpoints.ts';
import { openedRun, stopsOf } from '@railhead/tests/support/opened-run.ts';
import { writeOrder } from '@railhead/tests/support/order-life.ts';
import { oneSeat } from '@railhead/tests/support/order-request.ts';
import { reservations } from '@railhead/tests/support/reservations.ts';
import { seededRandom } from '@railhead/tests/support/seeded-random.ts';
import { waitUntil } from '@railhead/tests/support/wait-until.ts';
import { AllocatorPool } from '../allocation/allocator-pool.ts';
import { bestFitOnly } from '../allocation/selling-rules.ts';
import { LogAudit } from '../audit/log-audit.ts';
import { cancelRun } from '../inventory/cancel-run.ts';
import { OrderProcess } from '../order-process/order-process.ts';
import { orderSteps } from '../order-process/order-steps.ts';
import { cancelOrder } from '../orders/cancel-order.ts';
import { loadOrder } from '../orders/load-order.ts';
import { createPayment } from '../payments/create-payment.ts';
import { receiveNotice } from '../payments/receive-notice.ts';
import type { PaymentGateway } from '../ports/payment-gateway.ts';
import { RunDirectory } from '../runs/run-directory.ts';
import { RunProcess } from './run-process.ts';

const DATE = '2026-12-01';
const run = { train: 'G1', date: DATE };
const DEPARTS_MS = Date.parse(`${DATE}T00:00:00+08:00`);
const ASSIGN_MINUTES = 60;
/** More than are changed at the same time. */
const ORDERS = 103;
const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

const stopping: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stopping.splice(0)) await stop();
});

/** G1 from A by B to C, with seats for all and two more, on sale the day before it leaves at midnight. */
const railway = async (atomicStreams: boolean, late: boolean) => {
  const store = new MemoryEventStore({ atomicStreams });
  const clock = new ManualClock(DEPARTS_MS - 12 * 3_600_000);
  const data = openedRun({
    ...run,
    stops: stopsOf('A', 'B', 'C'),
    composition: [{ coach: '01', seatClass: 'second', layout: { kind: 'numbers', seats: ORDERS + 2 } }],
    tariff: { ...openedRun().tariff, ratesMilliFenPerKm: { second: 46_000 } },
    ...(late ? { lateAssignment: ['second'] } : {}),
  });
  const event = { ...newEvent(data, 'TrainRunOpened'), version: 2 };
  await store.append([{ stream: runCategory.stream(run), expected: 'noStream', events: [event] }]);
  const runs = new RunDirectory(store);
  const pool = new AllocatorPool(
    {
      store,
      rules: bestFitOnly,
      clock,
      random: seededRandom(1),
      owner: 'one',
      onSaleStopped: (_, detail) => {
        throw new Error(detail);
      },
    },
    runs,
  );
  const refunds: string[] = [];
  const gateway: PaymentGateway = {
    createPayment: async () => ({ payUrl: '' }),
    query: async () => ({ status: 'open' }),
    close: async () => ({ status: 'closed' }),
    refund: async ({ paymentNo }) => {
      refunds.push(paymentNo);
      return { gatewayRef: 'back' };
    },
  };
  const runner = { store, clock, logger: silent };
  // Nobody is to run out of time to pay here.
  const times = { paymentMinutes: 2 * 24 * 60, gatewayGraceMinutes: 0 };
  const steps = orderSteps({
    store,
    pool,
    runs,
    reservations: reservations({ store, clock }),
    gateway,
    clock,
    ...times,
  });
  const orders = new OrderProcess({ ...runner, checkpoints: new MemoryCheckpoints(), steps, checkpointEveryMs: 1_000 });
  const ofRuns = new RunProcess({
    ...runner,
    checkpoints: new MemoryCheckpoints(),
    pool,
    runs,
    assignMinutes: ASSIGN_MINUTES,
  });
  await orders.start();
  await ofRuns.start();
  stopping.push(async () => {
    await orders.stop();
    await ofRuns.stop();
    await pool.close();
    await store.close();
  });

  const placed = async (user: string): Promise<string> => {
    const orderNo = `N${user}`;
    const request = { ...oneSeat, userId: user, to: 2, toStation: { code: 'C', name: 'C' }, faresFen: [9_200] };
    await writeOrder(store, orderNo, [
      { type: 'OrderRequested', version: 1, data: { orderNo, requestHash: 'h', request } },
    ]);
    return orderNo;
  };
  const orderOf = async (orderNo: string) => (await loadOrder(store, orderNo)).order;
  const becomes = (orderNo: string, status: string) =>
    waitUntil(`${orderNo} to be ${status}`, async () => {
      await clock.advance(0);
      return (await orderOf(orderNo)).status === status;
    });
  const pay = async (orderNo: string, userId: string, until = 'SUCCESS'): Promise<void> => {
    await createPayment({ store, clock, gateway }, { orderNo, userId, channel: 'x', correlationId: 'c' });
    const { amountFen } = await orderOf(orderNo);
    await receiveNotice(
      { store, clock },
      { paymentNo: `${orderNo}P1`, outcome: 'paid', version: 1, amountFen, gatewayRef: 'r' },
    );
    await becomes(orderNo, until);
  };
  const numbers: string[] = [];
  for (let n = 0; n < ORDERS; n += 1) numbers.push(await placed(`u${n}`));
  for (const orderNo of numbers) await becomes(orderNo, 'WAIT_PAY');
  const [first = '', second = '', ...others] = numbers;
  await pay(first, 'u0');
  await cancelOrder(
    { store, clock, reservations: reservations({ store, clock }) },
    { orderNo: second, userId: 'u1', correlationId: 'c' },
  );

  const eventsOfRun = async () => store.readStream(runCategory.stream(run));
  const settled = (type: string) =>
    waitUntil(type, async () => {
      await clock.advance(0);
      return (await eventsOfRun()).some((one) => one.type === type);
    });
  const audited = async () => {
    const audit = new LogAudit();
    for (const one of (await store.readAll({ after: 0, limit: 100_000 })).events) audit.add(one);
    return audit.report();
  };
  const cancel = () =>
    cancelRun(
      { store, pool, runs, clock },
      { ...run, operator: 'o', idempotencyKey: 'k', correlationId: 'c', reason: 'snow' },
    );
  /** Nothing is left for the process of runs. */
  const atRest = () =>
    waitUntil('the run to be done with', async () => {
      await clock.advance(0);
      return ofRuns.unfinished === 0;
    });
  return {
    store,
    atRest,
    pool,
    pay,
    clock,
    orders,
    refunds,
    orderOf,
    eventsOfRun,
    settled,
    audited,
    cancel,
    first,
    second,
    others,
    placed,
    becomes,
  };
};

describe.each([
  ['all streams at once', true],
  ['one stream at a time', false],
])('%s', (_, atomicStreams) => {
  test('a cancelled run closes every order that is not over, and all money goes back', async () => {
    const there = await railway(atomicStreams, false);
    expect(await there.cancel()).toMatchObject({ ok: true });
    await there.settled('TrainRunCancellationSettled');
    // Locks of all but the one that was cancelled before.
    expect((await there.eventsOfRun()).at(-1)).toMatchObject({ data: { orders: ORDERS - 1 } });
    await waitUntil('all to be over', async () => {
      await there.clock.advance(0);
      return there.orders.unfinished === 0;
    });
    for (const orderNo of [there.first, ...there.others])
      expect(await there.orderOf(orderNo)).toMatchObject({
        status: 'CLOSED',
        closeReason: 'RUN_CANCELLED',
        closeDetail: `G1 on ${DATE} is cancelled`,
      });
    expect((await there.orderOf(there.second)).closeReason).toBe('CANCELLED');
    expect(there.refunds).toEqual([`${there.first}P1`]);
    await there.atRest();
    expect(await there.audited()).toMatchObject({ violations: [] });
  });

  test('seats are given out late at their minute, each once, to all who still travel', async () => {
    const there = await railway(atomicStreams, true);
    const assignsAt = DEPARTS_MS - ASSIGN_MINUTES * 60_000;
    await there.clock.advance(assignsAt - there.clock.now() - 1);
    expect((await there.eventsOfRun()).map(({ type }) => type)).toEqual(['TrainRunOpened']);
    for (const orderNo of [there.first, ...there.others])
      expect((await there.orderOf(orderNo)).items.map(({ seat }) => seat)).toEqual([undefined]);
    await there.clock.advance(1);
    await there.settled('TrainRunSeatsAssigned');
    expect((await there.eventsOfRun()).at(-1)).toMatchObject({ data: { orders: ORDERS - 1 } });
    const seats = new Set<string | undefined>();
    for (const orderNo of [there.first, ...there.others])
      for (const { coach, seat, fareFen } of (await there.orderOf(orderNo)).items) {
        expect([coach, fareFen]).toEqual(['01', 9_200]);
        seats.add(seat);
      }
    expect(seats.size).toBe(ORDERS - 1);
    expect(seats.has(undefined)).toBe(false);
    expect((await there.orderOf(there.second)).items.map(({ seat }) => seat)).toEqual([undefined]);
    // Nothing is sold from then on.
    const late = await there.placed('late');
    await there.becomes(late, 'CLOSED');
    expect((await there.orderOf(late)).closeReason).toBe('SALE_CLOSED');
    await there.atRest();
    expect(await there.audited()).toMatchObject({ violations: [] });
  });

  test('an order whose lock is gone when it is paid gets no ticket, and its money back', async () => {
    const there = await railway(atomicStreams, false);
    const [orderNo = ''] = there.others;
    const meta = testMeta('by mistake');
    expect(await there.pool.submit({ ...run, seatClass: 'second' }, { kind: 'release', orderNo, meta })).toMatchObject({
      ok: true,
    });
    await there.pay(orderNo, 'u2', 'CLOSED');
    expect(await there.orderOf(orderNo)).toMatchObject({ closeReason: 'TICKETING_FAILED', tickets: [] });
    await waitUntil('the refund', async () => {
      await there.clock.advance(0);
      return there.refunds.length > 0;
    });
    expect(there.refunds).toEqual([`${orderNo}P1`]);
    const types = (await there.store.readStream(`order-${orderNo}`)).map(({ type }) => type);
    expect(types.slice(2)).toEqual(['OrderPaid', 'OrderTicketingStarted', 'OrderTicketingFailed', 'OrderClosed']);
    expect((await there.orderOf(there.first)).tickets).toHaveLength(1);
  });
});
