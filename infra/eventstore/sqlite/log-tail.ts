// The newest events as objects. Subscribers that keep up read them here, and so do readers of streams that began among
// them; nothing is parsed again.
import {
  categoryOf,
  type EventBatch,
  type Position,
  type ReadStreamOptions,
  type RecordedEvent,
} from '@railhead/commands/ports/event-store.ts';

export class LogTail {
  readonly #maxEvents: number;
  /** Events at consecutive positions; `#start` is the index of the first one that is still kept. */
  #events: RecordedEvent[] = [];
  #start = 0;
  /** Streams whose first event is kept, and therefore all of their events. */
  readonly #streams = new Map<string, RecordedEvent[]>();

  constructor(maxEvents: number) {
    this.#maxEvents = maxEvents;
  }

  /** Takes events in log order. An event that does not follow the last one starts the tail anew. */
  push(event: RecordedEvent): void {
    const last = this.#events.at(-1);
    if (last !== undefined && event.position !== last.position + 1) this.clear();
    this.#events.push(event);
    if (event.revision === 0) this.#streams.set(event.stream, [event]);
    else this.#streams.get(event.stream)?.push(event);
    if (this.#events.length - this.#start <= this.#maxEvents) return;
    const oldest = this.#events[this.#start];
    if (oldest?.revision === 0) this.#streams.delete(oldest.stream);
    this.#start += 1;
    // Cut in large pieces: cutting events one by one would move the array each time.
    if (this.#start < this.#maxEvents) return;
    this.#events = this.#events.slice(this.#start);
    this.#start = 0;
  }

  clear(): void {
    this.#events = [];
    this.#start = 0;
    this.#streams.clear();
  }

  /** The events of a stream; undefined if some of them may not be here. */
  readStream(stream: string, options: ReadStreamOptions = {}): readonly RecordedEvent[] | undefined {
    const events = this.#streams.get(stream);
    if (events === undefined) return undefined;
    // Revisions are consecutive from 0, so an event's index is its revision.
    const { direction, from, limit = events.length } = options;
    if (direction !== 'backwards') {
      const begin = Math.max(0, from ?? 0);
      return events.slice(begin, begin + limit);
    }
    const end = Math.min(events.length, (from ?? events.length) + 1);
    return events.slice(Math.max(0, end - limit), end).reverse();
  }

  /**
   * A page after a position, if the tail reaches back that far. At the end of the tail the page is empty: newer events
   * of the file will be here in a moment, without parsing.
   */
  read(after: Position, limit: number, categories: readonly string[] | undefined): EventBatch | undefined {
    const first = this.#events[this.#start];
    const last = this.#events.at(-1);
    if (first === undefined || last === undefined || after + 1 < first.position) return undefined;
    if (after >= last.position) return { events: [], position: after, caughtUp: true };
    const begin = this.#start + (after + 1 - first.position);
    const page = this.#events.slice(begin, begin + limit);
    const position = page.at(-1)?.position ?? after;
    const events =
      categories === undefined ? page : page.filter(({ stream }) => categories.includes(categoryOf(stream)));
    return { events, position, caughtUp: position === last.position };
  }
}
