import type { DomainEvent } from '../kernel/event.ts';

/** Tickets that are exchanged for those of a new order: both are reserved until one of them has ended. */
export type ReplacedTickets = { readonly orderNo: string; readonly itemNos: readonly number[] };

/**
 * A user takes so many of the tickets that they may have for a train and run date. `limit`: how many they may have.
 * `replaces`: tickets, for the same train and date, that these are exchanged for. Written again by a repeated request, it
 * stands for both; `requestMark` tells it from another request under the same number, of which only one becomes the order.
 */
export type TicketsReserved = DomainEvent<
  'TicketsReserved',
  {
    readonly orderNo: string;
    readonly requestMark: string;
    readonly train: string;
    readonly itemNos: readonly number[];
    readonly limit: number;
    readonly replaces?: ReplacedTickets;
  }
>;
/** The order has no valid tickets of these numbers, and will have none. */
export type TicketsReleased = DomainEvent<
  'TicketsReleased',
  { readonly orderNo: string; readonly itemNos: readonly number[] }
>;
/** An order had seats and was never paid: its buyer cancelled it, or let its time to pay go by. Of the day of its end. */
export type UnpaidOrderEnded = DomainEvent<
  'UnpaidOrderEnded',
  { readonly orderNo: string; readonly reason: 'CANCELLED' | 'EXPIRED' }
>;

export type BuyerEvent = TicketsReserved | TicketsReleased | UnpaidOrderEnded;
