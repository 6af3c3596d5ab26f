// Streams of reservations, folded. Somebody who tries for a train that is sold out, again and again, has two more events in each
// of theirs with every try: so a stream that was read before is read on from there. A cache, not an authority: what is kept is
// used only while its last event is the one that the log has at that revision, and expected revisions keep decisions exact.
import { LRUCache } from 'lru-cache';
import { type EventStore, fingerprintOf, type RecordedEvent } from '../ports/event-store.ts';
import type { Loaded } from '../streams/load.ts';

/** A stream and how its events are folded, all of them or those after what was folded before. */
export type FoldedStream = {
  readonly stream: string;
  readonly fold: (events: readonly RecordedEvent[], before?: Loaded<unknown>) => Loaded<unknown>;
};

type Kept = { readonly folded: Loaded<unknown>; readonly fingerprint: string };

/** Streams kept in mind; of each there is little, since what was released is gone from its state. */
const MOST_KEPT = 10_000;

export class FoldedStreams {
  readonly #store: Pick<EventStore, 'readStream'>;
  readonly #kept = new LRUCache<string, Kept>({ max: MOST_KEPT });

  constructor(store: Pick<EventStore, 'readStream'>) {
    this.#store = store;
  }

  /** Throws what the store throws, and `EVENT_NOT_UNDERSTOOD`. */
  async read({ stream, fold }: FoldedStream): Promise<Loaded<unknown>> {
    const kept = this.#kept.get(stream);
    if (kept !== undefined) {
      const [last, ...news] = await this.#store.readStream(stream, { from: kept.folded.revision });
      if (last !== undefined && fingerprintOf(last) === kept.fingerprint)
        return this.#keep(stream, fold(news, kept.folded), news.at(-1) ?? last);
    }
    const events = await this.#store.readStream(stream);
    return this.#keep(stream, fold(events), events.at(-1));
  }

  #keep(stream: string, folded: Loaded<unknown>, last: RecordedEvent | undefined): Loaded<unknown> {
    if (last === undefined) this.#kept.delete(stream);
    else this.#kept.set(stream, { folded, fingerprint: fingerprintOf(last) });
    return folded;
  }
}
