import { beforeEach, describe, expect, test } from '@jest/globals';
import type { OrderEvent } from '@railhead/domain/order/events.ts';
import { orderCategory } from '@railhead/domain/order/stream.ts';
import { REFUND_TABLE } from '@railhead/domain/refund/fees.ts';
import { runCategory } from '@railhead/domain/train-run/stream.ts';
import { MemoryEventStore } from '@railhead/infra/eventstore/memory/memory-event-store.ts';
import { newEvent } from '@railhead/tests/support/events.ts';
import { ManualClock } from '@railhead/tests/support/fixed-clock.ts';
import { openedRun, stopsOf } from '@railhead/tests/support/opened-run.ts';
import { oneSeat } from '@railhead/tests/support/order-request.ts';
import { RunDirectory } from '../runs/run-directory.ts';
import { loadOrder } from './load-order.ts';
import { quoteTickets, type RefundTickets, refundTickets } from './refund-tickets.ts';

const HOUR_MS = 3_600_000;
const DATE = '2026-12-10';
/** Boards at the second stop, an hour after the train has left its first one. */
const stops = stopsOf('ST0', 'ST1', 'ST2').map((stop, index) => ({
  ...stop,
  departs: index === 2 ? null : 600 + index * 60,
}));
const DEPARTS_MS = Date.parse(`${DATE}T11:00:00+08:00`);
const passengers = ['E1', 'E2', 'E3'].map((idNo) => ({
  name: 'Ada',
  idType: 'passport' as const,
  idNo,
  kind: 'adult' as const,
}));
const request = {
  ...oneSeat,
  train: 'G1',
  date: DATE,
  from: 1,
  to: 2,
  passengers,
  faresFen: [10_000, 10_000, 5_000],
};
const items = request.faresFen.map((fareFen, index) => ({
  itemNo: index + 1,
  coach: '01',
  seat: `1${index}`,
  fareFen,
}));
const sold: readonly OrderEvent[] = [
  { type: 'OrderRequested', version: 1, data: { orderNo: 'N1', requestHash: 'h', request } },
  {
    type: 'OrderSeatsHeld',
    version: 1,
    data: { lockId: 'N1.1.1', items, amountFen: 25_000, currency: 'CNY', payBefore: '2026-12-01T10:00:00+08:00' },
  },
  { type: 'OrderPaid', version: 1, data: { paymentNo: 'N1P1', amountFen: 25_000 } },
  { type: 'OrderTicketingStarted', version: 1, data: {} },
  {
    type: 'OrderTicketed',
    version: 1,
    data: { tickets: items.map(({ itemNo }) => ({ itemNo, ticketNo: `N1T${itemNo}` })) },
  },
];

let store: MemoryEventStore;
let clock: ManualClock;
const write = (stream: string, events: readonly { type: string; version: number; data: unknown }[]) =>
  store.append([
    {
      stream,
      expected: 'any',
      events: events.map(({ type, version, data }) => ({ ...newEvent(data as object, type), version })),
    },
  ]);
const deps = () => ({ store, clock, runs: new RunDirectory(store), table: REFUND_TABLE });
const at = (beforeMs: number): void => {
  clock = new ManualClock(DEPARTS_MS - beforeMs);
};
beforeEach(async () => {
  store = new MemoryEventStore();
  at(30 * HOUR_MS);
  const run = openedRun({ train: 'G1', date: DATE, stops, composition: [] });
  await write(runCategory.stream({ train: 'G1', date: DATE }), [{ type: 'TrainRunOpened', version: 2, data: run }]);
  await write(orderCategory.stream('N1'), sold);
});

const asked = { orderNo: 'N1', userId: request.userId };
const refund = (changes: Partial<RefundTickets> = {}) =>
  refundTickets(deps(), { ...asked, idempotencyKey: 'k1', correlationId: 'c1', ...changes });
const refundsNow = async () => (await loadOrder(store, 'N1')).order.refunds.map(({ refundNo }) => refundNo);

