import { describe, expect, test } from '@jest/globals';
import { sumFen } from '@railhead/domain/kernel/money.ts';
import { orderCategory } from '@railhead/domain/order/stream.ts';
import { paymentCategory } from '@railhead/domain/payment/stream.ts';
import { MemoryEventStore } from '@railhead/infra/eventstore/memory/memory-event-store.ts';
import { storedHistories } from '@railhead/tests/support/clean-logs.ts';
import { newEvent } from '@railhead/tests/support/events.ts';
import { writeOrder } from '@railhead/tests/support/order-life.ts';
import { oneSeat } from '@railhead/tests/support/order-request.ts';
import type { RecordedEvent } from '../ports/event-store.ts';
import { type ReadNotification, readNotifications } from './read-notifications.ts';

const storeOf = async (log: readonly RecordedEvent[]): Promise<MemoryEventStore> => {
  const store = new MemoryEventStore();
  for (const { stream, id, type, version, data, meta } of log) {
    const event = { id, type, version, data, meta } as RecordedEvent; // what an append looks at
    await store.append([{ stream, expected: 'any', events: [event] }]);
  }
  return store;
};

const allOf = async (store: MemoryEventStore, limit: number): Promise<readonly ReadNotification[]> => {
  const all: ReadNotification[] = [];
  for (let after = 0; ; ) {
    const { notifications, next, atEnd } = await readNotifications(store, { after, limit });
    all.push(...notifications);
    if (atEnd) return all;
    expect(next).toBeGreaterThan(after);
    after = next;
  }
};

describe('of the stored histories', () => {
  const told = Promise.all(
    storedHistories().map(async (log) => {
      const store = await storeOf(log);
      return { log, all: await allOf(store, 1_000), onePage: await allOf(store, 7) };
    }),
  );

  test('the same is told in pages of any size, each once, in the order of the log', async () => {
    for (const { all, onePage } of await told) {
      expect(onePage).toEqual(all);
      expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
      const positions = all.map(({ position }) => position);
      expect(positions).toEqual([...positions].sort((a, b) => a - b));
    }
  });

  test('whoever pays, gets tickets, or loses an order is told, and of what they must do by when', async () => {
    const kinds = new Set<string>();
    for (const { log, all } of await told) {
      for (const { kind } of all) kinds.add(kind);
      const count = (type: string): number => log.filter((event) => event.type === type).length;
      const toldOf = (kind: string): number => all.filter((one) => one.kind === kind).length;
      expect(toldOf('TICKETED')).toBe(count('OrderTicketed'));
      expect(toldOf('REFUNDED')).toBe(count('OrderRefunded'));
      expect(toldOf('CHANGED')).toBe(count('OrderChanged'));
      for (const one of all) {
        expect([one.kind, one.items.length > 0 || one.kind !== 'TICKETED']).toEqual([one.kind, true]);
        if (one.kind === 'HELD') expect(Date.parse(one.payBefore ?? '')).not.toBeNaN();
        if (one.kind === 'TICKETED')
          for (const item of one.items) expect(item.ticketNo).toBe(`${one.orderNo}T${item.itemNo}`);
        if (one.kind === 'CHANGED') expect(one.newOrderNo).toBeDefined();
      }
    }
    for (const kind of ['HELD', 'PAID', 'TICKETED', 'REFUNDED', 'CHANGED', 'EXPIRED', 'RUN_CANCELLED', 'SOLD_OUT'])
      expect(kinds).toContain(kind);
  });

  test('whoever loses tickets with their train is told the sum that comes back, as their payments have it', async () => {
    let count = 0;
    for (const { log, all } of await told)
      for (const { orderNo, amountFen, items } of all.filter(({ kind }) => kind === 'RUN_CANCELLED')) {
        if (!items.some(({ ticketNo }) => ticketNo !== undefined)) continue;
        const backFen = log
          .filter((event) => paymentCategory.owns(event))
          .flatMap(({ type, data }) => (type === 'PaymentRefundRequested' ? [data] : []))
          .filter(({ refundNo, reason }) => refundNo.startsWith(orderNo) && reason === 'order closed: RUN_CANCELLED');
        expect([orderNo, amountFen]).toEqual([orderNo, sumFen(backFen.map((one) => one.amountFen))]);
        count += 1;
      }
    expect(count).toBeGreaterThan(0);
  });
});

test('a stream that a newer version has written to is passed over, and the others are told', async () => {
  const store = new MemoryEventStore();
  const life = [
    { type: 'OrderRequested', version: 1, data: { orderNo: 'N1', requestHash: 'h', request: oneSeat } },
    { type: 'OrderClosed', version: 1, data: { reason: 'SOLD_OUT', detail: 'full' } },
  ] as const;
  await writeOrder(store, 'N1', life);
  await writeOrder(store, 'N2', life);
  await store.append([
    { stream: orderCategory.stream('N1'), expected: 'any', events: [newEvent({}, 'OrderUpgraded')] },
  ]);
  const { notifications, atEnd } = await readNotifications(store, { after: 0, limit: 100 });
  expect(atEnd).toBe(true);
  expect(notifications.map(({ position, kind, detail }) => [position, kind, detail])).toEqual([
    [4, 'SOLD_OUT', 'full'],
  ]);
});

test('whoever has no tickets yet when their train is cancelled is told no sum', async () => {
  const store = new MemoryEventStore();
  const items = [{ itemNo: 1, coach: '01', seat: '01A', fareFen: 100 }];
  await writeOrder(store, 'N1', [
    { type: 'OrderRequested', version: 1, data: { orderNo: 'N1', requestHash: 'h', request: oneSeat } },
    {
      type: 'OrderSeatsHeld',
      version: 1,
      data: { lockId: 'L', items, amountFen: 100, currency: 'CNY', payBefore: '2026-12-01T00:00:00+08:00' },
    },
    { type: 'OrderClosed', version: 1, data: { reason: 'RUN_CANCELLED', detail: 'snow' } },
  ]);
  const { notifications } = await readNotifications(store, { after: 0, limit: 10 });
  expect(notifications.map(({ kind, amountFen }) => [kind, amountFen])).toEqual([
    ['HELD', 100],
    ['RUN_CANCELLED', undefined],
  ]);
});

test('nobody’s name or document is in it', async () => {
  const store = new MemoryEventStore();
  const [someone] = oneSeat.passengers;
  const passengers = [
    { ...someone, name: 'Zacharias Quitt', idType: 'passport', idNo: 'P98765432', kind: 'adult' },
  ] as const;
  const items = [{ itemNo: 1, coach: '01', seat: '01A', fareFen: 100 }];
  const payBefore = '2026-12-01T00:00:00+08:00';
  await writeOrder(store, 'N1', [
    {
      type: 'OrderRequested',
      version: 1,
      data: { orderNo: 'N1', requestHash: 'h', request: { ...oneSeat, passengers } },
    },
    { type: 'OrderSeatsHeld', version: 1, data: { lockId: 'L', items, amountFen: 100, currency: 'CNY', payBefore } },
  ]);
  const { notifications } = await readNotifications(store, { after: 0, limit: 10 });
  expect(notifications).toMatchObject([{ kind: 'HELD', userId: oneSeat.userId, payBefore, amountFen: 100 }]);
  expect(JSON.stringify(notifications)).not.toMatch(/Zacharias|P98765432/);
});
