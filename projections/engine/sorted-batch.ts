// Sorts a batch into what a model takes, and what is strange to it.
import type { RecordedEvent } from '@railhead/commands/ports/event-store.ts';

/** What is stored of an event that was not understood; its stream is set aside. */
export type Stranger = Pick<RecordedEvent, 'stream' | 'type' | 'version' | 'position'>;

export type SortedBatch = { readonly events: readonly RecordedEvent[]; readonly strangers: readonly RecordedEvent[] };

/** What is new of a batch, without the streams that are set aside; `strangers`: the first strange event of each stream. */
export const sortedBy = (
  batch: readonly RecordedEvent[],
  kindOf: (event: RecordedEvent) => 'understood' | 'strange' | 'skipped',
): SortedBatch => {
  const strangers = new Map<string, RecordedEvent>();
  const events = batch.filter((event) => {
    if (strangers.has(event.stream)) return false;
    const kind = kindOf(event);
    if (kind === 'strange') strangers.set(event.stream, event);
    return kind === 'understood';
  });
  return { events, strangers: [...strangers.values()] };
};
