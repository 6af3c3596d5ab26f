import { expect, test } from '@jest/globals';
import { orderStream } from '@railhead/domain/order/stream.ts';
import { MemoryEventStore } from '@railhead/infra/eventstore/memory/memory-event-store.ts';
import { ManualClock, realClock } from '@railhead/tests/support/fixed-clock.ts';
import { oneSeat } from '@railhead/tests/support/order-request.ts';
import { waitUntil } from '@railhead/tests/support/wait-until.ts';
import { loadOrder } from '../orders/load-order.ts';
import type { EventStore } from '../ports/event-store.ts';
import { OrderProcess } from './order-process.ts';
import { appendOf, orderAppend } from './order-writer.ts';
import type { StepRunner } from './step-runner.ts';
import { type TrackedOrder, untracked } from './tracked-order.ts';

const request = oneSeat;

const meta = (commandId: string) => ({
  commandId,
  correlationId: 'c',
  causationId: 'c',
  actor: 'a',
  at: '2026-11-21T00:00:00Z',
});

const ask = (store: EventStore, orderNo: string): Promise<unknown> => {
  const data = { orderNo, requestHash: 'h', request };
  return store.append([
    appendOf(orderStream(orderNo), -1, [{ type: 'OrderRequested', version: 1, data }], meta(`${orderNo}/r`)),
  ]);
};

/** Gives every order the same seat, a minute to pay, and nothing else. */
const seating = (store: EventStore): StepRunner =>
  ({
    run: async (current: () => TrackedOrder, step: { kind: string }): Promise<'seatsReleased' | undefined> => {
      if (step.kind === 'releaseSeats') return 'seatsReleased';
      const { orderNo } = current().order;
      if (step.kind !== 'assignSeats') return undefined;
      const items = [{ itemNo: 1, coach: '01', seat: '01A', fareFen: 100 }];
      const payBefore = new Date(Date.now() + 60_000).toISOString();
      const held = orderAppend(
        current(),
        [{ type: 'HoldSeats', lockId: 'l', items, payBefore, saleEnds: payBefore }],
        meta(`${orderNo}/h`),
      );
      if (held !== undefined) await store.append([held]);
      return undefined;
    },
    // The process calls nothing else of it.
  }) as unknown as StepRunner;

test('goes on deciding while many more orders than it works on at once wait for their payment', async () => {
  const store = new MemoryEventStore();
  const process = new OrderProcess({
    store,
    checkpoints: { load: async () => ({ position: 0, unfinished: [] }), save: async () => {} },
    steps: seating(store),
    clock: realClock,
    logger: { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} },
    checkpointEveryMs: 60_000,
    maxAtWork: 3,
  });
  await process.start();
  for (let n = 0; n < 40; n += 1) await ask(store, `O${n}`);
  await waitUntil('all orders to be seated', async () => (await store.lastPosition()) === 80);
  expect(process.unfinished).toBe(40);
  await process.stop();
});

/** A subscription that brings everything, begins again with the first event, and then breaks. */
const goingBack = (store: EventStore): EventStore =>
  new Proxy(store, {
    get: (target, name) => {
      if (name !== 'subscribe') return Reflect.get(target, name).bind?.(target) ?? Reflect.get(target, name);
      return async function* () {
        yield await target.readAll({ after: 0, limit: 100 });
        yield await target.readAll({ after: 0, limit: 1 });
        throw new Error('the connection broke');
      };
    },
  });

test('a request that comes again long after its order has ended leaves nothing to do', async () => {
  const store = new MemoryEventStore();
  await ask(store, 'O1');
  const { order } = await loadOrder(store, 'O1');
  const closing = { type: 'Close', reason: 'SOLD_OUT', detail: 'no seats' } as const;
  const closed = orderAppend({ ...untracked, order, revision: 0 }, [closing], meta('O1/close'));
  await store.append(closed === undefined ? [] : [closed]);
  const clock = new ManualClock();
  const process = new OrderProcess({
    store: goingBack(store),
    checkpoints: { load: async () => ({ position: 0, unfinished: [] }), save: async () => {} },
    steps: seating(store),
    clock,
    logger: { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} },
    checkpointEveryMs: 60_000,
  });
  await process.start();
  await clock.advance(500);
  expect([process.position, process.unfinished]).toEqual([2, 0]);
});

test('a checkpoint that was saved though it seemed to fail forgets nobody', async () => {
  const store = new MemoryEventStore();
  const clock = new ManualClock();
  const disk = new Set<string>();
  let fails = false;
  const process = new OrderProcess({
    store,
    checkpoints: {
      load: async () => ({ position: 0, unfinished: [] }),
      save: async (_, begun, finished) => {
        for (const name of begun) disk.add(name);
        for (const name of finished) disk.delete(name);
        if (fails) throw new Error('no answer');
      },
    },
    steps: seating(store),
    clock,
    logger: { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} },
    checkpointEveryMs: 1_000,
  });
  await process.start();
  await ask(store, 'O1');
  await clock.advance(1_500);
  expect([...disk]).toEqual(['O1']);
  const closing = { type: 'Close', reason: 'CANCELLED', detail: '' } as const;
  const closed = orderAppend(await loadOrder(store, 'O1'), [closing], meta('O1/close'));
  await store.append(closed === undefined ? [] : [closed]);
  fails = true;
  await clock.advance(1_000);
  expect([...disk]).toEqual([]);
  fails = false;
  // Money comes late: there is something to do again.
  const payment = { paymentNo: 'O1P1', orderNo: 'O1', amountFen: 100 };
  const paid = [
    { type: 'PaymentCreated', version: 1, data: { ...payment, channel: 'c', currency: 'CNY' } },
    { type: 'PaymentSucceeded', version: 1, data: { ...payment, version: 1, gatewayRef: 'r' } },
  ] as const;
  await store.append([appendOf('payment-O1P1', -1, paid, meta('O1P1/paid'))]);
  await clock.advance(2_000);
  expect([process.unfinished, [...disk]]).toEqual([1, ['O1']]);
});

test('begins nothing for an order before it has read what became of it', async () => {
  const store = new MemoryEventStore();
  await ask(store, 'O1');
  const closed = { type: 'OrderClosed', version: 1, data: { reason: 'CANCELLED', detail: '' } } as const;
  await store.append([appendOf(orderStream('O1'), 0, [closed], meta('O1/c'))]);
  const begun: string[] = [];
  const steps = {
    run: async (_: unknown, step: { kind: string }): Promise<'seatsReleased'> => {
      begun.push(step.kind);
      return 'seatsReleased';
    },
    // The process calls nothing else of it.
  } as unknown as StepRunner;
  // One event a batch: the request is read before its end.
  const oneByOne = new Proxy(store, {
    get: (target, name) =>
      name === 'subscribe'
        ? (options: Parameters<EventStore['subscribe']>[0]) => target.subscribe({ ...options, batchSize: 1 })
        : Reflect.get(target, name).bind(target),
  });
  const process = new OrderProcess({
    store: oneByOne,
    checkpoints: { load: async () => ({ position: 0, unfinished: [] }), save: async () => {} },
    steps,
    clock: realClock,
    logger: { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} },
    checkpointEveryMs: 60_000,
  });
  await process.start();
  await waitUntil('the order to be finished', () => process.unfinished === 0 && begun.length > 0);
  expect(begun).toEqual(['releaseSeats']);
  await process.stop();
});
