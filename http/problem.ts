// Errors as clients see them: RFC 9457 problem details with a stable code. This is the complete list.

const PROBLEMS = {
  INVALID_REQUEST: [400, 'The request is not well formed'],
  BODY_NOT_JSON: [400, 'The body is not JSON'],
  MOMENT_INVALID: [400, 'This is neither a position of the log nor a time'],
  POSITION_INVALID: [400, 'Railhead-Min-Position is not a position'],
  NAME_INVALID: [400, 'Nothing of this kind has such a name'],
  TOKEN_MISSING: [401, 'A bearer token is needed'],
  TOKEN_INVALID: [401, 'The bearer token is not valid'],
  SIGNATURE_INVALID: [401, 'The signature is not valid'],
  FORBIDDEN: [403, 'This is not allowed for your role'],
  NOT_FOUND: [404, 'There is nothing here'],
  TRAIN_NOT_FOUND: [404, 'This train does not run on that date'],
  ORDER_NOT_FOUND: [404, 'There is no such order'],
  USER_NOT_FOUND: [404, 'This user has no orders'],
  WAITLIST_NOT_FOUND: [404, 'There is no such waitlist request'],
  NOT_YET: [404, 'It was not there yet'],
  TICKET_UNKNOWN: [404, 'There is no such ticket'],
  QUEUE_TOKEN_UNKNOWN: [404, 'There is no such queue token'],
  PAYMENT_UNKNOWN: [404, 'There is no such payment'],
  DEAD_LETTER_UNKNOWN: [404, 'There is no such dead letter'],
  READ_MODEL_UNKNOWN: [404, 'There is no such read model'],
  EVENT_UNKNOWN: [404, 'The read model has no such event'],
  RECONCILIATION_UNKNOWN: [404, 'There is no such reconciliation'],
  WITHDRAWAL_NOT_FOUND: [404, 'There is no such withdrawal'],
  METHOD_NOT_ALLOWED: [405, 'This method is not allowed here'],
  REQUEST_TIMEOUT: [408, 'The request did not arrive in time'],
  SOLD_OUT: [409, 'Not enough seats are free'],
  SALE_STOPPED: [409, 'The sale of this class has stopped'],
  SEATS_SOLD: [409, 'Travellers have these seats'],
  LOCK_ENDED: [409, 'This has been ended before'],
  CONTENDED: [409, 'Others keep changing this; try again'],
  RUN_CANCELLED: [409, 'The train does not run on that date'],
  COACH_NUMBER_TAKEN: [409, 'The train has a coach of that number'],
  COACH_WITHDRAWN: [409, 'The coach has left the train'],
  COACH_DIFFERS: [409, 'A coach with this number exists with another layout'],
  ORDER_STATE: [409, "The order's status does not allow this"],
  NOT_REFUNDABLE: [409, 'This cannot be given back, or not any more'],
  NOT_CHANGEABLE: [409, 'This cannot be changed, or not any more'],
  TOO_MANY_CHANGES: [409, 'No further change of this order is accepted'],
  TICKETING_FAILED: [409, 'The tickets could not be issued'],
  TICKET_VOID: [409, 'This ticket is not valid'],
  CHECK_IN_CLOSED: [409, 'Tickets for this journey are not checked in at this time'],
  QUOTE_EXPIRED: [409, 'The quote does not hold any more'],
  PAYMENT_STATE: [409, "The payment's status does not allow this"],
  PAYMENT_ENDED: [409, 'This payment has ended in another way'],
  PAYMENT_EXISTS: [409, 'There is a payment of that number with another amount'],
  PAYMENT_NOT_PAID: [409, 'This payment has not been paid'],
  TOO_MANY_PAYMENTS: [409, 'No further payment of this order is accepted'],
  TOO_MANY_UNPAID: [409, 'Too many of your seats wait for their payment'],
  TOO_MANY_LEFT_OUT: [409, 'The read model leaves out too much already'],
  RECONCILIATION_UNDER_WAY: [409, 'Another reconciliation is being done'],
  REPLAY_UNDER_WAY: [409, 'A generation of the read model is being built already'],
  GENERATION_KEPT: [409, 'A generation of the read model is kept to go back to'],
  NO_REPLAY: [409, 'Nothing is being built beside the read model'],
  NOTHING_KEPT: [409, 'No generation is kept beside the read model'],
  REPLAY_PARTIAL: [409, 'The generation has only a part of the log'],
  REPLAY_UNFINISHED: [409, 'The generation lacks events that the log has'],
  REPLAY_NOT_PARALLEL: [409, 'Several workers cannot build this model'],
  REPLAY_UNVERIFIED: [409, 'The generation was not compared with the log'],
  REPLAY_DIFFERS: [409, 'The generation is not as the log has it'],
  VERIFICATION_UNDER_WAY: [409, 'The generation is being compared already'],
  BUILT_ELSEWHERE: [409, 'Another process builds the generation'],
  NO_ROOM: [409, 'There is no room for another generation'],
  LIMIT_TRAIN: [409, 'You may not have so many tickets for this train and date'],
  LIMIT_DOCUMENT: [409, 'The document has as many tickets for that day as it may'],
  JOURNEY_OVERLAPS: [409, 'The document has another journey at that time'],
  CANCELLED_TOO_OFTEN: [409, 'Too many of your orders of today were not paid'],
  SEATS_FREE: [409, 'There are seats: nobody has to wait'],
  WAITLIST_LIMIT: [409, 'You may not have so many waitlist requests at once'],
  WAITLIST_STATE: [409, "The waitlist request's status does not allow this"],
  QUEUE_TOKEN_INVALID: [409, 'This queue token does not let this order in'],
  QUEUE_CLOSED: [409, 'The queue of this run has ended'],
  RUN_CHANGED: [412, 'The run has changed since it was read'],
  PRECONDITION_FAILED: [412, 'What is there does not meet the condition'],
  BODY_TOO_LARGE: [413, 'The body is too large'],
  MEDIA_TYPE_UNSUPPORTED: [415, 'The body must be JSON'],
  RANGE_NOT_SATISFIABLE: [416, 'There is no such range'],
  EXPECTATION_FAILED: [417, 'What is expected cannot be met'],
  MOMENT_IN_FUTURE: [422, 'The log does not go so far'],
  MOMENTS_BACKWARDS: [422, 'The first moment is after the second one'],
  TOO_MUCH_TO_READ: [422, 'This takes more of the log than one request may read'],
  STATION_UNKNOWN: [422, 'There is no such station'],
  NOT_IN_TIMETABLE: [422, 'The timetable has no such train or station'],
  AMBIGUOUS_STATION: [422, 'Stations of several cities are called so'],
  STATION_NOT_ON_ROUTE: [422, 'The train does not call there'],
  JOURNEY_BACKWARDS: [422, 'The train does not go that way'],
  CLASS_NOT_ON_TRAIN: [422, 'The train has no such seat class'],
  COACH_NOT_ON_TRAIN: [422, 'The train has no such coach'],
  NO_SUCH_SEAT: [422, 'The coach has no such seat'],
  TOO_MANY_COACHES: [422, 'The train would be too long'],
  CLASS_WITHOUT_FARE: [422, 'The tariff of the run has no fare for that class'],
  DATE_OUTSIDE_SALE: [422, 'This date is not on sale'],
  SALE_CLOSED: [422, 'The sale of this journey is over'],
  PASSENGER_COUNT: [422, 'Too few or too many passengers'],
  PASSENGER_TWICE: [422, 'A passenger is named twice'],
  CHOICE_COUNT: [422, 'Too few or too many choices'],
  CHOICE_TWICE: [422, 'A class of a train is named twice'],
  DATES_APART: [422, 'The dates do not follow one another'],
  DEADLINE_INVALID: [422, 'The deadline is too early or too late'],
  IDEMPOTENCY_KEY_REUSED: [422, 'The idempotency key belongs to another request'],
  AMOUNT_MISMATCH: [422, 'The amount is not the one asked for'],
  SALE_NOT_OPEN: [425, 'The sale of this journey is not open yet'],
  QUEUE_REQUIRED: [428, 'The run has a queue'],
  RATE_LIMITED: [429, 'There are too many requests of this kind; ask again later'],
  HEADERS_TOO_LARGE: [431, 'The headers are too large'],
  QUEUE_FULL: [503, 'Too many requests wait for this train'],
  STORAGE_FULL: [503, 'There is no room left to write this'],
  OVERLOADED: [503, 'The system is overloaded'],
  UNAVAILABLE: [503, 'A part of the system is not available'],
  MODEL_BEHIND: [503, 'The read model has not reached that position yet'],
  GATEWAY_UNAVAILABLE: [503, 'The payment gateway does not answer'],
  GATEWAY_REFUSED: [502, 'The payment gateway refused'],
  INTERNAL: [500, 'Something went wrong here'],
} as const satisfies Record<string, readonly [number, string]>;

