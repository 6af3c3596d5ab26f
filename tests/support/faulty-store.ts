// An event store that fails as real ones do: before the write, after it without an answer, or half way.
import {
  type AppendResult,
  type EventStore,
  EventStoreError,
  type ReadStreamOptions,
  type RecordedEvent,
  type StreamAppend,
} from '@railhead/commands/ports/event-store.ts';
import { ForwardingStore } from '@railhead/infra/eventstore/forwarding-store.ts';

/**
 * `before`: nothing is written, and the caller is told. `lost`: nothing is written, and the outcome is unknown.
 * `after`: all is written, and the outcome is unknown. `partial`: of an append that is not atomic, only the first
 * streams are written.
 */
export type Fault = 'none' | 'before' | 'lost' | 'after' | 'partial';

export class FaultyStore extends ForwardingStore {
  readonly #nextFault: () => Fault;
  /** Called between calls, so that two owners interleave. */
  readonly #between: () => Promise<void>;

  constructor(inner: EventStore, nextFault: () => Fault, between: () => Promise<void> = () => Promise.resolve()) {
    super(inner);
    this.#nextFault = nextFault;
    this.#between = between;
  }

  override async append(
    appends: readonly StreamAppend[],
    options: { readonly atomic?: boolean } = {},
  ): Promise<readonly AppendResult[]> {
    await this.#between();
    const fault = this.#nextFault();
    if (fault === 'before') throw new EventStoreError('STORE_UNAVAILABLE', 'injected: not written');
    if (fault === 'lost') throw new EventStoreError('OUTCOME_UNKNOWN', 'injected: not written');
    if (fault === 'partial' && options.atomic !== true) {
      await this.inner.append(appends.slice(0, Math.ceil(appends.length / 2)));
      throw new EventStoreError('OUTCOME_UNKNOWN', 'injected: partly written');
    }
    const results = await this.inner.append(appends, options);
    if (fault === 'after') throw new EventStoreError('OUTCOME_UNKNOWN', 'injected: written');
    await this.#between();
    return results;
  }

  override async readStream(stream: string, options?: ReadStreamOptions): Promise<readonly RecordedEvent[]> {
    await this.#between();
    return this.inner.readStream(stream, options);
  }
}
