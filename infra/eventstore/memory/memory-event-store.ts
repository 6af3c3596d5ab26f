// The event store in memory: the reference of the contract suite, and the store of most tests.
import {
  type AppendResult,
  assertAppendable,
  categoryOf,
  type EventBatch,
  type EventStore,
  EventStoreError,
  fingerprintOf,
  type ReadAllOptions,
  type ReadStreamOptions,
  type RecordedEvent,
  revisionMatches,
  type StreamAppend,
  type SubscribeOptions,
  serialiseData,
} from '@railhead/commands/ports/event-store.ts';
import { repeatRevision } from '../repeats.ts';
import { CommitSignal, followLog } from '../subscription.ts';

/** `atomicStreams: false` hides the atomic append, so that tests run the path for stores without it. */
export class MemoryEventStore implements EventStore {
  readonly capabilities;
  readonly #log: RecordedEvent[] = [];
  readonly #streams = new Map<string, RecordedEvent[]>();
  readonly #commits = new CommitSignal();
  #closed = false;

  constructor(options: { readonly atomicStreams?: boolean } = {}) {
    this.capabilities = { atomicStreams: options.atomicStreams ?? true, durable: false };
  }

  async append(
    appends: readonly StreamAppend[],
    options: { readonly atomic?: boolean } = {},
  ): Promise<readonly AppendResult[]> {
    this.#assertOpen();
    assertAppendable(appends, options);
    if (options.atomic === true && !this.capabilities.atomicStreams)
      throw new EventStoreError('ATOMIC_NOT_SUPPORTED', 'this store appends to one stream at a time');
    const frozen = appends.map((append) => ({
      ...append,
      events: append.events.map((event) => ({ ...event, data: JSON.parse(serialiseData(event)) as unknown })),
    }));
    const results = options.atomic === true ? this.#appendAll(frozen) : frozen.map((append) => this.#appendOne(append));
    this.#commits.announce(this.#log.length);
    return results;
  }

  /** Prepares every append first, and keeps them only if none is refused. */
  #appendAll(appends: readonly StreamAppend[]): readonly AppendResult[] {
    const before = this.#log.length;
    const results = appends.map((append) => this.#appendOne(append));
    if (results.every((result) => result.ok)) return results;
    for (const event of this.#log.splice(before)) {
      const events = this.#streams.get(event.stream);
      events?.pop();
      if (events?.length === 0) this.#streams.delete(event.stream);
    }
    return results.map((result) => (result.ok ? { ok: false, code: 'NOT_ATTEMPTED' } : result));
  }

  #appendOne({ stream, expected, events }: StreamAppend): AppendResult {
    const existing = this.#streams.get(stream) ?? [];
    const actual = existing.length - 1;
    if (events.length === 0)
      return revisionMatches(expected, actual)
        ? { ok: true, revision: actual, position: this.#log.length, repeated: false }
        : { ok: false, code: 'WRONG_REVISION', actual };
    const ids = events.map((event) => event.id);
    const repeated = repeatRevision(expected, actual, ids, (from, limit) =>
      existing.slice(from, from + limit).map((event) => event.id),
    );
    if (repeated !== undefined)
      return { ok: true, revision: repeated, position: existing[repeated]?.position ?? 0, repeated: true };
    if (!revisionMatches(expected, actual)) return { ok: false, code: 'WRONG_REVISION', actual };
    this.#streams.set(stream, existing);
    for (const event of events) {
      const recorded: RecordedEvent = {
        ...event,
        stream,
        revision: existing.length,
        position: this.#log.length + 1,
      };
      existing.push(recorded);
      this.#log.push(recorded);
    }
    return { ok: true, revision: existing.length - 1, position: this.#log.length, repeated: false };
  }

  async readStream(stream: string, options: ReadStreamOptions = {}): Promise<readonly RecordedEvent[]> {
    this.#assertOpen();
    const events = this.#streams.get(stream) ?? [];
    const limit = options.limit ?? Number.POSITIVE_INFINITY;
    if (options.direction === 'backwards')
      return events
        .slice(0, (options.from ?? events.length - 1) + 1)
        .reverse()
        .slice(0, limit);
    return events.slice(Math.max(0, options.from ?? 0)).slice(0, limit);
  }

  async readAll({ after, limit, categories }: ReadAllOptions): Promise<EventBatch> {
    this.#assertOpen();
    const page = this.#log.slice(after, after + limit);
    const events =
      categories === undefined ? page : page.filter(({ stream }) => categories.includes(categoryOf(stream)));
    const position = page.at(-1)?.position ?? after;
    return { events, position, caughtUp: position >= this.#log.length };
  }

  subscribe(options: SubscribeOptions): AsyncIterable<EventBatch> {
    return followLog(this, this.#commits, options);
  }

  async lastPosition(): Promise<number> {
    this.#assertOpen();
    return this.#log.length;
  }

  async eventAt(position: number): Promise<RecordedEvent | undefined> {
    this.#assertOpen();
    return this.#log[position - 1];
  }

  async fingerprintAt(position: number): Promise<string | undefined> {
    this.#assertOpen();
    const event = this.#log[position - 1];
    return event === undefined ? undefined : fingerprintOf(event);
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#commits.close();
  }

  #assertOpen(): void {
    if (this.#closed) throw new EventStoreError('STORE_CLOSED', 'the event store is closed');
  }
}