export type ProblemCode = keyof typeof PROBLEMS;

/** Thrown by handlers, answered as `application/problem+json`. `extra` adds members to the standard ones. */
export class Problem extends Error {
  readonly code: ProblemCode;
  readonly status: number;
  readonly title: string;
  readonly extra: Readonly<Record<string, unknown>>;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    code: ProblemCode,
    detail: string,
    extra: Readonly<Record<string, unknown>> = {},
    headers: Readonly<Record<string, string>> = {},
  ) {
    // A refusal is no fault, so nobody looks where it was thrown; noting that would cost more than the rest of the answer.
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0;
    super(detail);
    Error.stackTraceLimit = stackTraceLimit;
    this.name = 'Problem';
    this.code = code;
    [this.status, this.title] = PROBLEMS[code];
    this.extra = extra;
    // A client that is refused for load learns when to try again.
    this.headers = this.status === 503 ? { 'Retry-After': '1', ...headers } : headers;
  }

  body(instance: string): Record<string, unknown> {
    const { status, title, code } = this;
    // The standard members come last, so that no extra member can replace one.
    return { ...this.extra, type: `urn:railhead:problem:${code}`, title, status, code, detail: this.message, instance };
  }
}

export const problemStatus = (code: ProblemCode): number => PROBLEMS[code][0];
export const problemTitle = (code: ProblemCode): string => PROBLEMS[code][1];
export const isProblemCode = (code: string): code is ProblemCode => Object.hasOwn(PROBLEMS, code);
