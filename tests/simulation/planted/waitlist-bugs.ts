// Bugs in who waits for seats, and in what becomes of their money.
import type { TrackedOrder } from '@railhead/commands/orders/tracked-order.ts';
import type { EventStore, NewEvent, RecordedEvent } from '@railhead/commands/ports/event-store.ts';
import type { Due } from '@railhead/commands/workflow/step.ts';
import type { WaitingJoined } from '@railhead/domain/seat-lock/events.ts';
import type { WaitlistSubmitted } from '@railhead/domain/waitlist/events.ts';
import type { WaitlistPriority } from '@railhead/domain/waitlist-priorities/priority.ts';
import { changedAppends } from './appends.ts';
import { unfenced } from './changes.ts';
import type { PlantedBug } from './planted-bug.ts';
import { withoutStep } from './steps.ts';

/** Whoever came at an instant seems to have come as long before this one as it was after it. */
const MIRROR_MS = Date.parse('2031-01-01T00:00:00Z');

const mirrored = (instant: string): string => new Date(2 * MIRROR_MS - Date.parse(instant)).toISOString();

/** The process of orders, and so the allocators, never hear of a priority; what they write has it all the same. */
const withoutPriorities = (store: EventStore, said: Map<string, WaitlistPriority>): EventStore => {
  const unheard = (event: RecordedEvent): RecordedEvent => withoutPriority(event, said);
  return {
    ...changedAppends(store, (appends) =>
      appends.map((append) => ({ ...append, events: append.events.map((event) => withPriority(event, said)) })),
    ),
    readStream: async (stream, options) => (await store.readStream(stream, options)).map(unheard),
    subscribe: async function* (options) {
      for await (const batch of store.subscribe(options))
        yield options.categories?.join() === 'order,payment,waitlist'
          ? { ...batch, events: batch.events.map(unheard) }
          : batch;
    },
  };
};

const withPriority = (event: NewEvent, said: ReadonlyMap<string, WaitlistPriority>): NewEvent => {
  if (event.type !== 'WaitingJoined') return event;
  const { waiting } = event.data as WaitingJoined['data']; // of this type
  const completed = waiting.map((one) => {
    const priority = said.get(one.waitlistNo);
    return priority === undefined ? one : { ...one, priority };
  });
  return { ...event, data: { waiting: completed } };
};

/** Events of other types stay as they are. */
const withoutPriority = (event: RecordedEvent, said: Map<string, WaitlistPriority>): RecordedEvent => {
  if (event.type === 'WaitlistSubmitted') {
    const { priority, ...request } = event.data as WaitlistSubmitted['data']; // of this type
    if (priority !== undefined) said.set(request.waitlistNo, priority);
    return { ...event, data: request };
  }
  if (event.type !== 'WaitingJoined') return event;
  const { waiting } = event.data as WaitingJoined['data']; // of this type
  return { ...event, data: { waiting: waiting.map(({ priority: _, ...one }) => one) } };
};

const REST = /R0$/;

export const WAITLIST_BUGS: readonly PlantedBug[] = [
  {
    name: 'last-come-first-served',
    about: 'of those who wait for seats the last is the first',
    within: 50,
    seam: () => ({
      store: (store) =>
        changedAppends(store, (appends) =>
          appends.map((append) => ({
            ...append,
            events: append.events.map((event) => {
              if (event.type !== 'WaitingJoined') return event;
              const { waiting } = event.data as WaitingJoined['data']; // of this type
              return { ...event, data: { waiting: waiting.map((one) => ({ ...one, since: mirrored(one.since) })) } };
            }),
          })),
        ),
    }),
  },
  {
    name: 'priority-ignored',
    about: 'the log says who goes first, and those who wait are served by time alone',
    within: 50,
    seam: () => {
      const said = new Map<string, WaitlistPriority>();
      return { store: (store) => withoutPriorities(store, said) };
    },
  },
  {
    name: 'served-unfenced',
    about: 'whoever waits is served on a state of their request that may have changed since',
    within: 200,
    seam: () => ({ store: (store) => changedAppends(store, unfenced('waitlist')) }),
  },
  {
    name: 'prepaid-kept',
    about: 'what was prepaid by somebody who is not served stays',
    within: 50,
    seam: () => ({ steps: (steps) => changedDue(steps, 'requestRefund', ({ order }) => order.status !== 'ABSENT') }),
  },
  {
    name: 'rest-kept',
    about: 'what was prepaid beyond the price of the seats stays',
    within: 100,
    seam: () => ({
      steps: (steps) =>
        changedDue(
          steps,
          'requestRefund',
          () => true,
          ({ key }) => !REST.test(key),
        ),
    }),
  },
  {
    name: 'line-never-left',
    about: 'whoever gave up or was served stays in the line of the other classes',
    within: 50,
    seam: () => ({ steps: (steps) => withoutStep(steps, 'leaveLines') }),
  },
  {
    name: 'waits-for-ever',
    about: 'nobody ends the waiting of those who are not served in time',
    within: 50,
    seam: () => ({ steps: (steps) => withoutStep(steps, 'endWaiting') }),
  },
  {
    name: 'waiting-still-counted',
    about: 'a waitlist request that is over still counts for its user',
    within: 50,
    seam: () => ({ steps: (steps) => withoutStep(steps, 'releasePlace') }),
  },
];

type Steps = Parameters<typeof withoutStep>[0];

const changedDue = (
  steps: Steps,
  kind: string,
  isSeen: (tracked: TrackedOrder) => boolean,
  isWanted: (due: Due) => boolean = () => true,
): Steps =>
  steps.map((step) =>
    step.kind === kind
      ? { ...step, due: (tracked) => (isSeen(tracked) ? step.due(tracked).filter(isWanted) : []) }
      : step,
  );
