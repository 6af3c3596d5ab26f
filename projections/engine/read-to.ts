// Reads a stream as it was at a position of the log.
import type { EventStore, Position, RecordedEvent } from '@railhead/commands/ports/event-store.ts';

const PAGE = 1_000;

/** The events of a stream up to a position of the log. */
export const readTo = async (
  log: Pick<EventStore, 'readStream'>,
  stream: string,
  upTo: Position,
): Promise<readonly RecordedEvent[]> => {
  const events: RecordedEvent[] = [];
  for (;;) {
    const page = await log.readStream(stream, { from: (events.at(-1)?.revision ?? -1) + 1, limit: PAGE });
    const early = page.filter(({ position }) => position <= upTo);
    events.push(...early);
    if (page.length < PAGE || early.length < page.length) return events;
  }
};
