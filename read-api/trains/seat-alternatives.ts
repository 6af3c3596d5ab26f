// What else is free when a class is sold out: other classes of the same train, from the read models.
import { EventStoreError } from '@railhead/commands/ports/event-store.ts';
import type { SeatAlternatives } from '@railhead/commands/ports/seat-alternatives.ts';
import type { ReadContext } from '../read-models.ts';
import { classesOf } from './shown-run.ts';

export const seatAlternatives = (context: ReadContext): SeatAlternatives => ({
  async find({ train, date, from, to, seatClass, party }) {
    try {
      const run = await context.models.timetable.queries.run(train, date);
      if (run === undefined) return [];
      const [classes = []] = await classesOf(context, [{ ...run, runDate: date, journey: { from, to } }]);
      return classes
        .filter((row) => row.seatClass !== seatClass && row.available >= party)
        .map((row) => ({
          kind: 'otherClass' as const,
          train,
          date,
          seatClass: row.seatClass,
          available: row.available,
          fareFen: row.fareFen,
        }));
    } catch (error) {
      // That the class is sold out is known without the read models, which may be away.
      if (error instanceof EventStoreError) return [];
      throw error;
    }
  },
});
