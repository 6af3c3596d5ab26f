// The event store on EventStoreDB: appends in batches, one stream at a time. Appends have a client of their own, so that
// whatever happens to a read or a subscription does not break them off.
import {
  type AppendResult,
  categoryOf,
  type EventBatch,
  type EventStore,
  EventStoreError,
  type Position,
  type ReadAllOptions,
  type ReadStreamOptions,
  type RecordedEvent,
  type StreamAppend,
  type SubscribeOptions,
} from '@railhead/commands/ports/event-store.ts';
import { Appender } from './appender.ts';
import { backOffMs, monotonicMs, pause } from './back-off.ts';
import { type CatchUpParts, catchUp } from './catch-up.ts';
import { ClientHolder } from './client-holder.ts';
import { readConnectionString } from './connection-string.ts';
import { notOfThisLog } from './errors.ts';
import { LiveTail } from './live-tail.ts';
import { assertPosition } from './positions.ts';
import { Reads } from './reads.ts';
import { DEFAULT_SETTINGS, type EsdbObserver, type EsdbSettings, NO_OBSERVER } from './settings.ts';
import { StreamKeeping } from './stream-keeping.ts';

export type EsdbEventStoreOptions = {
  readonly connectionString: string;
  readonly settings?: Partial<EsdbSettings>;
  readonly observer?: EsdbObserver;
  /** Called once the store is closed. */
  readonly onClosed?: () => void;
};

const DEFAULT_BATCH = 1_000;
/** The most events in a page of the log, whatever limit is asked for. */
const MAX_PAGE = 10_000;

export class EsdbEventStore implements EventStore {
  readonly capabilities = { atomicStreams: false, durable: true };
  /** Metadata, deletion and truncation of streams. Housekeeping only; the sale never uses it. */
  readonly keeping: StreamKeeping;
  readonly #appending: ClientHolder;
  readonly #reading: ClientHolder;
  readonly #reads: Reads;
  readonly #appender: Appender;
  readonly #settings: EsdbSettings;
  readonly #observer: EsdbObserver;
  readonly #newest = { position: 0 };
  readonly #onClosed: () => void;
  readonly #closing = new AbortController();
  #tail: Promise<LiveTail> | undefined;
  #closed: Promise<void> | undefined;

