// The violations that the audit can find. A code is for programs and never changes its meaning; the detail is for
// people.

/** What the events of a log show. */
export type AuditCode =
  /** Positions do not grow. */
  | 'LOG_ORDER'
  /** A stream lacks a revision or has one twice. */
  | 'STREAM_GAP'
  /** A stream has the same event id twice. */
  | 'EVENT_TWICE'
  /** An event that no fold understands. */
  | 'EVENT_UNREADABLE'
  /** The data of an event names another aggregate than its stream. */
  | 'STREAM_MISNAMED'
  /** A sale on a run that was never opened. */
  | 'RUN_UNKNOWN'
  /** An event that the state of its run, lock book, order or payment does not allow. */
  | 'RUN_BACKWARDS'
  | 'LOCK_BACKWARDS'
  | 'ORDER_BACKWARDS'
  | 'PAYMENT_BACKWARDS'
  /** A seat is held twice, does not exist in the class, or is released without being held. */
  | 'SEAT_TWICE'
  /** A hold on a segment differs from its lock's plan. */
  | 'HOLD_DIFFERS'
  /** A lock has too few seats, has others, or does not fit the state of its order. */
  | 'LOCK_BROKEN'
  | 'ORDER_WITHOUT_SEATS'
  | 'SEATS_WITHOUT_ORDER'
  /** The order's seats are not those of its lock, in name or in number. */
  | 'ORDER_SEATS_DIFFER'
  /** The run says that late assignment is done, and an order has no seats. */
  | 'SEATS_UNNAMED'
  /** An event of an order contradicts what the order or its run said before. */
  | 'ORDER_DIFFERS'
  /** A fare that does not follow from the run's tariff. */
  | 'FARE_WRONG'
  /** A refund keeps back another fee than its table says. */
  | 'FEE_WRONG'
  /** A change and the order that was placed for it contradict each other. */
  | 'CHANGE_DIFFERS'
  /** Tickets are valid, and so are those that they were changed to. */
  | 'TICKET_TWICE'
  /** The time to pay ends after the train has left. */
  | 'PAY_AFTER_DEPARTURE'
  | 'TICKET_UNPAID'
  /** An order counts as paid, and its payment did not succeed. */
  | 'ORDER_UNPAID'
  | 'PAYMENT_WITHOUT_ORDER'
  /** A payment and its order have different amounts, or a notice or refund and its payment. */
  | 'AMOUNT_WRONG'
  /** A refund of a payment that its order still needs. */
  | 'REFUND_WITHOUT_CAUSE'
  | 'MONEY_MISMATCH'
  /** The cancellation of a run is settled, and an order with seats on it is not closed. */
  | 'CANCELLED_RUN_SERVED'
  /** A lock book is closed while its run is on sale, or open although the run is settled or its seats are assigned. */
  | 'BOOK_DIFFERS'
  /** A user or a document has more reserved than the limit, or a document two journeys at one time. */
  | 'LIMIT_EXCEEDED'
  /** An event of a reservation that what was reserved before does not allow. */
  | 'RESERVATION_BACKWARDS'
  /** A reservation that is not what its order is for, or under the key of somebody else. */
  | 'RESERVATION_DIFFERS'
  /** A ticket stands, and what was reserved for it is not. */
  | 'RESERVATION_BROKEN'
  /** An event that the state of a waitlist request does not allow. */
  | 'WAITLIST_BACKWARDS'
  /** A waitlist request contradicts its lock, its order or its place in a line. */
  | 'WAITLIST_DIFFERS'
  /** Somebody got seats past somebody who waited for them before. */
  | 'OVERTAKEN'
  /** The order of a waiting room does not follow from a seed that was committed to. */
  | 'SEED_DIFFERS'
  /** Somebody is admitted who does not wait, or was admitted before, or has two places in a queue. */
  | 'QUEUE_BACKWARDS'
  /** A place in a queue lets in an order before it is admitted, or two, or one of another run. */
  | 'QUEUE_PLACE_MISUSED';

/** `EVENT_ALTERED`: an event is not what was written, by its checksum in the store. */
export type ViolationCode = AuditCode | 'EVENT_ALTERED';

export type Violation = { readonly code: ViolationCode; readonly detail: string };

/** A damaged log has too many violations to list: this many of each code are kept, and no code hides another. */
export const MAX_OF_A_CODE = 50;

/** Collects the findings of one promise. */
export class Violations {
  readonly list: Violation[] = [];
  readonly #counts = new Map<ViolationCode, number>();

  add(code: ViolationCode, detail: string): void {
    const count = (this.#counts.get(code) ?? 0) + 1;
    this.#counts.set(code, count);
    if (count <= MAX_OF_A_CODE) this.list.push({ code, detail });
  }
}
