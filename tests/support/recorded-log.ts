// A log that is given as it was recorded, at whatever positions, for who only reads.
import type { EventStore, RecordedEvent } from '@railhead/commands/ports/event-store.ts';

export const recordedLog = (
  events: readonly RecordedEvent[],
): Pick<EventStore, 'readStream' | 'readAll' | 'lastPosition' | 'eventAt'> => {
  const streams = Map.groupBy(events, ({ stream }) => stream);
  const end = events.at(-1)?.position ?? 0;
  return {
    lastPosition: async () => end,
    eventAt: async (position) => events.find((event) => event.position === position),
    readStream: async (stream, { from = 0, limit = Number.POSITIVE_INFINITY } = {}) =>
      (streams.get(stream) ?? []).filter(({ revision }) => revision >= from).slice(0, limit),
    readAll: async ({ after, limit }) => {
      const page = events.filter(({ position }) => position > after).slice(0, limit);
      const position = page.at(-1)?.position ?? after;
      return { events: page, position, caughtUp: position >= end };
    },
  };
};
