// The read models. Each has a runner that feeds it, and a gate to wait for its position.
import type { Clock } from '@railhead/commands/ports/clock.ts';
import type { Logger } from '@railhead/commands/ports/logger.ts';
import { ProjectionRunner } from '@railhead/projections/engine/projection-runner.ts';
import type { Repair } from '@railhead/projections/engine/read-database.ts';
import { openModels } from '@railhead/projections/read-models.ts';
import type { ReadModels } from '@railhead/read-api/read-models.ts';
import type { PartModule } from '../module.ts';
import { PARTS } from '../parts.ts';

const { store, clock, logger, openReadModels, readDatabases: databases, searchServer: search } = PARTS;
const { projectionRunners: runners, isBusy } = PARTS;

/** A disk on which everything is damaged at once is not written again and again. */
const REPAIRED_EVERY_MS = 60_000;

type Repairs = { readonly end: () => Promise<void> };

/** Where damage is met, all models are thrown away and built again; one line in the log. */
const repairOf = (
  repair: Repair | undefined,
  runners: readonly ProjectionRunner[],
  { clock, logger }: { readonly clock: Clock; readonly logger: Logger },
): Repairs => {
  let [underWay, isEnded, lastMs]: [Promise<void>, boolean, number] = [
    Promise.resolve(),
    false,
    Number.NEGATIVE_INFINITY,
  ];
  const rebuild = async (renew: Repair['renew']): Promise<void> => {
    await Promise.all(runners.map((runner) => runner.hold()));
    await renew();
    for (const runner of runners) runner.start();
  };
  if (repair !== undefined)
    repair.onDamage = (error) => {
      if (isEnded || clock.now() - lastMs < REPAIRED_EVERY_MS) return;
      lastMs = clock.now();
      logger.error({ err: error }, 'the read models are damaged; they are built again from the log');
      underWay = rebuild(repair.renew).catch((failure: unknown) =>
        logger.error({ err: failure }, 'the read models could not be built again; restart the process'),
      );
    };
  return {
    end: () => {
      isEnded = true;
      return underWay;
    },
  };
};

export const modelsModule: PartModule = {
  declare: (provide) => {
    let repairs: Repairs = { end: async () => {} };
    provide(openReadModels, { databases, search }, ({ databases, search }) => openModels(databases, search.orders));
    provide(
      runners,
      { store, clock, logger, openReadModels, databases, isBusy },
      ({ store, clock, logger, openReadModels, databases, isBusy }) => {
        const made = Object.values(openReadModels).map(
          ({ projection }) => new ProjectionRunner(store, projection, logger, clock, isBusy),
        );
        repairs = repairOf(databases.local.repair, made, { clock, logger });
        return made;
      },
      {
        start: (made) => {
          for (const runner of made) runner.start();
        },
        stop: async (made) => {
          await repairs.end();
          await Promise.all(made.map((runner) => runner.stop()));
        },
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