  private constructor(options: EsdbEventStoreOptions) {
    this.#settings = { ...DEFAULT_SETTINGS, ...options.settings };
    this.#observer = options.observer ?? NO_OBSERVER;
    this.#onClosed = options.onClosed ?? (() => {});
    const connection = readConnectionString(options.connectionString);
    this.#appending = new ClientHolder(connection, this.#observer);
    this.#reading = new ClientHolder(connection, this.#observer);
    this.#reads = new Reads(this.#reading, this.#settings, this.#observer);
    const parts = { clients: this.#appending, reads: this.#reads, newest: this.#newest };
    this.#appender = new Appender(parts, this.#settings, this.#observer);
    this.keeping = new StreamKeeping(this.#reading, this.#appender, this.#settings);
  }

  /** Connects; throws `STORE_MISCONFIGURED`, `STORE_ACCESS_DENIED` or, after a while, `STORE_UNAVAILABLE`. */
  static async open(options: EsdbEventStoreOptions): Promise<EsdbEventStore> {
    const store = new EsdbEventStore(options);
    try {
      await store.lastPosition();
      return store;
    } catch (error) {
      await store.close();
      throw error;
    }
  }

  async append(
    appends: readonly StreamAppend[],
    options: { readonly atomic?: boolean } = {},
  ): Promise<readonly AppendResult[]> {
    this.#assertOpen();
    if (options.atomic === true)
      throw new EventStoreError('ATOMIC_NOT_SUPPORTED', 'EventStoreDB appends to one stream at a time');
    return this.#appender.append(appends);
  }

  async readStream(stream: string, options?: ReadStreamOptions): Promise<readonly RecordedEvent[]> {
    this.#assertOpen();
    return this.#reads.stream(stream, options);
  }

  async readAll({ after, limit, categories }: ReadAllOptions): Promise<EventBatch> {
    this.#assertOpen();
    const events: RecordedEvent[] = [];
    let position = after;
    let left = limit;
    while (left > 0) {
      const size = Math.min(left, MAX_PAGE);
      const page = await this.#reads.all(position, size);
      for (const event of page.events)
        if (categories === undefined || categories.includes(categoryOf(event.stream))) events.push(event);
      // System events at the very end are not part of the log, so the position must not depend on them.
      position = page.complete ? Math.max(position, page.events.at(-1)?.position ?? 0) : page.position;
      this.#heard(page.events.at(-1)?.position ?? 0);
      if (page.complete) return { events, position, caughtUp: true };
      left -= size;
    }
    return { events, position, caughtUp: false };
  }

  async *subscribe(options: SubscribeOptions): AsyncGenerator<EventBatch> {
    const { after, categories, batchSize = DEFAULT_BATCH } = options;
    assertPosition(after);
    const signal =
      options.signal === undefined ? this.#closing.signal : AbortSignal.any([options.signal, this.#closing.signal]);
    let position = after;
    while (!signal.aborted) {
      const tail = await this.#liveTail(signal);
      if (tail === undefined) return;
      if (position < tail.start) {
        for await (const batch of this.#history(tail, { after: position, categories, batchSize, signal })) {
          position = batch.position;
          yield batch;
        }
        continue;
      }
      if (position > tail.position && position === after) await this.#assertReaches(after, signal);
      const batch = tail.read(position, batchSize, categories);
      if (batch !== undefined) {
        position = batch.position;
        this.#observer.lagged(tail.position - position);
        yield batch;
      } else if (tail.failure !== undefined) throw tail.failure;
      else if (tail.ended) return;
      else await tail.past(position, signal);
    }
  }

  /** Waits until the log goes so far; throws `STORE_CORRUPT` if it does not for too long. */
  async #assertReaches(position: Position, signal: AbortSignal): Promise<void> {
    const started = monotonicMs();
    for (let tries = 0; !signal.aborted && (await this.#reads.end()) < position; tries += 1) {
      if (monotonicMs() - started > this.#settings.giveUpAfterMs) throw notOfThisLog(position);
      await pause(backOffMs(tries, this.#settings), signal);
    }
  }

  /** Reads from the server until the live tail can continue. */
  async *#history(
    tail: LiveTail,
    options: {
      readonly after: Position;
      readonly categories: readonly string[] | undefined;
      readonly batchSize: number;
      readonly signal: AbortSignal;
    },
  ): AsyncGenerator<EventBatch> {
    const { categories, ...rest } = options;
    const goal = tail.start;
    const caught = catchUp(this.#catchUpParts, {
      ...rest,
      queueEvents: rest.batchSize,
      ...(categories === undefined ? {} : { categories }),
      atLeast: goal,
    });
    for await (const { events, position } of caught) {
      const wanted =
        categories === undefined ? events : events.filter(({ stream }) => categories.includes(categoryOf(stream)));
      this.#observer.lagged(Math.max(0, tail.position - position));
      yield { events: wanted, position, caughtUp: position >= tail.position };
      if (position >= tail.start) return;
    }
  }

  async lastPosition(): Promise<Position> {
    this.#assertOpen();
    const position = await this.#reads.lastPosition(this.#newest.position);
    this.#heard(position);
    return position;
  }

  async eventAt(position: Position): Promise<RecordedEvent | undefined> {
    this.#assertOpen();
    return this.#reads.eventAt(position);
  }

  async fingerprintAt(position: Position): Promise<string | undefined> {
    this.#assertOpen();
    return this.#reads.fingerprintAt(position);
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    this.#closing.abort();
    await this.#appender.close();
    await Promise.all([this.#appending.close(), this.#reading.close()]);
    this.#onClosed();
  }

  /** Started by the first subscriber; replaced by the next one after a failure. Undefined if aborted before. */
  async #liveTail(signal: AbortSignal): Promise<LiveTail | undefined> {
    this.#tail ??= this.#beginTail();
    const mine = this.#tail;
    try {
      const tail = await mine;
      if (tail.failure !== undefined && this.#tail === mine) this.#tail = undefined;
      return tail;
    } catch (error) {
      if (this.#tail === mine) this.#tail = undefined;
      if (signal.aborted) return undefined;
      throw error;
    }
  }

  async #beginTail(): Promise<LiveTail> {
    const start = await this.lastPosition();
    const tail = new LiveTail(start, this.#settings.tailEvents);
    const { signal } = this.#closing;
    const { tailEvents: queueEvents } = this.#settings;
    const options = { after: start, batchSize: DEFAULT_BATCH, queueEvents, signal, atLeast: start };
    const source = catchUp(this.#catchUpParts, options);
    tail.follow(source, (position) => this.#heard(position));
    return tail;
  }

  get #catchUpParts(): CatchUpParts {
    return { clients: this.#reading, reads: this.#reads, settings: this.#settings, observer: this.#observer };
  }

  #heard(position: Position): void {
    if (position > this.#newest.position) this.#newest.position = position;
  }

  #assertOpen(): void {
    if (this.#closing.signal.aborted) throw new EventStoreError('STORE_CLOSED', 'the event store is closed');
  }
}
