// A store that outlives its users, so that a test can crash a process and start it again on the same log. Its
// subscriptions can be slow or fail, and old events can be missing.
import {
  type EventBatch,
  type EventStore,
  EventStoreError,
  type RecordedEvent,
  type SubscribeOptions,
} from '@railhead/commands/ports/event-store.ts';
import { ForwardingStore } from '@railhead/infra/eventstore/forwarding-store.ts';

export type LastingOptions = {
  /** Subscribers receive nothing before this resolves. */
  readonly gate?: Promise<unknown>;
  /** Scavenged events: subscribers do not receive them. */
  readonly scavenged?: (event: RecordedEvent) => boolean;
  /** A subscription fails after so many batches. */
  readonly failsAfter?: number;
};

export class LastingStore extends ForwardingStore {
  readonly #options: LastingOptions;
  readonly #closing = new AbortController();
  subscriptions = 0;
  positionsAsked = 0;

  constructor(inner: EventStore, options: LastingOptions = {}) {
    super(inner);
    this.#options = options;
  }

  override async *subscribe(options: SubscribeOptions): AsyncGenerator<EventBatch> {
    this.subscriptions += 1;
    const { gate, scavenged = () => false, failsAfter = Number.POSITIVE_INFINITY } = this.#options;
    const closed = new Promise<void>((resolve) => {
      this.#closing.signal.addEventListener('abort', () => resolve(), { once: true });
    });
    if (gate !== undefined) await Promise.race([gate, closed]);
    const signals = [this.#closing.signal, ...(options.signal === undefined ? [] : [options.signal])];
    let batches = 0;
    for await (const batch of this.inner.subscribe({ ...options, signal: AbortSignal.any(signals) })) {
      yield { ...batch, events: batch.events.filter((event) => !scavenged(event)) };
      batches += 1;
      if (batches >= failsAfter) throw new EventStoreError('STORE_UNAVAILABLE', 'injected: the subscription failed');
    }
  }

  override lastPosition(): Promise<number> {
    this.positionsAsked += 1;
    return this.inner.lastPosition();
  }

  override async close(): Promise<void> {
    this.#closing.abort();
  }
}
