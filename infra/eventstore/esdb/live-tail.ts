// The newest events of the log. The process receives them once, and serves them to every subscriber that keeps up.
import {
  categoryOf,
  type EventBatch,
  type EventStoreError,
  type Position,
  type RecordedEvent,
} from '@railhead/commands/ports/event-store.ts';
import { CommitSignal } from '../subscription.ts';
import type { Caught } from './catch-up.ts';
import { toStoreError } from './errors.ts';

export class LiveTail {
  readonly #limit: number;
  readonly #commits = new CommitSignal();
  #events: RecordedEvent[] = [];
  #first = 0;
  #start: Position;
  #position: Position;
  #failure: EventStoreError | undefined;

  /** Everything after `start` will be in it, until newer events displace it. */
  constructor(start: Position, limit: number) {
    this.#start = start;
    this.#position = start;
    this.#limit = limit;
  }

  get start(): Position {
    return this.#start;
  }

  get position(): Position {
    return this.#position;
  }

  /** Why no more events will come; undefined while they do. */
  get failure(): EventStoreError | undefined {
    return this.#failure;
  }

  async follow(source: AsyncIterable<Caught>, heard: (position: Position) => void): Promise<void> {
    try {
      for await (const { events, position } of source) {
        for (const event of events) this.#push(event);
        this.#position = position;
        heard(position);
        this.#commits.announce(position);
      }
    } catch (error) {
      this.#failure = toStoreError(error, 'following the log');
    }
    this.#commits.close();
  }

  /** A page after a position that is not before `start`; undefined if nothing has come after it. */
  read(after: Position, limit: number, categories: readonly string[] | undefined): EventBatch | undefined {
    if (after >= this.#position) return undefined;
    const begin = this.#indexAfter(after);
    const page = this.#events.slice(begin, begin + limit);
    const complete = begin + page.length >= this.#events.length;
    const position = complete ? this.#position : (page.at(-1)?.position ?? after);
    const events =
      categories === undefined ? page : page.filter(({ stream }) => categories.includes(categoryOf(stream)));
    return { events, position, caughtUp: complete };
  }

  /** Resolves when there is more after a position, when nothing more will come, or on abort. */
  past(position: Position, signal?: AbortSignal): Promise<void> {
    return this.#commits.past(position, signal);
  }

  get ended(): boolean {
    return this.#commits.closed;
  }

  #push(event: RecordedEvent): void {
    this.#events.push(event);
    if (this.#events.length - this.#first <= this.#limit) return;
    this.#start = this.#events[this.#first]?.position ?? this.#start;
    this.#first += 1;
    // Cut in large pieces: cutting events one by one would move the array each time.
    if (this.#first < this.#limit) return;
    this.#events = this.#events.slice(this.#first);
    this.#first = 0;
  }

  #indexAfter(position: Position): number {
    let low = this.#first;
    let high = this.#events.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#events[middle]?.position ?? 0) > position) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
