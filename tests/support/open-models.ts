import type { ReadDatabases } from '@railhead/projections/engine/read-databases.ts';
import type { OpenModel, ReadModel } from '@railhead/projections/engine/read-model.ts';
import { type OpenModels, READ_MODELS } from '@railhead/projections/read-models.ts';

/** Opens every model, without generations and without what feeds it. */
export const openModels = ({ local, sql, cache }: ReadDatabases): OpenModels => {
  const open = (model: ReadModel<unknown>): OpenModel<unknown> => {
    const shared = cache === undefined ? undefined : model.openShared?.(cache.states, cache.log);
    return shared ?? model.open(model.isLocal ? local : sql);
  };
  // Safe cast: the keys stay the same, and each model opens its own type.
  return Object.fromEntries(Object.entries(READ_MODELS).map(([name, model]) => [name, open(model)])) as OpenModels;
};
