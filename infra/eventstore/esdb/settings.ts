// How the adapter behaves where the client has no setting of its own. Every wait and every queue has its limit here.

export type EsdbSettings = {
  /** One append without an answer for so long has an unknown outcome. */
  readonly appendTimeoutMs: number;
  /** A read that brings nothing for so long is broken off and begun again where it stood. */
  readonly readTimeoutMs: number;
  /** A call that fails is tried again for so long in all. */
  readonly giveUpAfterMs: number;
  readonly firstBackOffMs: number;
  readonly longestBackOffMs: number;
  /** Appends sent and not answered. */
  readonly maxInFlight: number;
  readonly maxInFlightBytes: number;
  /** Appends that wait for a place in flight; beyond this the caller is told `STORE_OVERLOADED`. */
  readonly maxWaiting: number;
  /** The server's MaxAppendSize: a longer append of many events is sent in parts. */
  readonly maxAppendBytes: number;
  /** Newest events kept for subscribers that keep up. */
  readonly tailEvents: number;
  /** A subscription that is silent for so long while the log has more is begun again. */
  readonly stallAfterMs: number;
  /** Streams whose last revision a subscription remembers, to notice an event that is missing. */
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

/** What happens inside, for whoever counts it. */
export type EsdbObserver = {
  /** One append to one stream was answered. */
  appended(latencyMs: number, events: number): void;
  inFlight(appends: number): void;
  /** Something is tried again: an append, a read, a subscription. */
  retried(what: 'append' | 'read' | 'subscription'): void;
  conflicted(): void;
  /** Nobody knew whether an append was written; the stream was asked. */
  outcomeUnknown(): void;
  clientRenewed(why: string): void;
  /** How far, in the log's own measure, the newest delivered event is behind the newest received. */
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
