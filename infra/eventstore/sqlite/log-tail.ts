// The newest events as objects: subscribers that keep up read them here, and nothing is parsed again.
import {
  categoryOf,
  type EventBatch,
  type Position,
  type RecordedEvent,
} from '@railhead/commands/ports/event-store.ts';

/** Events kept; a subscriber further behind reads from the file. */
const MAX_EVENTS = 50_000;

export class LogTail {
  /** Consecutive positions; the first one kept is at `#start`. */
  #events: RecordedEvent[] = [];
  #start = 0;

  /** In the order of the log. An event that does not follow the last one begins the tail anew. */
  push(event: RecordedEvent): void {
    const last = this.#events.at(-1);
    if (last !== undefined && event.position !== last.position + 1) this.clear();
    this.#events.push(event);
    if (this.#events.length - this.#start <= MAX_EVENTS) return;
    this.#start += 1;
    // Cut in large pieces: cutting one by one would move the array each time.
    if (this.#start < MAX_EVENTS) return;
    this.#events = this.#events.slice(this.#start);
    this.#start = 0;
  }

  clear(): void {
    this.#events = [];
    this.#start = 0;
  }

  /**
   * A page after a position, if the tail reaches back that far. Whoever has all of it gets an empty page: what the
   * file may have beyond comes here in a moment, and needs no parsing then.
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
