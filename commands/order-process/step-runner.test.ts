import { expect, test } from '@jest/globals';
import { accept } from '@railhead/domain/kernel/decision.ts';
import type { OrderRequest } from '@railhead/domain/order/events.ts';
import { orderStream } from '@railhead/domain/order/stream.ts';
import { MemoryEventStore } from '@railhead/infra/eventstore/memory/memory-event-store.ts';
import { realClock } from '@railhead/tests/support/fixed-clock.ts';
import type { Operation } from '../allocation/operation.ts';
import { appendOf } from './order-writer.ts';
import { StepRunner, type StepRunnerDeps } from './step-runner.ts';
import { type TrackedOrder, untracked, withOrderEvent } from './tracked-order.ts';

const meta = { commandId: 'c', correlationId: 'c', causationId: 'c', actor: 'a', at: '2026-11-21T00:00:00Z' };
const stop = (code: string) => ({ code, name: code });
const request: OrderRequest = {
  userId: 'u',
  train: 'G1',
  date: '2026-12-01',
  from: 0,
  to: 1,
  fromStation: stop('A'),
  toStation: stop('B'),
  seatClass: 'second',
  passengers: [{ name: 'n', idType: 'passport', idNo: 'E1', kind: 'adult' }],
  faresFen: [100],
  currency: 'CNY',
  acceptStanding: false,
  acceptSeatChange: false,
};
const requested = { type: 'OrderRequested', version: 1, data: { orderNo: 'O1', requestHash: 'h', request } } as const;
const closed = { type: 'OrderClosed', version: 1, data: { orderNo: 'O1', reason: 'SOLD_OUT', detail: '' } } as const;

/** A process that has just begun reads its own past: what it sees as queued may have ended further on. */
test.each(['closed', 'forgotten'])('seats held for an order that turns out to be %s are given back', async (as) => {
  const store = new MemoryEventStore({ atomicStreams: false });
  await store.append([appendOf(orderStream('O1'), -1, [requested, closed], meta)]);
  const queued = withOrderEvent(untracked, { ...requested, meta }, 0);
  let tracked: TrackedOrder = queued;
  const submitted: Operation['kind'][] = [];
  // The step asks nothing else of pool, runs and gateway.
  const deps = {
    store,
    pool: {
      submit: async (_: unknown, operation: Operation) => {
        submitted.push(operation.kind);
        tracked = as === 'closed' ? withOrderEvent(queued, { ...closed, meta }, 1) : untracked;
        return accept({ lockId: 'L', plan: { orderNo: 'O1', legs: [] } });
      },
    },
    runs: { find: async () => ({ date: '2099-12-01', stops: [{ departs: 600 }, { departs: null }] }) },
    gateway: {},
    clock: realClock,
    utcOffsetMinutes: 480,
    paymentMinutes: 15,
  } as unknown as StepRunnerDeps;
  await new StepRunner(deps).run(() => tracked, { kind: 'assignSeats', seatClass: 'second' });
  expect(submitted).toEqual(['hold', 'release']);
});
