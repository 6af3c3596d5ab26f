// Notices an event that a subscription left out: a stream's revisions follow one another.
import { EventStoreError, type RecordedEvent } from '@railhead/commands/ports/event-store.ts';

export class RevisionWatch {
  readonly #limit: number;
  readonly #last = new Map<string, number>();
  /** The gap that made the subscription begin again; met once more, it is in the log. */
  #gap: string | undefined;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Throws `STORE_UNAVAILABLE` at a gap met for the first time, `STORE_CORRUPT` if it is still there afterwards. */
  check({ stream, revision }: RecordedEvent): void {
    const last = this.#last.get(stream);
    if (last !== undefined && revision !== last + 1) {
      const gap = `${stream} goes from revision ${last} to ${revision}`;
      const code = this.#gap === gap ? 'STORE_CORRUPT' : 'STORE_UNAVAILABLE';
      this.#gap = gap;
      throw new EventStoreError(code, `an event is missing: ${gap}`);
    }
    this.#last.set(stream, revision);
    if (this.#last.size <= this.#limit) return;
    const oldest = this.#last.keys().next();
    if (oldest.done !== true) this.#last.delete(oldest.value);
  }
}
