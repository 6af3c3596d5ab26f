// How an event of the log changes the view of an order.
import {
  newOrderView,
  type OrderView,
  viewAfterOrderEvent,
  viewAfterPaymentEvent,
} from '@railhead/commands/orders/order-view.ts';
import type { RecordedEvent } from '@railhead/commands/ports/event-store.ts';
import { NotUnderstood } from '@railhead/commands/streams/understood.ts';
import { orderCategory } from '@railhead/domain/order/stream.ts';
import { paymentCategory } from '@railhead/domain/payment/stream.ts';
import type { ReplayKeys } from '../engine/read-model.ts';

/** Every payment event has its order's number. */
export const orderNoOf = (event: RecordedEvent): string => {
  if (paymentCategory.owns(event)) return event.data.orderNo;
  if (orderCategory.owns(event)) return orderCategory.idOf(event.stream);
  throw new NotUnderstood(event);
};

/** The rows of an order are made of its own events and those of its payments. */
export const byOrder: ReplayKeys = {
  keyOf: orderNoOf,
  // The number of a payment is no promise: its events say of which order it is.
  keyOfStream: (stream) => (orderCategory.holds({ stream }) ? orderCategory.idOf(stream) : undefined),
};

/** Undefined as long as the order has not been requested. */
export const viewAfter = (view: OrderView | undefined, event: RecordedEvent): OrderView | undefined => {
  if (paymentCategory.owns(event)) return view === undefined ? undefined : viewAfterPaymentEvent(view, event);
  if (!orderCategory.owns(event)) return view;
  if (event.type === 'OrderRequested') return newOrderView(event.data.orderNo, event.data.request, event.meta.at);
  return view === undefined ? undefined : viewAfterOrderEvent(view, event);
};
