// Typical bugs with events about many locks that were decided together.
import { changedAppends } from './appends.ts';
import { changedProjection } from './changed-projection.ts';
import { releasingNeighbours, withoutLastHold } from './changes.ts';
import type { PlantedBug } from './planted-bug.ts';

export const BATCH_BUGS: readonly PlantedBug[] = [
  {
    name: 'hold-of-a-batch-lost',
    about: 'who reads a segment leaves out one of the holds that were written as one event',
    within: 50,
    seam: () => ({
      store: (store) => ({
        ...changedAppends(store, (appends) => appends),
        readStream: async (stream, options) => (await store.readStream(stream, options)).map(withoutLastHold),
      }),
    }),
  },
  {
    name: 'hold-of-a-batch-not-shown',
    about: 'the stock on display misses one of the holds that were written as one event',
    within: 20,
    seam: () => ({
      projection: (model) =>
        changedProjection(model, {
          load: (log) => model.load(log),
          apply: (batch) => model.apply({ ...batch, events: batch.events.map(withoutLastHold) }),
        }),
    }),
  },
  {
    name: 'neighbour-released-too',
    about: 'with the seats of one lock those of the lock go back that was held by the same event',
    within: 20,
    seam: () => ({ store: (store) => changedAppends(store, releasingNeighbours()) }),
  },
];
