import type { ChangedItem } from '../change/fees.ts';
import type { PassengerKind } from '../fare/fare.ts';
import type { DomainEvent } from '../kernel/event.ts';
import type { Currency, Fen } from '../kernel/money.ts';
import type { SeatClass } from '../kernel/seat-class.ts';
import type { RefundedItem } from '../refund/fees.ts';
import type { StationCode } from '../timetable/timetable.ts';

export type IdType = 'idCard' | 'passport' | 'residencePermit';

/** A traveller as the buyer named them. `wants` is a seat preference (`window`, `A`, `lower`, …). */
export type Passenger = {
  readonly name: string;
  readonly idType: IdType;
  readonly idNo: string;
  readonly kind: PassengerKind;
  readonly wants?: string;
};

/**
 * What the buyer asked for. `from` and `to` are stop sequence numbers; `faresFen` are in the order of the passengers.
 */
export type OrderRequest = {
  readonly userId: string;
  readonly train: string;
  readonly date: string;
  readonly from: number;
  readonly to: number;
  readonly fromStation: { readonly code: StationCode; readonly name: string };
  readonly toStation: { readonly code: StationCode; readonly name: string };
  readonly seatClass: SeatClass;
  readonly passengers: readonly Passenger[];
  readonly faresFen: readonly Fen[];
  readonly currency: Currency;
  readonly acceptStanding: boolean;
  readonly acceptSeatChange: boolean;
  /** The tickets of this order take the place of others. */
  readonly change?: TicketsBefore;
  /** The order of a waitlist request of its number, which has the seats and the money already. */
  readonly waitlist?: PrepaidBefore;
};

/** What was prepaid for an order: at least its price. What is left over goes back once its tickets are issued. */
export type PrepaidBefore = { readonly paymentNo: string; readonly channel: string; readonly prepaidFen: Fen };

/**
 * The tickets that an order's own will replace, and the money that goes over from them. What is due for the order is
 * `payFen`, not the sum of its fares.
 */
export type TicketsBefore = {
  readonly changeNo: string;
  readonly orderNo: string;
  /** The payment that bought them. */
  readonly paymentNo: string;
  readonly payFen: Fen;
  /** Part of what was or will be paid, and no worth of the new tickets. */
  readonly feeFen: Fen;
  readonly carriedFen: Fen;
  /** They were changed so shortly before their train that the new ones are never given back without a fee. */
  readonly changedLate: boolean;
  /** They were changed after their train had left: the new ones are not given back at all. */
  readonly changedAfterDeparture?: true;
};

/**
 * One passenger's part of an order. `itemNo` counts from 1; the seat is named as in the train. A standing passenger has
 * no seat. Where seats are assigned late, the passenger has none yet.
 */
export type OrderItem = {
  readonly itemNo: number;
  readonly coach?: string;
  readonly seat?: string;
  readonly fareFen: Fen;
  /** Where the passenger has to change seats: the stop, and the seat from there. */
  readonly changes?: readonly SeatChangeAt[];
};

export type SeatChangeAt = { readonly at: StationCode; readonly coach: string; readonly seat: string };

export type Ticket = { readonly itemNo: number; readonly ticketNo: string };

/**
 * Why an order ended without a valid ticket. `REFUNDED`: its tickets were given back, and their money. `CHANGED`: the last
 * of its tickets was changed to one of another order. `LIMIT_TRAIN`, `LIMIT_DOCUMENT`, `JOURNEY_OVERLAPS`: it was placed
 * for a change, and its people may not have these tickets besides those they have.
 */
export type CloseReason =
  | 'SOLD_OUT'
  | 'EXPIRED'
  | 'CANCELLED'
  | 'TICKETING_FAILED'
  | 'SALE_STOPPED'
  | 'SALE_CLOSED'
  | 'RUN_CANCELLED'
  | 'REFUNDED'
  | 'CHANGED'
  | 'LIMIT_TRAIN'
  | 'LIMIT_DOCUMENT'
  | 'JOURNEY_OVERLAPS'
  | 'TICKETS_VOID';

