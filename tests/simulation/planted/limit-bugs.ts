// Bugs in what users and documents may have.
import type { TrackedOrder } from '@railhead/commands/orders/tracked-order.ts';
import type { JourneyReserved } from '@railhead/domain/traveller/events.ts';
import { travellerCategory } from '@railhead/domain/traveller/stream.ts';
import { changedAppends, withoutEvents } from './appends.ts';
import { unfenced } from './changes.ts';
import type { PlantedBug } from './planted-bug.ts';
import { withoutStep } from './steps.ts';

const asIfUnchanged = (tracked: TrackedOrder): TrackedOrder => ({
  ...tracked,
  order: { ...tracked.order, changes: [] },
});

export const LIMIT_BUGS: readonly PlantedBug[] = [
  {
    name: 'reservation-kept',
    about: 'what an ended order took of the limits of its people is never given back',
    within: 20,
    seam: () => ({ steps: (steps) => withoutStep(steps, 'releaseReservation') }),
  },
  {
    name: 'tickets-unfenced',
    about: 'tickets of a user are counted on a state that may have changed since',
    within: 50,
    seam: () => ({ store: (store) => changedAppends(store, unfenced('buyer')) }),
  },
  {
    name: 'journeys-unfenced',
    about: 'a journey is reserved on a state that may have changed since',
    within: 50,
    seam: () => ({ store: (store) => changedAppends(store, unfenced('traveller')) }),
  },
  {
    name: 'midnight-missed',
    about: 'a journey is reserved on the date of its run only, also if it ends the day after',
    within: 50,
    seam: () => ({
      store: (store) =>
        withoutEvents(store, ({ type, stream, data }) => {
          if (type !== 'JourneyReserved') return false;
          const { date } = data as JourneyReserved['data']; // of this type
          return travellerCategory.idOf(stream).date !== date;
        }),
    }),
  },
  {
    name: 'changed-ticket-counted',
    about: 'a ticket that was changed to another train still counts',
    within: 100,
    seam: () => ({
      steps: (steps) =>
        steps.map((step) =>
          step.kind !== 'releaseReservation'
            ? step
            : {
                ...step,
                due: (tracked) => step.due(asIfUnchanged(tracked)),
                run: (subject) => step.run({ ...subject, current: () => asIfUnchanged(subject.current()) }),
              },
        ),
    }),
  },
  {
    name: 'unpaid-uncounted',
    about: 'orders that are cancelled or expire count for nobody',
    within: 50,
    seam: () => ({ store: (store) => withoutEvents(store, ({ type }) => type === 'UnpaidOrderEnded') }),
  },
];
