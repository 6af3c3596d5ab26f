// The event store in memory under a test's control: it can fail, or hold back appends and followers.
import {
  type AppendResult,
  type EventBatch,
  type EventStore,
  EventStoreError,
  type EventStoreErrorCode,
  type ReadAllOptions,
  type ReadStreamOptions,
  type RecordedEvent,
  type StreamAppend,
  type SubscribeOptions,
} from '@railhead/commands/ports/event-store.ts';
import { ForwardingStore } from '@railhead/infra/eventstore/forwarding-store.ts';
import { MemoryEventStore } from '@railhead/infra/eventstore/memory/memory-event-store.ts';

/** A barrier: callers wait while it is shut to them. */
class Barrier<Caller> {
  #shutTo: (caller: Caller) => boolean = () => false;
  #waiting: (() => void)[] = [];

  shut(to: (caller: Caller) => boolean): void {
    this.#shutTo = to;
  }

  /** Callers that wait now. */
  get waiting(): number {
    return this.#waiting.length;
  }

  open(): void {
    this.#shutTo = () => false;
    for (const goOn of this.#waiting.splice(0)) goOn();
  }

  async pass(caller: Caller): Promise<void> {
    while (this.#shutTo(caller)) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }
}

export class GuidedStore extends ForwardingStore {
  /** Reads of streams and appends fail with this code; followers of the log are not affected. */
  failure: EventStoreErrorCode | undefined;
  /** Following the log fails: followers lose it and reads of the whole log are refused. */
  isOutOfReach = false;
  /** So many of the next appends are refused, as if their stream had moved. */
  refusals = 0;
  /** Holds back appends by the streams they write. */
  readonly appends = new Barrier<readonly StreamAppend[]>();
  /** Holds back followers of the log by the categories they read. */
  readonly followers = new Barrier<readonly string[]>();
  /** Holds back pages of the whole log by the categories they are of; none: of all. */
  readonly pages = new Barrier<readonly string[]>();
  /** Streams read so far. */
  readonly read: string[] = [];

  constructor(inner: EventStore = new MemoryEventStore()) {
    super(inner);
  }

  override async append(
    appends: readonly StreamAppend[],
    options: { readonly atomic?: boolean } = {},
  ): Promise<readonly AppendResult[]> {
    this.#assertWell();
    await this.appends.pass(appends);
    if (this.refusals > 0) {
      this.refusals -= 1;
      return appends.map(() => ({ ok: false, code: 'WRONG_REVISION', actual: 0 }));
    }
    return this.inner.append(appends, options);
  }

  override async readStream(stream: string, options?: ReadStreamOptions): Promise<readonly RecordedEvent[]> {
    this.#assertWell();
    this.read.push(stream);
    return this.inner.readStream(stream, options);
  }

  override async readAll(options: ReadAllOptions): Promise<EventBatch> {
    await this.pages.pass(options.categories ?? []);
    return this.inner.readAll(options);
  }

  override async *subscribe(options: SubscribeOptions): AsyncGenerator<EventBatch> {
    for await (const batch of this.inner.subscribe(options)) {
      await this.followers.pass(options.categories ?? []);
      if (this.isOutOfReach) throw new EventStoreError('STORE_UNAVAILABLE', 'injected: out of reach');
      yield batch;
    }
  }

  override close(): Promise<void> {
    this.pages.open();
    this.followers.open();
    this.appends.open();
    return this.inner.close();
  }

  #assertWell(): void {
    if (this.failure !== undefined) throw new EventStoreError(this.failure, 'injected');
  }
}
