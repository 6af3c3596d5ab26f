// Bugs of the engine that feeds the read models.
import { replayCategory } from '@railhead/domain/replay/stream.ts';
import type { CompiledQuery } from 'kysely';
import { unheard } from './appends.ts';
import { changedProjection } from './changed-projection.ts';
import type { PlantedBug } from './planted-bug.ts';

const FENCE = ' and "position" = ? and "epoch" = ?';

const withoutFence = (query: CompiledQuery): CompiledQuery =>
  query.sql.startsWith('update "model_places" set "position"') && query.sql.endsWith(FENCE)
    ? { ...query, sql: query.sql.slice(0, -FENCE.length), parameters: query.parameters.slice(0, -2) }
    : query;

/** Built beside the one that was there first. */
const isRebuilt = ({ name }: { readonly name: string }): boolean => name.includes('@g');

export const READ_BUGS: readonly PlantedBug[] = [
  {
    name: 'rebuilt-without-the-last',
    about: 'a generation that is built beside misses the last event of a batch',
    within: 100,
    seam: () => ({
      projection: (model) =>
        !isRebuilt(model)
          ? model
          : changedProjection(model, {
              apply: (batch) =>
                model.apply(batch.events.length < 2 ? batch : { ...batch, events: batch.events.slice(0, -1) }),
            }),
    }),
  },
  {
    name: 'rebuilt-from-ahead',
    about: 'a generation that is built beside begins after the first events of the log',
    within: 100,
    seam: () => ({
      projection: (model) =>
        !isRebuilt(model)
          ? model
          : changedProjection(model, { load: async (log) => Math.max(await model.load(log), 40) }),
    }),
  },
  {
    name: 'swap-unheard',
    about: 'a process does not hear that another generation is to be read',
    within: 100,
    seam: () => ({
      store: (store, { life }) =>
        life.name.startsWith('node1')
          ? unheard(store, replayCategory.name, ({ type }) => type === 'ModelSwapped' || type === 'ModelRolledBack')
          : store,
    }),
  },
  {
    name: 'lease-without-fence',
    about: 'who has lost the lease of a read model goes on writing into it',
    within: 200,
    seam: () => ({ sql: withoutFence }),
  },
  {
    name: 'failed-batch-counts',
    about: 'a batch that a read model could not write counts as written',
    within: 50,
    seam: () => ({
      projection: (model) => changedProjection(model, { apply: (batch) => model.apply(batch).catch(() => {}) }),
    }),
  },
  {
    name: 'goes-on-from-memory',
    about: 'a read model whose rows were put back goes on where it was itself',
    within: 100,
    seam: () => {
      const reached = new Map<string, number>();
      return {
        projection: (model, node) => {
          // Only one that is fed by whoever has its lease.
          if (model.lease === undefined) return model;
          const key = `${node} ${model.name}`;
          return changedProjection(model, {
            load: async (log) => Math.max(await model.load(log), reached.get(key) ?? 0),
            apply: async (batch) => {
              await model.apply(batch);
              reached.set(key, batch.position);
            },
          });
        },
      };
    },
  },
];
