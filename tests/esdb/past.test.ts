// The past in EventStoreDB, whose positions have gaps: moments by position and by time, and what is shown then.
import { expect, test } from '@jest/globals';
import type { RecordedEvent } from '@railhead/commands/ports/event-store.ts';
import { orderCategory } from '@railhead/domain/order/stream.ts';
import { pagesOf, viewOf } from '@railhead/infra/eventstore/log-view.ts';
import { viewAfter } from '@railhead/projections/orders/view-after.ts';
import { diffRailway } from '@railhead/projections/past/diff-railway.ts';
import { momentOf } from '@railhead/projections/past/moment.ts';
import { shownOrder } from '@railhead/projections/past/past-order.ts';
import { ordersInLog } from '@railhead/projections/past/past-user.ts';
import { orderAt, userAt } from '@railhead/projections/past/things.ts';
import { anyEventStore } from '../support/any-eventstore.ts';
import { closeAfterEach } from '../support/esdb-world.ts';
import { eventsOfHistory } from '../support/stored-histories.ts';

closeAfterEach();

const isOfOrder = (orderNo: string) => (event: RecordedEvent) =>
  event.stream === `order-${orderNo}` || event.stream.startsWith(`payment-${orderNo}P`);

test('a moment by position and by time, and an order then', async () => {
  const { store } = await anyEventStore();
  for (const { stream, revision, position: _, ...event } of eventsOfHistory('004-tickets-given-back'))
    await store.append([{ stream, expected: revision === 0 ? 'noStream' : revision - 1, events: [event] }]);
  const { events } = await store.readAll({ after: 0, limit: 1_000 });
  const ofOrders = events.filter((event) => orderCategory.owns(event));
  const now = { nowMs: Date.parse('2999-01-01T00:00:00Z'), zone: 'Asia/Shanghai' };
  for (const log of [store, pagesOf(viewOf(store))]) {
    const past = { log, orders: ordersInLog(log) };
    for (const event of ofOrders.filter((_, index) => index % 5 === 0)) {
      const moment = await momentOf(log, String(event.position), now);
      if (!moment.ok) throw new Error(moment.refusal.detail);
      const orderNo = orderCategory.idOf(event.stream);
      const view = events
        .filter(({ position }) => position <= event.position)
        .filter(isOfOrder(orderNo))
        .reduce<ReturnType<typeof viewAfter>>(viewAfter, undefined);
      if (view === undefined) throw new Error('it has an event there');
      const shown = shownOrder(view);
      expect(await orderAt(past, orderNo, moment.value)).toMatchObject({ ok: true, value: { shown, last: event } });
      const user = await userAt(past, view.userId, moment.value, { limit: 1_000 });
      expect(user).toMatchObject({ ok: true, value: { shown: { orders: expect.arrayContaining([shown]) } } });

      const byTime = await momentOf(log, event.meta.at, now);
      const ms = Date.parse(event.meta.at);
      const later = events.findIndex(({ meta }) => Date.parse(meta.at) > ms);
      const before = events[(later === -1 ? events.length : later) - 1]?.position ?? 0;
      expect(byTime).toMatchObject({ ok: true, value: { position: before } });
    }
    const end = await momentOf(log, undefined, now);
    const begin = await momentOf(log, '0', now);
    const between = await momentOf(log, String((events[9]?.position ?? 0) + 1), now);
    if (!end.ok || !begin.ok || !between.ok) throw new Error('these are moments');
    const whole = await diffRailway(log, { from: begin.value, to: end.value, limit: 10 });
    expect(whole).toMatchObject({ ok: true, value: { events: events.length } });
    const nowhere = await diffRailway(log, { from: between.value, to: end.value, limit: 10 });
    expect(nowhere).toMatchObject({ ok: false, refusal: { code: 'MOMENT_INVALID' } });
  }
}, 60_000);
