// The read models. Each has a runner that feeds it, and a gate to wait for its position.
import type { Clock } from '@railhead/commands/ports/clock.ts';
import { EventStoreError } from '@railhead/commands/ports/event-store.ts';
import type { Logger } from '@railhead/commands/ports/logger.ts';
import type { ModelGenerations, OpenGeneration } from '@railhead/projections/engine/generations/model-generations.ts';
import type { ProjectionRunner } from '@railhead/projections/engine/projection-runner.ts';
import type { Repair } from '@railhead/projections/engine/read-database.ts';
import { type Instead, readable } from '@railhead/projections/engine/readable.ts';
import { Replicas } from '@railhead/projections/engine/replicas/replicas.ts';
import type { Model, ReadModels } from '@railhead/read-api/read-models.ts';
import type { ValuesOf } from '../../config/setting.ts';
import { type readSideSettings, setsAsideIn } from '../../sql/settings.ts';
import { GenerationsHere } from '../model-generations.ts';
import type { PartModule } from '../module.ts';
import { inOneTable, overDatabases } from '../orders-served.ts';
import { PARTS } from '../parts.ts';
import { ReplaysHere } from '../replays-here.ts';

const { store, clock, logger, modelGenerations: generations, readDatabases: databases, searchServer: search } = PARTS;
const { projectionRunners: runners, replicas, servedOrders, numbering, isBusy, projectionSeam: seam } = PARTS;

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
  const lastOfModel = new Map<string, number>();
  if (repair !== undefined)
    repair.onDamagedRows = (model, err) => {
      const runner = runners.find(({ storedAs }) => storedAs === model);
      const last = lastOfModel.get(model) ?? Number.NEGATIVE_INFINITY;
      if (isEnded || runner === undefined || clock.now() - last < REPAIRED_EVERY_MS) return;
      lastOfModel.set(model, clock.now());
      logger.error({ err, model }, 'rows of a read model are damaged; it is built again from the log');
      const before = underWay;
      underWay = Promise.all([before, runner.rebuild()]).then(
        () => {},
        (failure: unknown) => logger.error({ err: failure, model }, 'a read model could not be built again'),
      );
    };
  return {
    end: () => {
      isEnded = true;
      return underWay;
    },
  };
};

export const modelsModule = ({ setAsideIn }: Pick<ValuesOf<typeof readSideSettings>, 'setAsideIn'>): PartModule => ({
  declare: (provide) => {
    let repairs: Repairs = { end: async () => {} };
    provide(seam, {}, () => (projection) => projection);
    const setsAside = (model: string) => setsAsideIn(setAsideIn, model);
    let leave: (runner: ProjectionRunner) => void = () => {};
    // Runners come and go with the generations of their models: whoever has the list sees them.
    const fed: ProjectionRunner[] = [];
    provide(
      generations,
      { store, clock, logger, databases, search, isBusy, seam, workerPlaces: PARTS.workerPlaces },
      (deps) =>
        new GenerationsHere({
          ...deps,
          setsAside,
          changed: {
            added: (runner) => fed.push(runner),
            removed: (runner) => {
              const at = fed.indexOf(runner);
              if (at >= 0) fed.splice(at, 1);
              leave(runner);
            },
          },
        }),
      { start: (made) => made.start(), stop: (made) => made.stop(), close: (made) => made.close() },
    );
    provide(
      runners,
      { clock, logger, generations, databases },
      ({ clock, logger, databases }) => {
        repairs = repairOf(databases.local.repair, fed, { clock, logger });
        return fed;
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
    provide(
      replicas,
      { databases, store, clock, logger },
      ({ databases, store, clock, logger }) => {
        const made = new Replicas(databases.replicas, store, { clock, logger });
        leave = (runner) => made.leave(runner);
        return made;
      },
      { start: (made) => made.start(), stop: (made) => made.stop() },
    );
    provide(
      servedOrders,
      { generations, replicas, numbering, logger },
      ({ generations, replicas, numbering, logger }) => {
        const { layouts } = generations;
        // The replicas follow the database of all other models.
        if (layouts !== undefined)
          return overDatabases(layouts, (of) => served(of, generations), { numbering, logger });
        const { orders } = generations.of;
        if (orders === undefined) throw new Error('orders are in no table, and not spread either');
        return inOneTable(served(orders, generations, replicas), () => orders.read.opened.queries.rows);
      },
    );
    provide(PARTS.generationsFollower, { generations, runners }, ({ generations }) => generations, {
      start: (made) => made.goOn(),
      stop: (made) => made.end(),
    });
    provide(
      PARTS.replays,
      { generations, store, clock, logger, isBusy, dataFolder: PARTS.dataFolder, workerPlaces: PARTS.workerPlaces },
      ({ generations, ...deps }) => new ReplaysHere(generations, deps),
      { start: (made) => made.start(), stop: (made) => made.stop() },
    );
    provide(PARTS.models, { generations, replicas, servedOrders }, ({ generations, replicas, servedOrders }) => {
      const { orders: _, ...others } = generations.of;
      const all = Object.entries(others).map(([name, one]) => [name, served<unknown>(one, generations, replicas)]);
      // Safe cast: the names stay the same, each with its own model.
      return { ...(Object.fromEntries(all) as Omit<ReadModels, 'orders'>), orders: servedOrders.reads };
    });
  },
  roots: [runners, PARTS.generationsFollower],
});

/** A model as the endpoints ask it: all of an answer is of the generation that is read at that moment. */
const served = <Queries>(of: ModelGenerations<Queries>, here: GenerationsHere, replicas?: Replicas): Model<Queries> => {
  const known = new WeakMap<OpenGeneration<Queries>, Model<Queries>>();
  const now = (): Model<Queries> => {
    const { read } = of;
    const instead = async (error: unknown): Promise<Queries | undefined> => {
      if (error instanceof EventStoreError || read.opened.projection.isPassing?.(error) === true) return undefined;
      return (await here.insteadOf(of, read))?.opened.queries;
    };
    const model = known.get(read) ?? asked(read, replicas, instead);
    known.set(read, model);
    return model;
  };
  // The replicas know of it before anybody asks.
  now();
  return {
    get queries() {
      return now().queries;
    },
    get moving() {
      // Asked first, because it may move just now.
      now();
      return of.moving;
    },
    get gate() {
      return now().gate;
    },
    get replicas() {
      return now().replicas;
    },
  };
};

const asked = <Queries>(
  { model, opened, runner }: OpenGeneration<Queries>,
  replicas: Replicas | undefined,
  instead: Instead<Queries>,
): Model<Queries> => ({
  queries: readable(opened.queries, runner, instead),
  gate: runner.gate,
  replicas: replicas?.ofModel(model, runner),
});
