// What the audit can find wrong with a log. A code is for programs and never changes its meaning; the detail is for people.

export type ViolationCode =
  /** Positions do not grow. */
  | 'LOG_ORDER'
  /** A stream lacks a revision or has one twice. */
  | 'STREAM_GAP'
  /** A stream has the same event id twice. */
  | 'EVENT_TWICE'
  /** An event that no fold understands. */
  | 'EVENT_UNREADABLE'
  /** An event names another aggregate than the stream it stands in. */
  | 'STREAM_MISNAMED'
  /** Something is sold on a run that was never opened. */
  | 'RUN_UNKNOWN'
  /** An event that the state of its run, lock book, order or payment does not allow. */
  | 'RUN_BACKWARDS'
  | 'LOCK_BACKWARDS'
  | 'ORDER_BACKWARDS'
  | 'PAYMENT_BACKWARDS'
  /** A seat that is held twice, that the class does not have, or that is given back and was not held. */
  | 'SEAT_TWICE'
  /** A segment says something else of a lock than the lock's plan. */
  | 'HOLD_DIFFERS'
  /** A lock without all its seats, or with others; or one that is not what its order needs. */
  | 'LOCK_BROKEN'
  | 'ORDER_WITHOUT_SEATS'
  | 'SEATS_WITHOUT_ORDER'
  /** The order names other seats, or as many others, than its lock has. */
  | 'ORDER_SEATS_DIFFER'
  /** The run says that seats were given out by name, and an order has none. */
  | 'SEATS_UNNAMED'
  /** An event of an order contradicts what the order, or its run, said before. */
  | 'ORDER_DIFFERS'
  /** A fare that the tariff of the run does not give. */
  | 'FARE_WRONG'
  /** A seat is kept for a payment that may come after the train has left. */
  | 'PAY_AFTER_DEPARTURE'
  | 'TICKET_UNPAID'
  /** An order counts as paid, and its payment does not. */
  | 'ORDER_UNPAID'
  | 'PAYMENT_WITHOUT_ORDER'
  /** A payment of another amount than its order, or a notice or refund of another amount than its payment. */
  | 'AMOUNT_WRONG'
  /** Money goes back that its order still waits for. */
  | 'REFUND_WITHOUT_CAUSE'
  | 'MONEY_MISMATCH'
  /** The cancellation of a run is settled, and an order on it is not closed. */
  | 'CANCELLED_RUN_SERVED'
  /** A lock book is closed while its run goes on, or open when its run is over. */
  | 'BOOK_DIFFERS';

export type Violation = { readonly code: ViolationCode; readonly detail: string };

/** A damaged log has too many violations to list. So many of each code are kept, and no code hides another. */
export const MAX_OF_A_CODE = 50;

/** Collects what one promise finds. */
export class Violations {
  readonly list: Violation[] = [];
  readonly #counts = new Map<ViolationCode, number>();

  add(code: ViolationCode, detail: string): void {
    const count = (this.#counts.get(code) ?? 0) + 1;
    this.#counts.set(code, count);
    if (count <= MAX_OF_A_CODE) this.list.push({ code, detail });
  }
}
