import type { Recorded } from '@railhead/domain/kernel/event.ts';
import type { OrderEvent } from '@railhead/domain/order/events.ts';
import { orderStream } from '@railhead/domain/order/stream.ts';
import { type TrackedOrder, untracked, withOrderEvent } from '../order-process/tracked-order.ts';
import type { EventStore } from '../ports/event-store.ts';

/** The order as the log has it now, without its payments; `ABSENT` if there is none. */
export const loadOrder = async (store: EventStore, orderNo: string): Promise<TrackedOrder> => {
  let tracked = untracked;
  // The stream holds nothing but order events; the name is ours alone.
  for (const event of await store.readStream(orderStream(orderNo)))
    tracked = withOrderEvent(tracked, event as Recorded<OrderEvent> & typeof event, event.revision);
  return tracked;
};
