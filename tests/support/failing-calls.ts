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
import { ForwardingStore } from '@railhead/infra/eventstore/forwarding-store.ts';

export class FailingCalls extends ForwardingStore {
  #callsToFailure: number;

  constructor(inner: EventStore, failingCall: number) {
    super(inner);
    this.#callsToFailure = failingCall;
  }

  override append(
    appends: readonly StreamAppend[],
    options?: { readonly atomic?: boolean },
  ): Promise<readonly AppendResult[]> {
    return this.#counted(() => this.inner.append(appends, options));
  }

  override readStream(stream: string, options?: ReadStreamOptions): Promise<readonly RecordedEvent[]> {
    return this.#counted(() => this.inner.readStream(stream, options));
  }

  override readAll(options: ReadAllOptions): Promise<EventBatch> {
    return this.#counted(() => this.inner.readAll(options));
  }

  override lastPosition(): Promise<number> {
    return this.#counted(() => this.inner.lastPosition());
  }

  override eventAt(position: number): Promise<RecordedEvent | undefined> {
    return this.#counted(() => this.inner.eventAt(position));
  }

  override fingerprintAt(position: number): Promise<string | undefined> {
    return this.#counted(() => this.inner.fingerprintAt(position));
  }

  override async *subscribe(options: SubscribeOptions): AsyncGenerator<EventBatch> {
    await this.#counted(async () => undefined);
    yield* this.inner.subscribe(options);
  }

  async #counted<Value>(work: () => Promise<Value>): Promise<Value> {
    this.#callsToFailure -= 1;
    if (this.#callsToFailure === 0) throw new EventStoreError('STORE_UNAVAILABLE', 'this call was to fail');
    return work();
  }
}
