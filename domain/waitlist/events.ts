// The events of a waitlist request: somebody waits for seats that come free, on one of several journeys.
import type { DomainEvent } from '../kernel/event.ts';
import type { Currency, Fen } from '../kernel/money.ts';
import type { SeatClass } from '../kernel/seat-class.ts';
import type { CloseReason, OrderRequest, Passenger } from '../order/events.ts';
import type { WaitlistPriority } from '../waitlist-priorities/priority.ts';

/** One journey that would do. `from` and `to` are stop sequence numbers. */
export type WaitlistChoice = Pick<OrderRequest, 'train' | 'date' | 'from' | 'to' | 'fromStation' | 'toStation'> & {
  readonly seatClass: SeatClass;
  /** One for each passenger, in their order. */
  readonly faresFen: readonly Fen[];
  /** The fares of standing, where the travellers accept to stand and the train sells it. */
  readonly standingFaresFen?: readonly Fen[];
  /** The instant after which no seat of this choice is given out any more, RFC 3339. */
  readonly until: string;
};

/**
 * What somebody waits for. The number of the request is also the number of the order that it becomes when it is served.
 * `prepayFen`: the highest price among the choices, to be paid before `payBefore`; it waits from then on.
 */
export type WaitlistSubmitted = DomainEvent<
  'WaitlistSubmitted',
  {
    readonly waitlistNo: string;
    readonly requestHash: string;
    readonly userId: string;
    /** Names the stream of the user's requests. */
    readonly userKey: string;
    readonly passengers: readonly Passenger[];
    readonly choices: readonly WaitlistChoice[];
    readonly currency: Currency;
    readonly prepayFen: Fen;
    readonly payBefore: string;
    /** RFC 3339. */
    readonly deadline: string;
    readonly acceptStanding: boolean;
    /** Its place among those of the same time; absent where only the time counts. */
    readonly priority?: WaitlistPriority;
  }
>;
export type WaitlistPrepaid = DomainEvent<'WaitlistPrepaid', { readonly paymentNo: string; readonly amountFen: Fen }>;
/**
 * The one decision that serves it: the lock in the book of this class is its own, and its other choices are void.
 * `choice` counts from 0; `seatClass` is that of the choice, or `standing`.
 */
export type WaitlistSeatsLocked = DomainEvent<
  'WaitlistSeatsLocked',
  { readonly choice: number; readonly seatClass: SeatClass; readonly lockId: string }
>;
/** The order of its number has been placed, and has the seats. */
export type WaitlistOrderPlaced = DomainEvent<'WaitlistOrderPlaced', Record<string, never>>;
/** Its order has tickets. */
export type WaitlistServed = DomainEvent<'WaitlistServed', Record<string, never>>;

/**
 * Why it ended without tickets. `UNPAID`: it was never prepaid. `DEADLINE`: no seat came in time. `RUN_CANCELLED`: none of
 * its trains runs. `SALE_CLOSED`: none of its trains is sold any more. The others: what became of its order.
 */
export type WaitlistFailReason = 'UNPAID' | 'DEADLINE' | 'GIVEN_UP' | CloseReason;
export type WaitlistFailed = DomainEvent<'WaitlistFailed', { readonly reason: WaitlistFailReason }>;

export type WaitlistEvent =
  | WaitlistSubmitted
  | WaitlistPrepaid
  | WaitlistSeatsLocked
  | WaitlistOrderPlaced
  | WaitlistServed
  | WaitlistFailed;
