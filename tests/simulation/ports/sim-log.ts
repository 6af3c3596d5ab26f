// The event store's server: one log that outlives every process. Everything appended in one call happens in one
// instant.
import type { AppendResult, EventStore, RecordedEvent, StreamAppend } from '@railhead/commands/ports/event-store.ts';
import { MemoryEventStore } from '@railhead/infra/eventstore/memory/memory-event-store.ts';

const PAGE = 10_000;

/** What one call wrote, in one instant. */
export type Commit = readonly RecordedEvent[];

export class SimLog {
  store: EventStore;
  readonly events: RecordedEvent[] = [];
  /** Positions at which a commit ended: only there can somebody have read the log. */
  readonly ends: number[] = [];
  /** Commits that the checks have not seen yet. */
  readonly fresh: Commit[] = [];
  readonly #followers = new Set<() => void>();

  constructor(atomicStreams: boolean) {
    this.store = new MemoryEventStore({ atomicStreams });
  }

  /** A backup is put back: the log is as it was when it had so many events. Nobody may be at work on it. */
  async putBack(events: number): Promise<void> {
    const store = new MemoryEventStore({ atomicStreams: this.atomicStreams });
    for (const { stream, revision: _, position: __, ...event } of this.events.slice(0, events))
      await store.append([{ stream, expected: 'any', events: [event] }]);
    this.store = store;
    this.events.length = events;
    this.ends.splice(0, this.ends.length, ...this.ends.filter((end) => end <= events));
    this.fresh.length = 0;
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

  /** The log without a network: for what is done before the world begins and after it has ended. */
  get direct(): EventStore {
    const { store } = this;
    return {
      capabilities: store.capabilities,
      append: (appends, options) => this.commit(appends, options?.atomic === true),
      readStream: (stream, options) => store.readStream(stream, options),
      readAll: (options) => store.readAll(options),
      subscribe: (options) => store.subscribe(options),
      lastPosition: () => store.lastPosition(),
      eventAt: (position) => store.eventAt(position),
      fingerprintAt: (position) => store.fingerprintAt(position),
      close: () => store.close(),
    };
  }

  /** Calls back once after the next commit, unless cancelled. */
  onGrowth(wake: () => void): () => void {
    const once = (): void => {
      this.#followers.delete(once);
      wake();
    };
    this.#followers.add(once);
    return () => this.#followers.delete(once);
  }
}
