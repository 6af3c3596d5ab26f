// The life of an order of one seat, event by event, and an order in any status it can have.

import type { EventStore } from '@railhead/commands/ports/event-store.ts';
import type { OrderEvent } from '@railhead/domain/order/events.ts';
import { absentOrder, evolve, type OrderStatus } from '@railhead/domain/order/fold.ts';
import { orderCategory } from '@railhead/domain/order/stream.ts';
import { newEvent, recorded } from './events.ts';
import { oneSeat } from './order-request.ts';

export const PAY_BEFORE = '2026-11-25T12:15:00.000+08:00';

const requested = (orderNo: string): OrderEvent => ({
  type: 'OrderRequested',
  version: 1,
  data: { orderNo, requestHash: 'h', request: oneSeat },
});
const held: OrderEvent = {
  type: 'OrderSeatsHeld',
  version: 1,
  data: {
    lockId: 'l',
    items: [{ itemNo: 1, coach: '01', seat: '1A', fareFen: 100 }],
    amountFen: 100,
    currency: 'CNY',
    payBefore: PAY_BEFORE,
  },
};
const paid: OrderEvent = { type: 'OrderPaid', version: 1, data: { paymentNo: 'p', amountFen: 100 } };
const started: OrderEvent = { type: 'OrderTicketingStarted', version: 1, data: {} };
const ticketed: OrderEvent = { type: 'OrderTicketed', version: 1, data: { tickets: [{ itemNo: 1, ticketNo: 't' }] } };
const failed: OrderEvent = { type: 'OrderTicketingFailed', version: 1, data: { reason: 'r' } };
export const closed = (reason: Extract<OrderEvent, { type: 'OrderClosed' }>['data']['reason']): OrderEvent => ({
  type: 'OrderClosed',
  version: 1,
  data: { reason, detail: 'd' },
});

/** Events that bring an order into each status. */
export const livesOf = (orderNo: string): readonly (readonly OrderEvent[])[] => {
  const waiting = [requested(orderNo), held];
  return [
    [requested(orderNo)],
    waiting,
    [...waiting, paid],
    [...waiting, paid, started],
    [...waiting, paid, started, ticketed],
    [...waiting, paid, started, failed],
    [requested(orderNo), closed('SOLD_OUT')],
    [...waiting, closed('EXPIRED')],
    [...waiting, closed('CANCELLED')],
  ];
};

export const statusAfter = (events: readonly OrderEvent[]): OrderStatus =>
  events.reduce((order, event) => evolve(order, recorded(event)), absentOrder).status;

export const writeOrder = async (store: EventStore, orderNo: string, events: readonly OrderEvent[]): Promise<void> => {
  const news = events.map(({ type, data }) => newEvent(data, type));
  await store.append([{ stream: orderCategory.stream(orderNo), expected: 'noStream', events: news }]);
};
