import type { DomainEvent } from '../kernel/event.ts';

/**
 * An order uses the place of its buyer in the queue of a run, which is good for one order. `user`: the key that stands for
 * the buyer. Written again by a repeated request, it stands for both; `requestMark` tells it from another request under the
 * same number, of which only one becomes the order.
 */
export type QueuePlaceUsed = DomainEvent<
  'QueuePlaceUsed',
  { readonly orderNo: string; readonly requestMark: string; readonly user: string }
>;
/** The request has become no order: it was refused after it had written that it uses the place. */
export type QueuePlaceReturned = DomainEvent<'QueuePlaceReturned', { readonly orderNo: string }>;

export type QueuePlaceEvent = QueuePlaceUsed | QueuePlaceReturned;