describe('a quote', () => {
  test.each([
    ['two hours before the train leaves its first stop, which is a day and an hour before ours', 25 * HOUR_MS, 2_500],
    ['when the train leaves its first stop, and has not left ours', HOUR_MS, 5_000],
  ])('is of the stop where the travellers board: %s', async (_, beforeMs, feeFen) => {
    at(beforeMs);
    const quote = await quoteTickets(deps(), asked);
    expect(quote).toMatchObject({ ok: true, value: { feeFen, refundFen: 25_000 - feeFen, currency: 'CNY' } });
  });

  test('is of the tickets that are named, or of all that are left', async () => {
    expect(await quoteTickets(deps(), { ...asked, itemNos: [3] })).toMatchObject({
      value: { items: [{ itemNo: 3, fareFen: 5_000, feeFen: 500, refundFen: 4_500, rule: 'FROM_24_HOURS' }] },
    });
    await refund({ itemNos: [1] });
    expect(await quoteTickets(deps(), asked)).toMatchObject({ value: { items: [{ itemNo: 2 }, { itemNo: 3 }] } });
  });

  test.each([
    ['of an order that is not there', { orderNo: 'N2' }, 'ORDER_NOT_FOUND'],
    ['of another one’s order', { userId: 'eve' }, 'ORDER_NOT_FOUND'],
    ['of a ticket that is not there', { itemNos: [1, 9] }, 'NOT_REFUNDABLE'],
  ])('%s is refused', async (_, changes, code) => {
    expect(await quoteTickets(deps(), { ...asked, ...changes })).toMatchObject({ ok: false, refusal: { code } });
    expect(await refund(changes)).toMatchObject({ ok: false, refusal: { code } });
  });

  test('is not to be had once the train has left, nor of a train that is cancelled', async () => {
    at(0);
    for (const answer of [await quoteTickets(deps(), asked), await refund()])
      expect(answer).toMatchObject({ ok: false, refusal: { code: 'NOT_REFUNDABLE' } });
    at(HOUR_MS);
    await write(runCategory.stream({ train: 'G1', date: DATE }), [
      { type: 'TrainRunCancelled', version: 1, data: { reason: 'storm' } },
    ]);
    expect(await refund()).toMatchObject({ ok: false, refusal: { code: 'RUN_CANCELLED' } });
  });
});

describe('a refund', () => {
  test('is what was quoted, and is written with its table and its instant', async () => {
    const quote = await quoteTickets(deps(), { ...asked, itemNos: [1, 2] });
    if (!quote.ok) throw new Error(quote.refusal.detail);
    const done = await refund({ itemNos: [1, 2], quotedFen: quote.value.refundFen });
    expect(done).toMatchObject({ ok: true, value: { refund: { refundNo: 'N1R1', feeFen: 2_000, refundFen: 18_000 } } });
    const [event] = (await store.readStream('order-N1')).slice(-1);
    expect(event).toMatchObject({
      type: 'OrderRefundRequested',
      data: { refundNo: 'N1R1', table: 'CN-1', quotedAt: '2026-12-09T05:00:00.000+08:00', currency: 'CNY' },
      meta: { actor: request.userId },
    });
  });

  test('of another amount than was quoted is not made', async () => {
    const late = await refund({ quotedFen: 25_000 });
    expect(late).toMatchObject({
      ok: false,
      refusal: { code: 'QUOTE_EXPIRED', extra: { refundFen: 22_500, feeFen: 2_500 } },
    });
    expect(await refundsNow()).toEqual([]);
  });

  test('under the same key is the same refund, however late it comes again', async () => {
    const first = await refund({ itemNos: [1] });
    at(-HOUR_MS);
    const again = await refund({ itemNos: [1] });
    expect(first.ok && again.ok && again.value.refund).toEqual(first.ok && first.value.refund);
    expect(await refundsNow()).toEqual(['N1R1']);
  });

  test('asked for twice at once is made once', async () => {
    const answers = await Promise.all(
      ['k1', 'k2', 'k3'].map((idempotencyKey) => refund({ itemNos: [2], idempotencyKey })),
    );
    expect(answers.filter(({ ok }) => ok)).toHaveLength(1);
    for (const answer of answers)
      if (!answer.ok) expect(['NOT_REFUNDABLE', 'CONTENDED']).toContain(answer.refusal.code);
    expect(await refundsNow()).toEqual(['N1R2']);
  });

  test('of single tickets leaves the others; of the last one ends the order', async () => {
    await refund({ itemNos: [2], idempotencyKey: 'k2' });
    await refund({ itemNos: [1, 3], idempotencyKey: 'k13' });
    expect(await refundsNow()).toEqual(['N1R2', 'N1R1']);
    expect((await loadOrder(store, 'N1')).order.status).toBe('REFUND');
    expect(await refund({ idempotencyKey: 'k9' })).toMatchObject({ ok: false, refusal: { code: 'NOT_REFUNDABLE' } });
  });
});
