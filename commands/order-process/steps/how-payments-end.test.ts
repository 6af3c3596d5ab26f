// What becomes of an order and its money when the gateway's notices do not come, or come too late.
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { paymentCategory } from '@railhead/domain/payment/stream.ts';
import { MemoryEventStore } from '@railhead/infra/eventstore/memory/memory-event-store.ts';
import { ManualClock } from '@railhead/tests/support/fixed-clock.ts';
import { MemoryCheckpoints } from '@railhead/tests/support/memory-checkpoints.ts';
import { livesOf, PAY_BEFORE, writeOrder } from '@railhead/tests/support/order-life.ts';
import { reservations } from '@railhead/tests/support/reservations.ts';
import { waitUntil } from '@railhead/tests/support/wait-until.ts';
import { LogAudit } from '../../audit/log-audit.ts';
import { cancelOrder } from '../../orders/cancel-order.ts';
import { loadOrder } from '../../orders/load-order.ts';
import { createPayment } from '../../payments/create-payment.ts';
import { receiveNotice } from '../../payments/receive-notice.ts';
import { GatewayError, type PaymentGateway } from '../../ports/payment-gateway.ts';
import { RunDirectory } from '../../runs/run-directory.ts';
import { OrderProcess } from '../order-process.ts';
import { orderSteps } from '../order-steps.ts';

const MINUTE_MS = 60_000;
const GRACE_MINUTES = 10;
const payBeforeMs = Date.parse(PAY_BEFORE);
const [, waiting = []] = livesOf('N1');

/** The gateway as the test sets it. */
let away = false;
let isPaid = false;
let closed = false;
let paidFen = 100;
let calls: string[] = [];
const paid = () => ({ status: 'paid', version: 1, amountFen: paidFen, gatewayRef: 'r' }) as const;
const answering = async <Value>(call: string, answer: () => Value): Promise<Value> => {
  calls.push(call);
  if (away) throw new GatewayError('GATEWAY_UNAVAILABLE', 'away');
  return answer();
};
const gateway: PaymentGateway = {
  createPayment: () => answering('create', () => ({ payUrl: '' })),
  query: () => answering('query', () => (isPaid ? paid() : { status: closed ? 'closed' : 'open' })),
  close: () =>
    answering('close', () => {
      if (isPaid) return paid();
      closed = true;
      return { status: 'closed' };
    }),
  refund: ({ amountFen, refundNo }) => answering(`refund ${refundNo} ${amountFen}`, () => ({ gatewayRef: 'back' })),
};

let store: MemoryEventStore;
let clock: ManualClock;
let orders: OrderProcess;
beforeEach(async () => {
  [away, isPaid, closed, paidFen, calls] = [false, false, false, 100, []];
  store = new MemoryEventStore();
  clock = new ManualClock(payBeforeMs - 15 * MINUTE_MS);
  await writeOrder(store, 'N1', waiting);
  await createPayment(
    { store, gateway, clock },
    { orderNo: 'N1', userId: (await order()).request?.userId ?? '', channel: 'sandbox', correlationId: 'c' },
  );
  calls = [];
  const pool = { submit: async () => ({ ok: true }) as never, extend: () => Promise.reject(new Error('nobody')) };
  const times = { paymentMinutes: 15, gatewayGraceMinutes: GRACE_MINUTES };
  const runs = new RunDirectory(store);
  const released = reservations({ store, clock });
  const steps = orderSteps({ store, clock, gateway, pool, runs, reservations: released, ...times });
  const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
  const checkpoints = new MemoryCheckpoints();
  orders = new OrderProcess({ store, clock, checkpoints, logger: silent, checkpointEveryMs: 1e9, steps });
  await orders.start();
  await waitUntil('the process to have read the log', () => orders.isCaughtUp);
});
afterEach(() => orders.stop());

const order = async () => (await loadOrder(store, 'N1')).order;
const payment = async () =>
  (await store.readStream(paymentCategory.stream('N1P1'))).map(({ type }) => type.replace('Payment', ''));
/** Lets the process work without time passing, until it is so. */
const becomes = (what: string, isSo: () => Promise<boolean> | boolean) =>
  waitUntil(what, async () => {
    await clock.advance(0);
    return isSo();
  });
const at = (ms: number): Promise<void> => clock.advance(ms - clock.now());
const audit = async () => {
  const found = new LogAudit();
  for (const event of (await store.readAll({ after: 0, limit: 1_000 })).events) found.add(event);
  return found.report();
};

