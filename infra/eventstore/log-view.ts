// A read-only view of a log: event by event from a position on, to its present end or following it as it grows.

import type { EventStore, Position, RecordedEvent } from '@railhead/commands/ports/event-store.ts';
import type { Checksummed } from './sqlite/checksums.ts';

export type LogView = {
  lastPosition(): Position | Promise<Position>;
  /** As of an event store. */
  fingerprintAt(position: Position): string | undefined | Promise<string | undefined>;
  /** As of an event store. */
  eventAt(position: Position): RecordedEvent | undefined | Promise<RecordedEvent | undefined>;
  /** Everything after a position; with `follow`, what comes later too, until aborted. */
  all(options: { readonly after: Position; readonly follow?: AbortSignal }): AsyncIterable<RecordedEvent>;
  /** The events of a stream from a revision on. */
  stream(name: string, options: { readonly from: number; readonly follow?: AbortSignal }): AsyncIterable<RecordedEvent>;
  /**
   * What the log has that was not written so, one sentence each. Absent: the store keeps no checksums of its own. `tell`
   * hears at the end how many events have one.
   */
  alterations?(tell?: (checksummed: Checksummed) => void): Iterable<string>;
  /** In words, if the log ends with events that this program did not write. */
  uncheckedEnd?(): string | undefined;
  close(): void | Promise<void>;
};

const PAGE = 2_000;
const POLL_MS = 200;

/** A view of any event store, read page by page. Closing the view closes the store. */
export const viewOf = (store: EventStore): LogView => ({
  lastPosition: () => store.lastPosition(),
  fingerprintAt: (position) => store.fingerprintAt(position),
  eventAt: (position) => store.eventAt(position),
  async *all({ after, follow }) {
    let position = after;
    for (;;) {
      const page = await store.readAll({ after: position, limit: PAGE });
      yield* page.events;
      position = page.position;
      if (page.caughtUp) break;
    }
    if (follow === undefined) return;
    for await (const { events } of store.subscribe({ after: position, signal: follow })) yield* events;
  },
  async *stream(name, { from, follow }) {
    for (let next = from; ; ) {
      const events = await store.readStream(name, { from: next, limit: PAGE });
      yield* events;
      next = (events.at(-1)?.revision ?? next - 1) + 1;
      if (events.length === PAGE) continue;
      if (follow === undefined || follow.aborted) return;
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  },
  close: () => store.close(),
});

/** The pages of a view, as an event store has them. */
export const pagesOf = (view: LogView): Pick<EventStore, 'readStream' | 'readAll' | 'lastPosition' | 'eventAt'> => ({
  lastPosition: async () => view.lastPosition(),
  eventAt: async (position) => view.eventAt(position),
  readStream: (stream, { from = 0, limit = Number.MAX_SAFE_INTEGER } = {}) =>
    taken(view.stream(stream, { from }), limit),
  readAll: async ({ after, limit }) => {
    const events = await taken(view.all({ after }), limit);
    return { events, position: events.at(-1)?.position ?? after, caughtUp: events.length < limit };
  },
});

const taken = async (events: AsyncIterable<RecordedEvent>, limit: number): Promise<readonly RecordedEvent[]> => {
  const first: RecordedEvent[] = [];
  if (limit > 0)
    for await (const event of events) {
      first.push(event);
      if (first.length >= limit) break;
    }
  return first;
};
