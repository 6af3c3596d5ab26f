// Notices an event that a subscription left out: the revisions of a stream must follow one another.
import { EventStoreError, type RecordedEvent } from '@railhead/commands/ports/event-store.ts';
import { LRUCache } from 'lru-cache';
import { SubscriptionFailure } from './errors.ts';

export class RevisionWatch {
  readonly #last: LRUCache<string, number> | undefined;
  /** The gap that made the subscription begin again; met once more, it is in the log. */
  #gap: string | undefined;

  /** `limit`: streams watched; those without events for longest are watched no more. */
  constructor(limit: number) {
    this.#last = limit === 0 ? undefined : new LRUCache({ max: limit });
  }

  /** Throws `STORE_UNAVAILABLE` for a gap found for the first time, `STORE_CORRUPT` if it is still there afterwards. */
  check({ stream, revision }: RecordedEvent): void {
    const last = this.#last?.get(stream);
    if (last !== undefined && revision !== last + 1) {
      const gap = `${stream} goes from revision ${last} to ${revision}`;
      const again = this.#gap === gap;
      this.#gap = gap;
      const message = `an event is missing: ${gap}`;
      throw again ? new EventStoreError('STORE_CORRUPT', message) : new SubscriptionFailure(message);
    }
    this.#last?.set(stream, revision);
  }
}