/** `requestHash` tells a repeated request from a different one with the same idempotency key. */
export type OrderRequested = DomainEvent<
  'OrderRequested',
  { readonly orderNo: string; readonly requestHash: string; readonly request: OrderRequest }
>;
/** The class asked for is sold out and the buyer accepts to stand: the order now asks for standing, at these fares. */
export type OrderOfferedStanding = DomainEvent<
  'OrderOfferedStanding',
  { readonly soldOut: SeatClass; readonly faresFen: readonly Fen[] }
>;
/** Late assignment: the seats of an order that was sold by count. */
export type OrderSeatsAssigned = DomainEvent<'OrderSeatsAssigned', { readonly items: readonly OrderItem[] }>;
/** Seats are held; the order waits for payment until `payBefore` (RFC 3339). */
export type OrderSeatsHeld = DomainEvent<
  'OrderSeatsHeld',
  {
    readonly lockId: string;
    readonly items: readonly OrderItem[];
    readonly amountFen: Fen;
    readonly currency: Currency;
    readonly payBefore: string;
  }
>;
export type OrderPaid = DomainEvent<'OrderPaid', { readonly paymentNo: string; readonly amountFen: Fen }>;
export type OrderTicketingStarted = DomainEvent<'OrderTicketingStarted', Record<string, never>>;
export type OrderTicketed = DomainEvent<'OrderTicketed', { readonly tickets: readonly Ticket[] }>;
export type OrderTicketingFailed = DomainEvent<'OrderTicketingFailed', { readonly reason: string }>;
/**
 * Tickets are given back and are void from here on; then their seats are free, then the money goes back. `table`: the
 * version of the fees, and each item names the rule that applied to it.
 */
export type OrderRefundRequested = DomainEvent<
  'OrderRefundRequested',
  {
    readonly refundNo: string;
    readonly items: readonly RefundedItem[];
    readonly feeFen: Fen;
    readonly refundFen: Fen;
    readonly currency: Currency;
    readonly table: string;
    /** The instant that the fees are of, RFC 3339. */
    readonly quotedAt: string;
  }
>;
/** The seats of these tickets are free, and the money is back. */
export type OrderRefunded = DomainEvent<'OrderRefunded', { readonly refundNo: string }>;
/**
 * Tickets are to be changed: another order is placed with `request`, and these stay valid until that one has its seats and
 * its money. Meanwhile nothing else may happen to them.
 */
export type OrderChangeRequested = DomainEvent<
  'OrderChangeRequested',
  {
    readonly changeNo: string;
    readonly newOrderNo: string;
    readonly requestHash: string;
    readonly request: OrderRequest & { readonly change: TicketsBefore };
    readonly items: readonly ChangedItem[];
    readonly feeFen: Fen;
    readonly refundFen: Fen;
    readonly isOtherDestination: boolean;
    readonly table: string;
    /** The instant that the fees are of, RFC 3339. */
    readonly quotedAt: string;
  }
>;
/** From here on the tickets of the new order are valid and these are void: the one decision of a change. */
export type OrderChanged = DomainEvent<'OrderChanged', { readonly changeNo: string }>;
/** The new order ended without tickets; these stay what they were. */
export type OrderChangeDropped = DomainEvent<'OrderChangeDropped', { readonly changeNo: string }>;
/** The seats of the void tickets are free, and what is due of their money is back. */
export type OrderChangeSettled = DomainEvent<'OrderChangeSettled', { readonly changeNo: string }>;
/** A traveller is on the train, or past the gate: the ticket cannot be given back or changed any more. */
export type OrderTicketUsed = DomainEvent<'OrderTicketUsed', { readonly itemNo: number }>;
export type OrderClosed = DomainEvent<'OrderClosed', { readonly reason: CloseReason; readonly detail: string }>;

export type OrderEvent =
  | OrderRequested
  | OrderOfferedStanding
  | OrderSeatsHeld
  | OrderSeatsAssigned
  | OrderPaid
  | OrderTicketingStarted
  | OrderTicketed
  | OrderTicketingFailed
  | OrderRefundRequested
  | OrderRefunded
  | OrderChangeRequested
  | OrderChanged
  | OrderChangeDropped
  | OrderChangeSettled
  | OrderTicketUsed
  | OrderClosed;
