// Finds where the log was at a time. Clocks are not exact, and several processes write: instants do not grow from event to
// event. The place of a time is before the first event that is later than it.
import type { Position, RecordedEvent } from '@railhead/commands/ports/event-store.ts';
import type { PastLog } from './past-log.ts';

/** So many events in a row that are not later than the time: none before them is. */
export const SETTLED_EVENTS = 10_000;
const PAGE = 2_000;

const isLater = ({ meta }: RecordedEvent, ms: number): boolean => Date.parse(meta.at) > ms;

/**
 * The last position by then: from where a binary search finds the time, backwards, until `settled` events in a row are
 * not later than it. So it is exact as long as no clock was wrong for more events than that. `end`: of the log.
 */
export const positionAt = async (
  log: PastLog,
  ms: number,
  end: Position,
  settled: number = SETTLED_EVENTS,
): Promise<Position> => {
  let [by, after] = [0, end + 1];
  while (after - by > 1) {
    const middle = Math.floor((by + after) / 2);
    const event = await log.eventAt(middle);
    // A log with gaps between its positions, as EventStoreDB has them, can only be read from an event on.
    if (event === undefined) return beforeLater(log, 0, end, ms);
    if (isLater(event, ms)) after = middle;
    else by = middle;
  }
  for (;;) {
    const from = Math.max(0, by - settled);
    const found = await beforeLater(log, from, by, ms);
    if (found === by) return by;
    by = found;
  }
};

/** The last position before the first event after `from` that is later than the time; `upTo` where none is. */
const beforeLater = async (log: PastLog, from: Position, upTo: Position, ms: number): Promise<Position> => {
  let before = from;
  for (let after = from; after < upTo; ) {
    const { events, position, caughtUp } = await log.readAll({ after, limit: PAGE });
    for (const event of events) {
      if (event.position > upTo) return upTo;
      if (isLater(event, ms)) return before;
      before = event.position;
    }
    if (caughtUp || position <= after) break;
    after = position;
  }
  return upTo;
};
