import { expect, test } from '@jest/globals';
import type { OrderEvent } from '@railhead/domain/order/events.ts';
import { MemoryEventStore } from '@railhead/infra/eventstore/memory/memory-event-store.ts';
import { recorded } from '@railhead/tests/support/events.ts';
import { ManualClock } from '@railhead/tests/support/fixed-clock.ts';
import type { AllocatorPool } from '../allocation/allocator-pool.ts';
import type { Operation } from '../allocation/operation.ts';
import { RunDirectory } from '../runs/run-directory.ts';
import { StepRunner } from './step-runner.ts';
import { untracked, withOrderEvent } from './tracked-order.ts';

const requested: OrderEvent = {
  type: 'OrderRequested',
  version: 1,
  data: {
    orderNo: 'N1',
    requestHash: 'hash',
    request: {
      userId: 'u',
      train: 'G1',
      date: '2026-12-01',
      from: 0,
      to: 1,
      fromStation: { code: 'A', name: 'A' },
      toStation: { code: 'B', name: 'B' },
      seatClass: 'second',
      passengers: [{ name: 'n', idType: 'passport', idNo: 'E1', kind: 'adult' }],
      faresFen: [100],
      currency: 'CNY',
      acceptStanding: true,
      acceptSeatChange: false,
    },
  },
};
const offered: OrderEvent = {
  type: 'OrderOfferedStanding',
  version: 1,
  data: { soldOut: 'second', faresFen: [60] },
};

test('a hold that is decided after its order has gone on to wait for a place to stand is not wanted any more', async () => {
  const store = new MemoryEventStore();
  let order = withOrderEvent(untracked, recorded(requested, 'request'), 0);
  let asked: Operation | undefined;
  const pool = {
    submit: async (_: unknown, operation: Operation) => {
      asked = operation;
      return { ok: false, refusal: { code: 'CONTENDED', detail: '' } };
    },
    // The runner asks nothing else of it here.
  } as unknown as AllocatorPool;
  const gateway = {
    createPayment: () => Promise.reject(new Error('nobody pays here')),
    refund: () => Promise.reject(new Error('nobody pays here')),
  };
  const runner = new StepRunner({
    store,
    pool,
    runs: new RunDirectory(store),
    gateway,
    clock: new ManualClock(),
    utcOffsetMinutes: 480,
    paymentMinutes: 15,
  });
  await runner.run(() => order, { kind: 'assignSeats', seatClass: 'second' });
  if (asked?.kind !== 'hold') throw new Error('seats are asked for by a hold');
  expect(asked.stillWanted?.()).toBe(true);
  order = withOrderEvent(order, recorded(offered, 'offer'), 1);
  expect(asked.stillWanted?.()).toBe(false);
});
