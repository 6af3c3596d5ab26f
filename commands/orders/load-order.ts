import { orderCategory } from '@railhead/domain/order/stream.ts';
import type { EventStore, RecordedEvent } from '../ports/event-store.ts';
import { foldStream } from '../streams/load.ts';
import { type TrackedOrder, untracked } from './tracked-order.ts';

/** Folds the events of one order's stream; with no events the order is `ABSENT`. */
export const foldOrder = (events: readonly RecordedEvent[]): TrackedOrder => {
  const { state, revision } = foldStream(orderCategory, events);
  return { ...untracked, order: state, revision };
};

/** The order as the log has it now, without its payments. */
export const loadOrder = async (store: EventStore, orderNo: string): Promise<TrackedOrder> =>
  foldOrder(await store.readStream(orderCategory.stream(orderNo)));
