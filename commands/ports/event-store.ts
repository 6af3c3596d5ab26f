// The event store as the rest of Railhead sees it. Every adapter passes tests/contract/event-store.contract.ts.
import type { AnyEvent, EventMeta } from '@railhead/domain/kernel/event.ts';

/** A position in the whole log. Positions grow, beginning with 1; 0 is before the first event. Gaps are allowed. */
export type Position = number;

/** Revisions of a stream count from 0. A number demands that the stream's last revision is exactly that. */
export type ExpectedRevision = number | 'noStream' | 'exists' | 'any';

/** `id` is a UUID derived from the command, so that a repeated command writes the same ids. */
export type NewEvent = AnyEvent & { readonly id: string; readonly meta: EventMeta };

export type StreamAppend = {
  readonly stream: string;
  readonly expected: ExpectedRevision;
  readonly events: readonly NewEvent[];
};

/**
 * `revision` and `position` are those of the last event. `repeated`: the same event ids were at that place already, so
 * nothing was written. `actual` is the stream's last revision, -1 if the stream does not exist. `NOT_ATTEMPTED`:
 * another stream of the same atomic batch was refused, so nothing was written to this one.
 */
export type AppendResult =
  | { readonly ok: true; readonly revision: number; readonly position: Position; readonly repeated: boolean }
  | { readonly ok: false; readonly code: 'WRONG_REVISION'; readonly actual: number }
  | { readonly ok: false; readonly code: 'NOT_ATTEMPTED' };

export type RecordedEvent = NewEvent & {
  readonly stream: string;
  readonly revision: number;
  readonly position: Position;
};

/** All events up to and including `position` have been delivered or filtered out. */
export type EventBatch = {
  readonly events: readonly RecordedEvent[];
  readonly position: Position;
  readonly caughtUp: boolean;
};

export type ReadStreamOptions = {
  readonly from?: number;
  readonly limit?: number;
  readonly direction?: 'forwards' | 'backwards';
};

export type ReadAllOptions = {
  readonly after: Position;
  readonly limit: number;
  readonly categories?: readonly string[] | undefined;
};

export type SubscribeOptions = {
  readonly after: Position;
  readonly categories?: readonly string[];
  readonly batchSize?: number;
  readonly signal?: AbortSignal;
};

export type EventStoreCapabilities = {
  /** `append(…, { atomic: true })` writes all streams or none. */
  readonly atomicStreams: boolean;
  /** The log survives the end of the process. */
  readonly durable: boolean;
};

export type EventStoreErrorCode =
  | 'STORE_CLOSED'
  | 'STORE_FULL'
  | 'STORE_UNAVAILABLE'
  | 'STORE_OVERLOADED'
  | 'STORE_IN_USE'
  | 'STORE_TOO_NEW'
  | 'STORE_CORRUPT'
  | 'STORE_MISCONFIGURED'
  | 'STORE_ACCESS_DENIED'
  | 'STREAM_DELETED'
  | 'EVENT_NOT_UNDERSTOOD'
  | 'OUTCOME_UNKNOWN'
  | 'BAD_STREAM_NAME'
  | 'BAD_EVENT'
  | 'EVENT_TOO_LARGE'
  | 'BATCH_TOO_LARGE'
  | 'ATOMIC_NOT_SUPPORTED';

/** An infrastructure failure. Unless the code is `OUTCOME_UNKNOWN`, nothing of the call was written. */
export class EventStoreError extends Error {
  readonly code: EventStoreErrorCode;
  constructor(code: EventStoreErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'EventStoreError';
    this.code = code;
  }
}

