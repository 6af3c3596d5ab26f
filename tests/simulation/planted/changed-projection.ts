import type { Projection } from '@railhead/projections/engine/projection.ts';

/** The same model, but for these parts. */
export const changedProjection = (model: Projection, changes: Partial<Projection>): Projection => ({
  name: model.name,
  categories: model.categories,
  setAside: model.setAside,
  drop: () => model.drop(),
  ...(model.pace === undefined ? {} : { pace: model.pace }),
  ...(model.lease === undefined ? {} : { lease: model.lease }),
  isPassing: (error) => model.isPassing?.(error) === true,
  load: (log) => model.load(log),
  apply: (batch) => model.apply(batch),
  close: async () => model.close?.(),
  ...changes,
});
