// An event store on which one call fails: the nth of all calls.
import {
  type AppendResult,
  type EventBatch,
  type EventStore,
  EventStoreError,
  type ReadAllOptions,
  type ReadStreamOptions,
  type RecordedEvent,
  type StreamAppend,
  type SubscribeOptions,
} from '@railhead/commands/ports/event-store.ts';

export class FailingCalls implements EventStore {
  readonly capabilities;
  readonly #inner: EventStore;
  #callsToFailure: number;

  constructor(inner: EventStore, failingCall: number) {
    this.capabilities = inner.capabilities;
    this.#inner = inner;
    this.#callsToFailure = failingCall;
  }

  append(appends: readonly StreamAppend[], options?: { readonly atomic?: boolean }): Promise<readonly AppendResult[]> {
    return this.#counted(() => this.#inner.append(appends, options));
  }

  readStream(stream: string, options?: ReadStreamOptions): Promise<readonly RecordedEvent[]> {
    return this.#counted(() => this.#inner.readStream(stream, options));
  }

  readAll(options: ReadAllOptions): Promise<EventBatch> {
    return this.#counted(() => this.#inner.readAll(options));
  }

  lastPosition(): Promise<number> {
    return this.#counted(() => this.#inner.lastPosition());
  }

  fingerprintAt(position: number): Promise<string | undefined> {
    return this.#counted(() => this.#inner.fingerprintAt(position));
  }

  async *subscribe(options: SubscribeOptions): AsyncGenerator<EventBatch> {
    await this.#counted(async () => undefined);
    yield* this.#inner.subscribe(options);
  }

  close(): Promise<void> {
    return this.#inner.close();
  }

  async #counted<Value>(work: () => Promise<Value>): Promise<Value> {
    this.#callsToFailure -= 1;
    if (this.#callsToFailure === 0) throw new EventStoreError('STORE_UNAVAILABLE', 'this call was to fail');
    return work();
  }
}
