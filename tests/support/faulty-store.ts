// An event store that fails as real ones do: before the write, after it without an answer, or half way.
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

/**
 * `before`: nothing is written, and the caller is told. `lost`: nothing is written, and the outcome is unknown.
 * `after`: all is written, and the outcome is unknown. `partial`: of an append that is not atomic, only the first
 * streams are written.
 */
export type Fault = 'none' | 'before' | 'lost' | 'after' | 'partial';

export class FaultyStore implements EventStore {
  readonly capabilities;
  readonly #inner: EventStore;
  readonly #nextFault: () => Fault;
  /** Called between calls, so that two owners interleave. */
  readonly #between: () => Promise<void>;

  constructor(inner: EventStore, nextFault: () => Fault, between: () => Promise<void> = () => Promise.resolve()) {
    this.capabilities = inner.capabilities;
    this.#inner = inner;
    this.#nextFault = nextFault;
    this.#between = between;
  }

  async append(
    appends: readonly StreamAppend[],
    options: { readonly atomic?: boolean } = {},
  ): Promise<readonly AppendResult[]> {
    await this.#between();
    const fault = this.#nextFault();
    if (fault === 'before') throw new EventStoreError('STORE_UNAVAILABLE', 'injected: not written');
    if (fault === 'lost') throw new EventStoreError('OUTCOME_UNKNOWN', 'injected: not written');
    if (fault === 'partial' && options.atomic !== true) {
      await this.#inner.append(appends.slice(0, Math.ceil(appends.length / 2)));
      throw new EventStoreError('OUTCOME_UNKNOWN', 'injected: partly written');
    }
    const results = await this.#inner.append(appends, options);
    if (fault === 'after') throw new EventStoreError('OUTCOME_UNKNOWN', 'injected: written');
    await this.#between();
    return results;
  }

  async readStream(stream: string, options?: ReadStreamOptions): Promise<readonly RecordedEvent[]> {
    await this.#between();
    return this.#inner.readStream(stream, options);
  }

  readAll(options: ReadAllOptions): Promise<EventBatch> {
    return this.#inner.readAll(options);
  }

  subscribe(options: SubscribeOptions): AsyncIterable<EventBatch> {
    return this.#inner.subscribe(options);
  }

  fingerprintAt(position: number): Promise<string | undefined> {
    return this.#inner.fingerprintAt(position);
  }

  lastPosition(): Promise<number> {
    return this.#inner.lastPosition();
  }

  close(): Promise<void> {
    return this.#inner.close();
  }
}
