import { expect, test } from '@jest/globals';
import { accept, refuse } from '@railhead/domain/kernel/decision.ts';
import type { OrderEvent } from '@railhead/domain/order/events.ts';
import { MemoryEventStore } from '@railhead/infra/eventstore/memory/memory-event-store.ts';
import { newEvent, recorded } from '@railhead/tests/support/events.ts';
import { ManualClock } from '@railhead/tests/support/fixed-clock.ts';
import { NO_ALLOCATORS } from '@railhead/tests/support/no-allocators.ts';
import { openedRun } from '@railhead/tests/support/opened-run.ts';
import { oneSeat } from '@railhead/tests/support/order-request.ts';
import { reservations } from '@railhead/tests/support/reservations.ts';
import type { Allocators, LockOutcome, Operation } from '../../allocation/operation.ts';
import { type TrackedOrder, untracked, withOrderEvent } from '../../orders/tracked-order.ts';
import type { EventStore } from '../../ports/event-store.ts';
import { RunDirectory } from '../../runs/run-directory.ts';
import type { OrderStepDeps } from '../order-step.ts';
import { holdSeats } from './hold-seats.ts';

const requested: OrderEvent = {
  type: 'OrderRequested',
  version: 1,
  data: {
    orderNo: 'N1',
    requestHash: 'hash',
    request: { ...oneSeat, acceptStanding: true },
  },
};
const offered: OrderEvent = {
  type: 'OrderOfferedStanding',
  version: 1,
  data: { soldOut: 'second', faresFen: [60] },
};

type Submit = Allocators['submit'];

/** The step's dependencies, with an allocator that answers as the test says. */
const depsOn = async (store: EventStore, submit: (operation: Operation) => LockOutcome): Promise<OrderStepDeps> => {
  await store.append([
    { stream: 'trainRun-G1_2026-12-01', expected: 'noStream', events: [newEvent(openedRun(), 'TrainRunOpened')] },
  ]);
  const nobody = () => Promise.reject(new Error('nobody pays here'));
  const answer: Submit = async (_, operation) => submit(operation);
  const clock = new ManualClock();
  return {
    store,
    pool: { ...NO_ALLOCATORS, submit: answer },
    reservations: reservations({ store, clock }),
    runs: new RunDirectory(store),
    gateway: { createPayment: nobody, query: nobody, close: nobody, refund: nobody },
    clock,
    paymentMinutes: 15,
    gatewayGraceMinutes: 0,
  };
};

test('a hold is not wanted any more once its order has gone on to wait for a place to stand', async () => {
  let order = withOrderEvent(untracked, recorded(requested, 'request'), 0);
  let asked: Operation | undefined;
  const deps = await depsOn(new MemoryEventStore(), (operation) => {
    asked = operation;
    return refuse('CONTENDED', '');
  });
  await holdSeats.run({ deps, key: 'second', current: () => order });
  if (asked?.kind !== 'hold') throw new Error('seats are asked for by a hold');
  expect(asked.order?.isWaiting()).toBe(true);
  order = withOrderEvent(order, recorded(offered, 'offer'), 1);
  expect(asked.order?.isWaiting()).toBe(false);
});

test('an order for a run that is not there is closed', async () => {
  const store = new MemoryEventStore();
  await store.append([
    { stream: 'order-N1', expected: 'noStream', events: [newEvent(requested.data, 'OrderRequested')] },
  ]);
  const order = withOrderEvent(untracked, recorded(requested, 'request'), 0);
  const deps = {
    ...(await depsOn(store, () => refuse('SALE_STOPPED', 'not on sale'))),
    runs: new RunDirectory(new MemoryEventStore()),
  };
  await holdSeats.run({ deps, key: 'second', current: () => order });
  expect((await store.readStream('order-N1')).at(-1)).toMatchObject({
    type: 'OrderClosed',
    data: { reason: 'SALE_STOPPED' },
  });
});

const closed: OrderEvent = { type: 'OrderClosed', version: 1, data: { reason: 'SOLD_OUT', detail: '' } };

/** During catch-up a process may see an order as queued although a later event has ended it. */
test.each(['closed', 'forgotten'])('seats held for an order that turns out to be %s are given back', async (as) => {
  const store = new MemoryEventStore({ atomicStreams: false });
  const events = [newEvent(requested.data, 'OrderRequested'), newEvent(closed.data, 'OrderClosed')];
  await store.append([{ stream: 'order-N1', expected: 'noStream', events }]);
  const queued = withOrderEvent(untracked, recorded(requested), 0);
  let tracked: TrackedOrder = queued;
  const submitted: Operation['kind'][] = [];
  const deps = await depsOn(store, (operation) => {
    submitted.push(operation.kind);
    tracked = as === 'closed' ? withOrderEvent(queued, recorded(closed, 'close'), 1) : untracked;
    return accept({ lockId: 'L', plan: { orderNo: 'N1', epoch: 0, legs: [] } });
  });
  await holdSeats.run({ deps, key: 'second', current: () => tracked });
  expect(submitted).toEqual(['hold', 'release']);
});
