// Bugs in what becomes of tickets: given back, changed, and their fees.
import type { TrackedOrder } from '@railhead/commands/orders/tracked-order.ts';
import { changedAppends, withoutEvents } from './appends.ts';
import { FirstDepartures, withoutFees } from './changes.ts';
import type { PlantedBug } from './planted-bug.ts';
import { skippingStep, withoutStep } from './steps.ts';

/** The number of a change, and not of a refund. */
const CHANGE_NO = /C\d+$/;
const VOID_LATER_MS = 2_000;

export const AFTER_SALES_BUGS: readonly PlantedBug[] = [
  {
    name: 'given-back-seats-kept',
    about: 'the seats of tickets that were given back stay taken',
    within: 20,
    seam: () => ({ steps: (steps) => skippingStep(steps, 'giveBackSeats') }),
  },
  {
    name: 'all-seats-given-back',
    about: 'with one ticket the seats of the whole party go back',
    within: 50,
    seam: () => ({
      store: (store) =>
        changedAppends(store, (appends) =>
          appends.map((append) => ({
            ...append,
            events: append.events.map((event) =>
              event.type === 'SeatsGivenBack'
                ? {
                    ...event,
                    type: 'SeatLocksReleased',
                    version: 2,
                    data: { locks: [{ ...(event.data as object), reason: 'REFUNDED' }] },
                  }
                : event,
            ),
          })),
        ),
    }),
  },
  {
    name: 'refund-without-fee',
    about: 'a refund is the whole fare, whatever the table says',
    within: 50,
    seam: () => ({
      store: (store) => changedAppends(store, (appends) => appends.map(withoutFees)),
    }),
  },
  {
    name: 'fee-by-first-departure',
    about: "the fee of a refund goes by the departure of the train, not by that from the traveller's stop",
    within: 800,
    seam: () => ({ feeRuns: (runs, store) => new FirstDepartures(runs, store) }),
  },
  {
    name: 'old-seat-freed-first',
    about: 'the seats of tickets are free as soon as their change is asked for',
    within: 50,
    seam: () => ({
      steps: (steps) =>
        steps.map((step) => {
          if (step.kind !== 'giveBackSeats') return step;
          const asIfChanged = (tracked: TrackedOrder): TrackedOrder => {
            const changes = tracked.order.changes.map((change) =>
              change.status === 'PENDING' ? { ...change, status: 'CHANGED' as const } : change,
            );
            return { ...tracked, order: { ...tracked.order, changes } };
          };
          return {
            ...step,
            due: (tracked) => step.due(asIfChanged(tracked)),
            run: (subject) => step.run({ ...subject, current: () => asIfChanged(subject.current()) }),
          };
        }),
    }),
  },
  {
    name: 'old-ticket-stays-valid',
    about: 'tickets after a change are issued, and those before it are not void',
    within: 50,
    seam: () => ({ store: (store) => withoutEvents(store, ({ type }) => type === 'OrderChanged') }),
  },
  {
    name: 'changed-seats-kept',
    about: 'the seats of tickets that were changed stay taken',
    within: 50,
    seam: () => ({
      steps: (steps) =>
        steps.map((step) =>
          step.kind === 'giveBackSeats'
            ? { ...step, due: (tracked) => step.due(tracked).filter(({ key }) => !CHANGE_NO.test(key)) }
            : step,
        ),
    }),
  },
  {
    name: 'change-never-dropped',
    about: 'tickets stay bound to a change whose new order has ended',
    within: 50,
    seam: () => ({ steps: (steps) => withoutStep(steps, 'dropChange') }),
  },
  {
    name: 'carried-money-forgotten',
    about: 'of changed tickets only the difference goes back, and what the first ones cost stays',
    within: 200,
    seam: () => ({ steps: (steps) => skippingStep(steps, 'refundCarried') }),
  },
  {
    name: 'void-forgotten',
    about: 'the issuer of tickets is not told which are void',
    within: 50,
    seam: () => ({ issuer: ({ issue }) => ({ issue, void: async () => {} }) }),
  },
  {
    name: 'void-too-late',
    about: 'seats are free before the issuer of their tickets knows that those are void',
    within: 50,
    seam: () => ({
      issuer: (issuer, { network: { scheduler, life } }) => ({
        issue: (tickets) => issuer.issue(tickets),
        void: async (ticketNos) => {
          const tell = (): void => void issuer.void(ticketNos).catch(() => scheduler.after(VOID_LATER_MS, tell, life));
          scheduler.after(VOID_LATER_MS, tell, life);
        },
      }),
    }),
  },
  {
    name: 'issuer-unheard',
    about: 'tickets count as issued though their issuer gave no answer',
    within: 50,
    seam: () => ({
      issuer: (issuer) => ({
        issue: (tickets) => issuer.issue(tickets).catch(() => 'issued' as const),
        void: (ticketNos) => issuer.void(ticketNos),
      }),
    }),
  },
];
