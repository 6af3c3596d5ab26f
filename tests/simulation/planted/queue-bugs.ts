// Bugs in the queues of runs.
import type { QueueJoined, WaitingRoomShuffled } from '@railhead/domain/run-queue/events.ts';
import type { Seam } from '../world/seam.ts';
import { changedAppends, withoutEvents } from './appends.ts';
import { unfenced } from './changes.ts';
import type { PlantedBug } from './planted-bug.ts';

const changed = (type: string, change: (data: unknown) => unknown) => (): Partial<Seam> => ({
  store: (store) =>
    changedAppends(store, (appends) =>
      appends.map(({ events, ...append }) => {
        const sent = events.map((one) => (one.type === type ? { ...one, data: change(one.data) } : one));
        return { ...append, events: sent };
      }),
    ),
});

const anyRevision = (category: string) => (): Partial<Seam> => ({
  store: (store) => changedAppends(store, unfenced(category)),
});

const withoutLast = (data: unknown): unknown => {
  const { joins } = data as QueueJoined['data']; // of this type
  return { joins: joins.length === 1 ? joins : joins.slice(0, -1) };
};

const withOtherSeed = (data: unknown): unknown => ({
  ...(data as WaitingRoomShuffled['data']), // of this type
  seed: 'a'.repeat(64),
});

const bug = (name: string, about: string, within: number, seam: PlantedBug['seam']): PlantedBug => ({
  name,
  about,
  within,
  seam,
});

export const QUEUE_BUGS: readonly PlantedBug[] = [
  bug(
    'queue-unfenced',
    'people are admitted on a state of the queue that may have changed',
    60,
    anyRevision('runQueue'),
  ),
  bug('place-unfenced', 'a place is used without a look at whether it has been', 60, anyRevision('queuePlace')),
  bug('place-not-written', 'an order comes by a place, and nothing says that the place is used', 20, () => ({
    store: (store) => withoutEvents(store, ({ type }) => type === 'QueuePlaceUsed'),
  })),
  bug(
    'last-of-a-batch-forgotten',
    'the last who joins is told a place and has none',
    60,
    changed('QueueJoined', withoutLast),
  ),
  bug(
    'seed-of-another-room',
    'a room is put in the order of another seed',
    60,
    changed('WaitingRoomShuffled', withOtherSeed),
  ),
];
