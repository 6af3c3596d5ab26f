// What the embedded store holds in memory at most. Production uses the defaults; a test makes them small.

export type SqliteLimits = {
  /** Events that wait for the writer; beyond this an append is refused with `STORE_OVERLOADED`. */
  readonly maxWaitingEvents: number;
  /** Events of one transaction; a single larger call goes alone. */
  readonly maxEventsPerCommit: number;
  /** Newest events kept as objects; a subscriber further behind reads from the file. */
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
