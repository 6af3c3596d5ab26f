import { category } from '../kernel/category.ts';
import { parseRunName, type RunId, runName } from '../train-run/stream.ts';
import type { QueuePlaceEvent } from './events.ts';
import { evolve, type QueuePlace, unusedPlace } from './fold.ts';

/** A place in the queue of a run, counted from 1. */
export type QueuePlaceId = RunId & { readonly place: number };

const parse = (name: string): QueuePlaceId | undefined => {
  const [, run = '', place = ''] = /^(.+)_(\d{1,9})$/.exec(name) ?? [];
  const id = parseRunName(run);
  return id === undefined ? undefined : { ...id, place: Number(place) };
};

export const queuePlaceCategory = category<QueuePlaceId, QueuePlace, QueuePlaceEvent>({
  name: 'queuePlace',
  nameOf: ({ place, ...run }) => `${runName(run)}_${place}`,
  parse,
  initial: () => unusedPlace,
  evolve,
  versions: { QueuePlaceUsed: 1, QueuePlaceReturned: 1 },
});
