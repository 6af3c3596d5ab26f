// The event store's server: one log that survives every process. What is appended in one call is one instant.
import type { AppendResult, EventStore, RecordedEvent, StreamAppend } from '@railhead/commands/ports/event-store.ts';
import { MemoryEventStore } from '@railhead/infra/eventstore/memory/memory-event-store.ts';

const PAGE = 10_000;

/** What one call wrote: all of it happened at once. */
export type Commit = readonly RecordedEvent[];

export class SimLog {
  readonly store: EventStore;
  readonly events: RecordedEvent[] = [];
  /** Positions at which a commit ended: there, and only there, somebody may have read the log. */
  readonly ends: number[] = [];
  /** Written and not yet looked at by the checkers. */
  readonly fresh: Commit[] = [];
  readonly #followers = new Set<() => void>();

  constructor(atomicStreams: boolean) {
    this.store = new MemoryEventStore({ atomicStreams });
  }

  get atomicStreams(): boolean {
    return this.store.capabilities.atomicStreams;
  }

  async commit(appends: readonly StreamAppend[], atomic: boolean): Promise<readonly AppendResult[]> {
    const results = await this.store.append(appends, atomic ? { atomic } : {});
    const { events } = await this.store.readAll({ after: this.events.length, limit: PAGE });
    if (events.length > 0) {
      this.events.push(...events);
      this.ends.push(this.events.length);
      this.fresh.push(events);
      for (const wake of [...this.#followers]) wake();
    }
    return results;
  }

  /** The log without any network: for what is done before the world begins and after it has ended. */
  get direct(): EventStore {
    const { store } = this;
    return {
      capabilities: store.capabilities,
      append: (appends, options) => this.commit(appends, options?.atomic === true),
      readStream: (stream, options) => store.readStream(stream, options),
      readAll: (options) => store.readAll(options),
      subscribe: (options) => store.subscribe(options),
      lastPosition: () => store.lastPosition(),
      close: () => store.close(),
    };
  }

  /** Calls back once, after the next commit, unless taken back. */
  onGrowth(wake: () => void): () => void {
    const once = (): void => {
      this.#followers.delete(once);
      wake();
    };
    this.#followers.add(once);
    return () => this.#followers.delete(once);
  }
}
