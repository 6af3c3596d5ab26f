import { describe, expect, test } from '@jest/globals';
import { orderCategory } from '@railhead/domain/order/stream.ts';
import { MemoryEventStore } from '@railhead/infra/eventstore/memory/memory-event-store.ts';
import { ManualClock } from '@railhead/tests/support/fixed-clock.ts';
import { livesOf, statusAfter, writeOrder } from '@railhead/tests/support/order-life.ts';
import { oneSeat } from '@railhead/tests/support/order-request.ts';
import { reservations } from '@railhead/tests/support/reservations.ts';
import { cancelOrder } from './cancel-order.ts';

const orderNo = 'N1';
const clock = new ManualClock(Date.parse('2026-11-25T12:00:00+08:00'));
const cancel = (store: MemoryEventStore, userId = oneSeat.userId) =>
  cancelOrder(
    { store, clock, reservations: reservations({ store, clock }) },
    { orderNo, userId, correlationId: 'asked' },
  );

describe('an order that its buyer cancels', () => {
  test.each(
    livesOf(orderNo).map(
      (events) => [[...new Set([statusAfter(events), events.at(-1)?.type])].join(' by '), events] as const,
    ),
  )('%s', async (_, events) => {
    const store = new MemoryEventStore();
    await writeOrder(store, orderNo, events);
    const stream = orderCategory.stream(orderNo);
    const status = statusAfter(events);
    const last = events.at(-1);
    const cancelled = await cancel(store);
    const written = (await store.readStream(stream)).slice(events.length);
    if (status === 'QUEUED' || status === 'WAIT_PAY') {
      expect(cancelled).toMatchObject({ ok: true, value: { changed: true, position: events.length + 1 } });
      expect(written).toMatchObject([
        {
          type: 'OrderClosed',
          data: { reason: 'CANCELLED' },
          meta: { commandId: `${orderNo}/cancel`, actor: oneSeat.userId, correlationId: 'asked' },
        },
      ]);
      // Asked again, it is cancelled already.
      expect(await cancel(store)).toMatchObject({ ok: true, value: { changed: false, position: 0 } });
    } else {
      expect(written).toEqual([]);
      expect(cancelled).toMatchObject(
        last?.type === 'OrderClosed' && last.data.reason === 'CANCELLED'
          ? { ok: true, value: { changed: false } }
          : { ok: false, refusal: { code: 'ORDER_STATE', extra: { orderStatus: status } } },
      );
    }
  });

  test('is unknown where there is none, and to every other user', async () => {
    const store = new MemoryEventStore();
    expect(await cancel(store)).toMatchObject({ ok: false, refusal: { code: 'ORDER_NOT_FOUND' } });
    for (const events of livesOf(orderNo)) {
      const one = new MemoryEventStore();
      await writeOrder(one, orderNo, events);
      expect(await cancel(one, 'somebody')).toMatchObject({ ok: false, refusal: { code: 'ORDER_NOT_FOUND' } });
      expect(await one.lastPosition()).toBe(events.length);
    }
  });
});