describe('given a payment of which no notice came', () => {
  test('when the payer has paid, then asking the gateway pays the order', async () => {
    isPaid = true;
    await clock.advance(29_000);
    expect(calls).toEqual([]);
    await clock.advance(1_000);
    await becomes('the order to be paid', async () => (await order()).paymentNo === 'N1P1');
    expect(await payment()).toEqual(['Created', 'Succeeded']);
  });

  test('when nobody has paid, then the gateway is asked with growing pauses, and the order waits', async () => {
    await at(payBeforeMs - 1_000);
    expect(calls).toEqual(['query', 'query', 'query', 'query']);
    expect(await payment()).toEqual(['Created']);
    expect((await order()).status).toBe('WAIT_PAY');
  });
});

describe('given an order whose time to pay is over', () => {
  test('when the gateway closes the payment, then the order expires', async () => {
    await at(payBeforeMs);
    await becomes('the order to expire', async () => (await order()).status === 'CLOSED');
    expect((await order()).closeReason).toBe('EXPIRED');
    expect(calls.filter((call) => call === 'close')).toHaveLength(1);
    expect(await payment()).toEqual(['Created', 'Closed']);
    await becomes('nothing to be left to do', () => orders.unfinished === 0);
  });

  test('when the gateway says that it is paid, then the order is paid', async () => {
    await at(payBeforeMs - 1);
    isPaid = true;
    await at(payBeforeMs);
    await becomes('the order to be paid', async () => (await order()).paymentNo === 'N1P1');
    expect(await payment()).toEqual(['Created', 'Succeeded']);
  });

  test('when the gateway is away for less than the grace, then the order waits for its answer', async () => {
    away = true;
    await at(payBeforeMs + (GRACE_MINUTES - 1) * MINUTE_MS);
    expect((await order()).status).toBe('WAIT_PAY');
    [away, isPaid] = [false, true];
    await at(payBeforeMs + GRACE_MINUTES * MINUTE_MS);
    await becomes('the order to be paid', async () => (await order()).paymentNo === 'N1P1');
  });

  test('when the gateway is away for longer, then the order expires, and money that had come goes back', async () => {
    away = true;
    isPaid = true;
    await at(payBeforeMs + GRACE_MINUTES * MINUTE_MS + 30_000);
    await becomes('the order to expire', async () => (await order()).closeReason === 'EXPIRED');
    await clock.advance(60 * MINUTE_MS);
    expect(await payment()).toEqual(['Created']);
    expect((await audit()).pending.payments).toBe(1);
    expect(orders.ofUnknownEnd).toBe(1);
    away = false;
    await clock.advance(31 * MINUTE_MS);
    await becomes('the refund', async () => (await payment()).includes('Refunded'));
    expect(await payment()).toEqual(['Created', 'Succeeded', 'RefundRequested', 'Refunded']);
    expect(calls).toContain('refund N1P1R1 100');
    expect((await audit()).pending.payments).toBe(0);
    expect(orders.ofUnknownEnd).toBe(0);
    await becomes('nothing to be left to do', () => orders.unfinished === 0);
  });

  test('when the gateway contradicts a newer notice, then it is not believed, and the order expires', async () => {
    const decline = { paymentNo: 'N1P1', outcome: 'declined', version: 2, amountFen: 100, gatewayRef: 'r' } as const;
    await receiveNotice({ store, clock }, decline);
    isPaid = true;
    await at(payBeforeMs);
    await becomes('the order to expire', async () => (await order()).closeReason === 'EXPIRED');
    expect(await payment()).toEqual(['Created', 'Declined']);
    expect((await audit()).pending.payments).toBe(1);
  });

  test('when the gateway calls another amount paid, then that is written down as refused, and the order expires', async () => {
    await at(payBeforeMs - 1);
    [isPaid, paidFen] = [true, 99];
    await at(payBeforeMs);
    await becomes('the order to expire', async () => (await order()).closeReason === 'EXPIRED');
    expect(await payment()).toEqual(['Created', 'NoticeRefused']);
    expect((await audit()).refusedNotices).toEqual({ count: 1, paidFen: 99 });
  });
});

test('given a cancelled order, when its open payment was paid all the same, then the money goes back', async () => {
  isPaid = true;
  const userId = (await order()).request?.userId ?? '';
  await cancelOrder(
    { store, clock, reservations: reservations({ store, clock }) },
    { orderNo: 'N1', userId, correlationId: 'c' },
  );
  await becomes('the refund', async () => (await payment()).includes('Refunded'));
  // The notice comes at last; it changes nothing.
  const { status: outcome, ...rest } = paid();
  await receiveNotice({ store, clock }, { paymentNo: 'N1P1', outcome, ...rest });
  expect(await payment()).toEqual(['Created', 'Succeeded', 'RefundRequested', 'Refunded']);
});
