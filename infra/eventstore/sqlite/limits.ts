// Limits of what the embedded store keeps in memory. Production uses the defaults; tests set small ones.

export type SqliteLimits = {
  /** The most events that wait for the writer; beyond it an append is refused with `STORE_OVERLOADED`. */
  readonly maxWaitingEvents: number;
  /** The most events of one transaction; a single call that is larger goes alone. */
  readonly maxEventsPerCommit: number;
  /** Newest events kept in memory; a subscriber further behind reads from the file. */
  readonly tailEvents: number;
  /** Streams whose last revision the writer remembers; beyond this those unused for longest go, and are read back when needed. */
  readonly maxHeads: number;
};

export const DEFAULT_LIMITS: SqliteLimits = {
  maxWaitingEvents: 400_000,
  maxEventsPerCommit: 8_000,
  tailEvents: 50_000,
  maxHeads: 500_000,
};
