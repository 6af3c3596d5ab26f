import { expect, test } from '@jest/globals';
import { absentPayment } from '@railhead/domain/payment/fold.ts';
import { MemoryEventStore } from '@railhead/infra/eventstore/memory/memory-event-store.ts';
import { testMeta } from '@railhead/tests/support/events.ts';
import { oneSeat } from '@railhead/tests/support/order-request.ts';
import { type TrackedOrder, untracked } from '../orders/tracked-order.ts';
import { orderAppend, paymentAppend } from './order-writer.ts';

/** An order in the state of a process that has seen nothing but the request. */
const queued: TrackedOrder = {
  ...untracked,
  order: {
    ...untracked.order,
    orderNo: 'A1',
    status: 'QUEUED',
    request: oneSeat,
  },
};
const meta = testMeta('A1/holdSeats');
const refused = orderAppend(queued, [{ type: 'Close', reason: 'SOLD_OUT', detail: 'no seats' }], meta);
const times = { payBefore: '2026-11-21T08:15:00+08:00', saleEnds: '2026-12-01T10:00:00+08:00' };
const items = [{ itemNo: 1, coach: '01', seat: '01A', fareFen: 100 }];
const held = orderAppend(queued, [{ type: 'HoldSeats', lockId: 'A1.1.1', items, ...times }], meta);

test('a step that is run again is recognised by its events', async () => {
  const store = new MemoryEventStore();
  if (refused === undefined) throw new Error('a queued order can be refused');
  expect(await store.append([refused])).toMatchObject([{ ok: true, repeated: false }]);
  expect(await store.append([refused])).toMatchObject([{ ok: true, repeated: true }]);
});

test('a step that is run again and decides otherwise is not taken for its repeat', async () => {
  const store = new MemoryEventStore();
  if (refused === undefined || held === undefined) throw new Error('a queued order can be refused and seated');
  await store.append([refused]);
  expect(await store.append([held])).toMatchObject([{ ok: false, code: 'WRONG_REVISION' }]);
});

test('of a step that may not be done, or changes nothing, nothing is written', () => {
  const close = { type: 'Close', reason: 'EXPIRED', detail: 'd' } as const;
  expect(orderAppend(queued, [close], meta)).toBeUndefined();
  expect(orderAppend(queued, [], meta)).toBeUndefined();
  const paid = {
    revision: 1,
    payment: { ...absentPayment, paymentNo: 'A1P1', amountFen: 5, status: 'SUCCEEDED' },
  } as const;
  const refund = { type: 'RequestRefund', refundNo: 'A1P1R1', amountFen: 5, reason: 'r' } as const;
  expect(paymentAppend(paid, refund, meta)).toMatchObject({ stream: 'payment-A1P1', expected: 1 });
  expect(paymentAppend({ ...paid, payment: { ...paid.payment, status: 'CREATED' } }, refund, meta)).toBeUndefined();
  expect(paymentAppend({ ...paid, payment: { ...paid.payment, status: 'REFUNDED' } }, refund, meta)).toBeUndefined();
});

test('several commands of a step are decided one after another, and written at once behind what is known', () => {
  const paid: TrackedOrder = { ...queued, revision: 4, order: { ...queued.order, status: 'PAID', items } };
  const append = orderAppend(paid, [{ type: 'StartTicketing' }, { type: 'IssueTickets' }], meta);
  expect(append).toMatchObject({
    stream: 'order-A1',
    expected: 4,
    events: [{ type: 'OrderTicketingStarted' }, { type: 'OrderTicketed', data: { tickets: [{ itemNo: 1 }] } }],
  });
  expect(new Set(append?.events.map(({ meta: { commandId } }) => commandId)).size).toBe(2);
  // The second needs the first.
  expect(orderAppend(paid, [{ type: 'IssueTickets' }], meta)).toBeUndefined();
});