export interface EventStore {
  readonly capabilities: EventStoreCapabilities;
  /**
   * Appends in the order given; results are in the same order. Durable when the promise resolves. A refused revision is
   * a result, not an exception. The same stream may occur more than once. In an atomic call an append may have no events:
   * nothing is written to its stream, and nothing at all unless the stream is as expected.
   */
  append(appends: readonly StreamAppend[], options?: { readonly atomic?: boolean }): Promise<readonly AppendResult[]>;
  /** Events of one stream in order of revision; none for an unknown stream. */
  readStream(stream: string, options?: ReadStreamOptions): Promise<readonly RecordedEvent[]>;
  /** A page of the whole log in global order. */
  readAll(options: ReadAllOptions): Promise<EventBatch>;
  /** Every event after a position, in order, once each, while the caller iterates; ends when aborted or closed. */
  subscribe(options: SubscribeOptions): AsyncIterable<EventBatch>;
  lastPosition(): Promise<Position>;
  /** The event at this position; undefined where none stands. */
  eventAt(position: Position): Promise<RecordedEvent | undefined>;
  /**
   * Tells the event at this position from any that stood there in another history: of another log, or of this one
   * before a backup was put back. Undefined where no event stands. Whoever keeps a position keeps this with it.
   */
  fingerprintAt(position: Position): Promise<string | undefined>;
  /**
   * Asks whoever keeps the log for something small; rejects if the log cannot be used. Absent where `lastPosition` asks
   * them.
   */
  ping?(): Promise<unknown>;
  close(): Promise<void>;
}

/** Ids follow from commands, and a command may be repeated in another history; then its instant differs. */
export const fingerprintOf = ({ id, meta }: Pick<RecordedEvent, 'id' | 'meta'>): string => `${id}@${meta.at}`;

/** Does the log have at this position what it had when the position was kept? Before the first event nothing can differ. */
export const bearsOut = async (
  log: Pick<EventStore, 'fingerprintAt'>,
  { position, fingerprint }: { readonly position: Position; readonly fingerprint: string },
): Promise<boolean> => position === 0 || (fingerprint !== '' && (await log.fingerprintAt(position)) === fingerprint);

/** Data of one event, serialised, may have so many bytes. */
export const MAX_EVENT_BYTES = 1024 * 1024;
/** The most events of one append call, over all its streams. */
export const MAX_EVENTS_PER_CALL = 20_000;

/** `category-id`. Subscriptions filter by the category. */
const STREAM_NAME = /^[A-Za-z][A-Za-z0-9]{0,63}-[A-Za-z0-9][A-Za-z0-9_.:-]{0,191}$/;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

export const categoryOf = (stream: string): string => stream.slice(0, stream.indexOf('-'));

const assertStreamName = (stream: string): void => {
  if (!STREAM_NAME.test(stream)) throw new EventStoreError('BAD_STREAM_NAME', `not a stream name: ${stream}`);
};

/**
 * Every adapter refuses these before anything is sent: bad names, ids and types, empty appends that check nothing, too
 * many events.
 */
export const assertAppendable = (
  appends: readonly StreamAppend[],
  options: { readonly atomic?: boolean } = {},
): void => {
  let events = 0;
  for (const { stream, events: list } of appends) {
    assertStreamName(stream);
    if (list.length === 0 && options.atomic !== true)
      throw new EventStoreError('BAD_EVENT', `nothing to append to ${stream}`);
    events += list.length;
    for (const event of list) {
      if (!UUID.test(event.id)) throw new EventStoreError('BAD_EVENT', `event id is no UUID: ${event.id}`);
      if (event.type === '') throw new EventStoreError('BAD_EVENT', 'event type is empty');
    }
  }
  if (events > MAX_EVENTS_PER_CALL)
    throw new EventStoreError('BATCH_TOO_LARGE', `${events} events in one call, ${MAX_EVENTS_PER_CALL} at most`);
};

/** The JSON text of an event's data. Throws for what JSON cannot represent and for what is too large. */
export const serialiseData = (event: NewEvent): string => {
  let text: string | undefined;
  try {
    text = JSON.stringify(event.data);
  } catch (cause) {
    throw new EventStoreError('BAD_EVENT', `data of ${event.type} is not JSON`, { cause });
  }
  if (text === undefined) throw new EventStoreError('BAD_EVENT', `${event.type} has no data`);
  // A UTF-16 unit takes at most three bytes in UTF-8, so most texts need no count.
  if (text.length * 3 > MAX_EVENT_BYTES && Buffer.byteLength(text) > MAX_EVENT_BYTES)
    throw new EventStoreError('EVENT_TOO_LARGE', `data of ${event.type} exceeds ${MAX_EVENT_BYTES} bytes`);
  return text;
};

/** The one rule for expected revisions; `actual` is -1 if the stream does not exist. */
export const revisionMatches = (expected: ExpectedRevision, actual: number): boolean => {
  switch (expected) {
    case 'any':
      return true;
    case 'exists':
      return actual >= 0;
    case 'noStream':
      return actual === -1;
    default:
      return actual === expected;
  }
};
