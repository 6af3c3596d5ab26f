// What a use case does when somebody else keeps writing to the same stream, or to the same lock book.

import { describe, expect, test } from '@jest/globals';
import { accept, refuse } from '@railhead/domain/kernel/decision.ts';
import { orderCategory } from '@railhead/domain/order/stream.ts';
import { paymentCategory } from '@railhead/domain/payment/stream.ts';
import { runCategory } from '@railhead/domain/train-run/stream.ts';
import { newEvent } from '@railhead/tests/support/events.ts';
import { ManualClock } from '@railhead/tests/support/fixed-clock.ts';
import { GuidedStore } from '@railhead/tests/support/guided-store.ts';
import { checkpointIn, MemoryCheckpoints } from '@railhead/tests/support/memory-checkpoints.ts';
import { NO_ALLOCATORS } from '@railhead/tests/support/no-allocators.ts';
import { openedRun } from '@railhead/tests/support/opened-run.ts';
import { oneSeat } from '@railhead/tests/support/order-request.ts';
import { reservations } from '@railhead/tests/support/reservations.ts';
import { waitUntil } from '@railhead/tests/support/wait-until.ts';
import type { Allocators, HoldRefusal, Operation } from './allocation/operation.ts';
import { cancelRun } from './inventory/cancel-run.ts';
import { OrderProcess } from './order-process/order-process.ts';
import { orderSteps } from './order-process/order-steps.ts';
import { cancelOrder } from './orders/cancel-order.ts';
import { receiveNotice } from './payments/receive-notice.ts';
import type { PaymentGateway } from './ports/payment-gateway.ts';
import { RunProcess } from './run-process/run-process.ts';
import { RunDirectory } from './runs/run-directory.ts';

const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

const requested = (orderNo: string) => newEvent({ orderNo, requestHash: 'h', request: oneSeat }, 'OrderRequested');
const held = newEvent(
  {
    lockId: 'L',
    items: [{ itemNo: 1, coach: '01', seat: '01A', fareFen: 100 }],
    amountFen: 100,
    currency: 'CNY',
    payBefore: '2026-12-01T00:00:00+08:00',
  },
  'OrderSeatsHeld',
);
const payment = { paymentNo: 'N1P1', orderNo: 'N1', channel: 'sandbox', amountFen: 100, currency: 'CNY' };

const world = async () => {
  const store = new GuidedStore();
  await store.append([
    { stream: orderCategory.stream('N1'), expected: 'noStream', events: [requested('N1'), held] },
    { stream: paymentCategory.stream('N1P1'), expected: 'noStream', events: [newEvent(payment, 'PaymentCreated')] },
    {
      stream: runCategory.stream({ train: 'G1', date: '2026-12-01' }),
      expected: 'noStream',
      events: [newEvent(openedRun(), 'TrainRunOpened')],
    },
  ]);
  return { store, clock: new ManualClock(), runs: new RunDirectory(store) };
};
type World = Awaited<ReturnType<typeof world>>;

const OPERATOR = { train: 'G1', date: '2026-12-01', operator: 'o', idempotencyKey: 'k', correlationId: 'c' };

const USE_CASES = {
  cancelOrder: {
    attempts: 10,
    refusal: 'ORDER_STATE',
    ask: ({ store, clock }: World) =>
      cancelOrder(
        { store, clock, reservations: reservations({ store, clock }) },
        { orderNo: 'N1', userId: 'u', correlationId: 'c' },
      ),
  },
  receiveNotice: {
    attempts: 10,
    refusal: 'PAYMENT_STATE',
    ask: ({ store, clock }: World) =>
      receiveNotice(
        { store, clock },
        { paymentNo: 'N1P1', outcome: 'paid', version: 1, amountFen: 100, gatewayRef: 'r' },
      ),
  },
  cancelRun: {
    attempts: 10,
    refusal: 'CONTENDED',
    ask: ({ store, clock, runs }: World) =>
      cancelRun({ store, clock, runs, pool: NO_ALLOCATORS }, { ...OPERATOR, reason: 'snow' }),
  },
} as const;

describe.each(Object.entries(USE_CASES))('%s', (_, { attempts, refusal, ask }) => {
  test('decides again on what was written meanwhile, up to its limit, and then is refused', async () => {
    for (const refused of [0, 1, attempts - 1]) {
      const there = await world();
      const before = await there.store.lastPosition();
      there.store.refusals = refused;
      expect(await ask(there)).toMatchObject({ ok: true, value: { position: before + 1 } });
    }
    for (const refused of [attempts, attempts + 1]) {
      const there = await world();
      const before = await there.store.lastPosition();
      there.store.refusals = refused;
      expect(await ask(there)).toMatchObject({ ok: false, refusal: { code: refusal } });
      expect(await there.store.lastPosition()).toBe(before);
      expect(there.store.refusals).toBe(refused - attempts);
    }
  });
});

/** Gives operations these refusals one after another; every further one succeeds. */
const poolOf = (answers: HoldRefusal[]) => {
  const asked: Operation[] = [];
  const pool = {
    submit: async (_: unknown, operation: Operation) => {
      asked.push(operation);
      const code = answers.shift();
      return code === undefined
        ? accept({ lockId: 'L', plan: { orderNo: 'N1', epoch: 0, legs: [] } })
        : refuse(code, 'as the test wants it');
    },
    extend: async () => {},
  };
  return { pool, asked };
};

