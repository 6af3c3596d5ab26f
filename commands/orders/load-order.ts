import type { Recorded } from '@railhead/domain/kernel/event.ts';
import type { OrderEvent } from '@railhead/domain/order/events.ts';
import { orderCategory } from '@railhead/domain/order/stream.ts';
import { type TrackedOrder, untracked, withOrderEvent } from '../order-process/tracked-order.ts';
import type { EventStore, RecordedEvent } from '../ports/event-store.ts';

/** The events of one order's stream as the order they make; `ABSENT` of none. */
export const foldOrder = (events: readonly RecordedEvent[]): TrackedOrder => {
  let tracked = untracked;
  // The stream holds nothing but order events; the name is ours alone.
  for (const event of events)
    tracked = withOrderEvent(tracked, event as Recorded<OrderEvent> & typeof event, event.revision);
  return tracked;
};

/** The order as the log has it now, without its payments. */
export const loadOrder = async (store: EventStore, orderNo: string): Promise<TrackedOrder> =>
  foldOrder(await store.readStream(orderCategory.stream(orderNo)));
