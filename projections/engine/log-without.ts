// The log as a model takes it: without the events that are left out.
import type { EventStore, RecordedEvent } from '@railhead/commands/ports/event-store.ts';
import type { EventsLeftOut } from './left-out.ts';

type Read = Pick<EventStore, 'readAll' | 'readStream' | 'lastPosition'>;

/** Pages of the whole log may be shorter; those of a stream are as long as was asked, unless it ends. */
export const logWithout = (log: Read, leftOut: EventsLeftOut): Read => {
  if (leftOut.count === 0) return log;
  const taken = (events: readonly RecordedEvent[]): readonly RecordedEvent[] =>
    events.filter((event) => leftOut.takes(event));
  return {
    lastPosition: () => log.lastPosition(),
    readAll: async (options) => {
      const page = await log.readAll(options);
      return { ...page, events: taken(page.events) };
    },
    readStream: async (stream, options = {}) => {
      const { limit } = options;
      if (limit === undefined) return taken(await log.readStream(stream, options));
      const step = options.direction === 'backwards' ? -1 : 1;
      const found: RecordedEvent[] = [];
      for (let { from } = options; ; ) {
        const page = await log.readStream(stream, { ...options, ...(from === undefined ? {} : { from }) });
        found.push(...taken(page));
        const last = page.at(-1);
        if (found.length >= limit || page.length < limit || last === undefined) return found.slice(0, limit);
        from = last.revision + step;
        if (from < 0) return found;
      }
    },
  };
};
