// The log as it is read for the past, and how much of it one question may read.
import type { EventStore, RecordedEvent } from '@railhead/commands/ports/event-store.ts';

export type PastLog = Pick<EventStore, 'readStream' | 'readAll' | 'lastPosition' | 'eventAt'> & {
  /** Awaited now and then while events are folded. Absent: nobody else needs the thread. */
  readonly breathe?: () => Promise<void>;
};

/** A question would read more events than one question may. */
export class TooMuchToRead extends Error {
  readonly code = 'TOO_MUCH_TO_READ';
  readonly mostEvents: number;
  constructor(mostEvents: number) {
    super(`this takes more than ${mostEvents} events`);
    this.name = 'TooMuchToRead';
    this.mostEvents = mostEvents;
  }
}

export type ReadingLimits = {
  /** An event about many locks or holds that were decided together counts as so many. */
  readonly mostEvents: number;
  /** So many at a time: few where others share the thread. */
  readonly pageEvents: number;
  /** Awaited before each page, too. Rejects where nobody waits for the answer any more. */
  readonly breathe: () => Promise<void>;
};

/** The log for one question, which reads so many events at a time, and in all. Throws `TooMuchToRead`. */
export const meteredLog = (log: PastLog, { mostEvents, pageEvents, breathe }: ReadingLimits): PastLog => {
  let left = mostEvents;
  const taken = (events: readonly RecordedEvent[]): void => {
    for (const event of events) left -= weightOf(event);
    if (left < 0) throw new TooMuchToRead(mostEvents);
  };
  return {
    breathe,
    lastPosition: () => log.lastPosition(),
    eventAt: async (position) => {
      await breathe();
      const event = await log.eventAt(position);
      if (event !== undefined) taken([event]);
      return event;
    },
    readAll: async (options) => {
      await breathe();
      const batch = await log.readAll({ ...options, limit: Math.min(options.limit, pageEvents) });
      taken(batch.events);
      return batch;
    },
    readStream: async (stream, { from = 0, limit = Number.MAX_SAFE_INTEGER } = {}) => {
      const events: RecordedEvent[] = [];
      for (;;) {
        await breathe();
        const size = Math.min(pageEvents, limit - events.length);
        const page = await log.readStream(stream, { from: from + events.length, limit: size });
        taken(page);
        events.push(...page);
        if (page.length < size || events.length >= limit) return events;
      }
    },
  };
};

const weightOf = ({ data }: RecordedEvent): number => {
  let weight = 1;
  if (typeof data === 'object' && data !== null)
    for (const value of Object.values(data)) if (Array.isArray(value)) weight = Math.max(weight, value.length);
  return weight;
};

/** Events between two breaths. */
const BREATH = 50;

/** Hands over one event after the other, and lets others have the thread between. */
export const eachEvent = async (
  { breathe }: PastLog,
  events: readonly RecordedEvent[],
  take: (event: RecordedEvent) => void,
): Promise<void> => {
  for (const [index, event] of events.entries()) {
    if (index % BREATH === 0) await breathe?.();
    take(event);
  }
};
