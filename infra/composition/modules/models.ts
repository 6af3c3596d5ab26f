// The read models. Each has a runner that feeds it, and a gate to wait for its position.
import { ProjectionRunner } from '@railhead/projections/engine/projection-runner.ts';
import { openModels } from '@railhead/projections/read-models.ts';
import type { ReadModels } from '@railhead/read-api/read-models.ts';
import type { PartModule } from '../module.ts';
import { PARTS } from '../parts.ts';

const { store, clock, logger, openReadModels, readDatabase: database, projectionRunners: runners } = PARTS;

export const modelsModule: PartModule = {
  declare: (provide) => {
    provide(openReadModels, { database }, ({ database }) => openModels(database));
    provide(
      runners,
      { store, clock, logger, openReadModels },
      ({ store, clock, logger, openReadModels }) =>
        Object.values(openReadModels).map(({ projection }) => new ProjectionRunner(store, projection, logger, clock)),
      {
        start: (made) => {
          for (const runner of made) runner.start();
        },
        stop: (made) => Promise.all(made.map((runner) => runner.stop())),
      },
    );
    provide(PARTS.models, { openReadModels, runners }, ({ openReadModels, runners }) => {
      const gates = new Map(runners.map(({ name, gate }) => [name, gate]));
      const served = Object.entries(openReadModels).map(([name, { queries, projection }]) => [
        name,
        { queries, gate: gates.get(projection.name) },
      ]);
      // Safe cast: the names stay the same, each with its own model's queries, and every model has a runner.
      return Object.fromEntries(served) as ReadModels;
    });
  },
  roots: [runners],
};
