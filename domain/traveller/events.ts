import type { DomainEvent } from '../kernel/event.ts';

/**
 * A document is taken for a journey of this order's ticket, on this run. `from` and `to` are instants, RFC 3339 in the
 * run's zone: the train leaves where the traveller boards, and arrives where they alight. `limit`: the tickets that the
 * document could have for journeys beginning that day; absent where it was not limited, and in streams of other days than
 * the one on which the journey begins. `mayOverlap`: overlapping journeys were allowed. `replaces`: an order whose ticket,
 * of the same document, is exchanged for this one. Written again by a repeated request, it stands for both; `requestMark`
 * tells it from another request under the same number, of which only one becomes the order.
 */
export type JourneyReserved = DomainEvent<
  'JourneyReserved',
  {
    readonly orderNo: string;
    readonly requestMark: string;
    readonly itemNo: number;
    readonly train: string;
    readonly date: string;
    readonly from: string;
    readonly to: string;
    readonly limit?: number;
    readonly mayOverlap?: true;
    readonly replaces?: string;
  }
>;
/** The order has no valid ticket for this journey, and will have none. */
export type JourneyReleased = DomainEvent<'JourneyReleased', { readonly orderNo: string }>;

export type TravellerEvent = JourneyReserved | JourneyReleased;
