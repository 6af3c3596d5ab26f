// The sale's rules of waiting (ticketing-architecture 8).

/** Nothing is given out later than so long before the train leaves the stop where one boards. */
export const WAITLIST_LAST_MINUTES = 20;
/** Nobody waits longer. */
export const WAITLIST_LONGEST_DAYS = 7;
/** Requests of a user. */
export const WAITING_AT_ONCE = 2;