const nobody = () => Promise.reject(new Error('nobody pays here'));
const NOBODY_PAYS: PaymentGateway = {
  createPayment: nobody,
  query: nobody,
  close: async () => ({ status: 'closed' }),
  refund: nobody,
};

const closing = (reason: string) => newEvent({ reason, detail: '' }, 'OrderClosed');

const processOn = (store: GuidedStore, pool: Allocators, clock: ManualClock, checkpoints = new MemoryCheckpoints()) => {
  const times = { paymentMinutes: 15, gatewayGraceMinutes: 0 };
  const deps = {
    store,
    pool,
    runs: new RunDirectory(store),
    gateway: NOBODY_PAYS,
    clock,
    ...times,
    reservations: reservations({ store, clock }),
  };
  const steps = orderSteps(deps);
  return new OrderProcess({ store, checkpoints, steps, clock, logger: silent, checkpointEveryMs: 1_000 });
};

describe('the seats of an order that has ended', () => {
  test.each([
    ['CANCELLED', 'release'],
    ['EXPIRED', 'expire'],
    ['RUN_CANCELLED', 'release'],
    ['TICKETING_FAILED', 'release'],
  ])('are given back after %s, though it is refused at first', async (reason, kind) => {
    const { store, clock } = await world();
    await store.append([{ stream: orderCategory.stream('N1'), expected: 1, events: [closing(reason)] }]);
    const { pool, asked } = poolOf(['CONTENDED', 'SALE_STOPPED', 'CONTENDED']);
    const process = processOn(store, pool, clock);
    await process.start();
    for (let tries = 1; tries <= 4; tries += 1) {
      await waitUntil('the release to be asked for', async () => {
        await clock.advance(tries === 1 ? 0 : 500);
        return asked.length >= tries;
      });
      if (tries < 4) expect(process.unfinished).toBe(1);
    }
    await waitUntil('nothing to be left', () => process.unfinished === 0);
    await clock.advance(120_000);
    expect(asked.map((operation) => [operation.kind, operation.orderNo])).toEqual(
      Array.from({ length: 4 }, () => [kind, 'N1']),
    );
    await process.stop();
  });

  test.each(['SOLD_OUT', 'SALE_STOPPED', 'SALE_CLOSED'])(
    'are none after %s, and nobody asks for them',
    async (reason) => {
      const { store, clock } = await world();
      const events = [requested('N2'), closing(reason)];
      await store.append([{ stream: orderCategory.stream('N2'), expected: 'noStream', events }]);
      const { pool, asked } = poolOf([]);
      const process = processOn(store, pool, clock);
      await process.start();
      await waitUntil('all to be read', async () => process.position === (await store.lastPosition()));
      await clock.advance(10_000);
      expect(asked).toEqual([]);
      expect(process.unfinished).toBe(1);
      await process.stop();
    },
  );
});

describe('a checkpoint', () => {
  test('of orders drops an order that finishes after a restart, and keeps one that does not', async () => {
    const { store, clock } = await world();
    await store.append([{ stream: orderCategory.stream('N2'), expected: 'noStream', events: [requested('N2'), held] }]);
    const position = await store.lastPosition();
    const checkpoints = new MemoryCheckpoints(await checkpointIn(store, position, 'N1', 'N2'));
    const process = processOn(store, poolOf([]).pool, clock, checkpoints);
    await process.start();
    expect(process.unfinished).toBe(2);
    await store.append([{ stream: orderCategory.stream('N1'), expected: 1, events: [closing('CANCELLED')] }]);
    await waitUntil('the first to be finished', () => process.unfinished === 1);
    const last = await store.lastPosition();
    await clock.advance(1_000);
    await waitUntil('the checkpoint', () => checkpoints.current.position === last);
    expect(checkpoints.current).toEqual(await checkpointIn(store, last, 'N2'));
    await process.stop();
    expect(checkpoints.current.unfinished).toEqual(['N2']);
  });

  test('of runs drops a run that finishes after a restart', async () => {
    const { store, clock, runs } = await world();
    const cancelled = newEvent({ reason: 'snow' }, 'TrainRunCancelled');
    await store.append([
      { stream: runCategory.stream({ train: 'G1', date: '2026-12-01' }), expected: 0, events: [cancelled] },
    ]);
    const position = await store.lastPosition();
    const checkpoints = new MemoryCheckpoints(await checkpointIn(store, position, 'G1_2026-12-01'));
    const { pool } = poolOf([]);
    const process = new RunProcess({
      store,
      checkpoints,
      pool,
      runs,
      clock,
      logger: silent,
      assignMinutes: 60,
    });
    await process.start();
    await waitUntil('the settlement', () => process.unfinished === 0);
    await process.stop();
    expect(checkpoints.current.unfinished).toEqual([]);
    expect((await store.readStream(runCategory.stream({ train: 'G1', date: '2026-12-01' }))).at(-1)?.type).toBe(
      'TrainRunCancellationSettled',
    );
  });
});
