// Reads the last published trains from the log.
import { trainCategory } from '@railhead/domain/timetable/stream.ts';
import type { Train } from '@railhead/domain/timetable/timetable.ts';
import type { EventStore } from '../ports/event-store.ts';

const PAGE = 2_000;

/** Reads the whole log; for the daily opening of runs, not for requests. */
export const readTimetable = async (store: EventStore): Promise<ReadonlyMap<string, Train>> => {
  const trains = new Map<string, Train>();
  let after = 0;
  for (;;) {
    const page = await store.readAll({ after, limit: PAGE, categories: [trainCategory.name] });
    for (const event of page.events) if (trainCategory.owns(event)) trains.set(event.data.train, event.data);
    if (page.caughtUp) return trains;
    after = page.position;
  }
};
