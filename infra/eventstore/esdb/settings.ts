// How the adapter behaves where the client has no setting of its own. Every wait and every queue has its limit here.

export type EsdbSettings = {
  /** After so long without an answer, the outcome of an append is unknown. */
  readonly appendTimeoutMs: number;
  /** After so long without an event, a read is cancelled and continued where it was. */
  readonly readTimeoutMs: number;
  /** A failing call is repeated for so long in all. */
  readonly giveUpAfterMs: number;
  readonly firstBackOffMs: number;
  readonly longestBackOffMs: number;
  /** The most appends sent and not answered. */
  readonly maxInFlight: number;
  readonly maxInFlightBytes: number;
  /** The most appends that wait for a place in flight; beyond it the caller gets `STORE_OVERLOADED`. */
  readonly maxWaiting: number;
  /** The server's MaxAppendSize, which counts data alone; a longer append of many events is sent in parts. */
  readonly maxAppendBytes: number;
  /** Newest events kept in memory for subscribers that keep up. */
  readonly tailEvents: number;
  /** After so long without an event while the log has more, a subscription is started again. */
  readonly stallAfterMs: number;
  /** Streams whose last revision a subscription remembers, to notice a missing event. */
  readonly watchedStreams: number;
};

export const DEFAULT_SETTINGS: EsdbSettings = {
  appendTimeoutMs: 5_000,
  readTimeoutMs: 10_000,
  giveUpAfterMs: 30_000,
  firstBackOffMs: 50,
  longestBackOffMs: 5_000,
  maxInFlight: 1_000,
  maxInFlightBytes: 32 * 1024 * 1024,
  maxWaiting: 50_000,
  maxAppendBytes: 1024 * 1024,
  tailEvents: 20_000,
  stallAfterMs: 10_000,
  watchedStreams: 50_000,
};

/** Called when something happens inside the adapter; metrics count it. */
export type EsdbObserver = {
  /** One append to one stream was answered. */
  appended(latencyMs: number, events: number): void;
  inFlight(appends: number): void;
  /** An append, a read or a subscription is tried again. */
  retried(what: 'append' | 'read' | 'subscription'): void;
  conflicted(): void;
  /** An append had an unknown outcome, so its stream was read. */
  outcomeUnknown(): void;
  clientRenewed(why: string): void;
  /** How far the newest delivered event is behind the newest received, as a difference of positions. */
  lagged(positions: number): void;
};

export const NO_OBSERVER: EsdbObserver = {
  appended: () => {},
  inFlight: () => {},
  retried: () => {},
  conflicted: () => {},
  outcomeUnknown: () => {},
  clientRenewed: () => {},
  lagged: () => {},
};
