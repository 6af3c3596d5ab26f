// The generations of every model in this process: what the log has decided about them, and where each of them stands.
import { LogFollower } from '@railhead/commands/log/follow-log.ts';
import { type Clock, pause } from '@railhead/commands/ports/clock.ts';
import { type EventStore, EventStoreError, type Position } from '@railhead/commands/ports/event-store.ts';
import type { Logger } from '@railhead/commands/ports/logger.ts';
import { load } from '@railhead/commands/streams/load.ts';
import { FIRST_GENERATION, onlyTheFirst } from '@railhead/domain/replay/fold.ts';
import { replayCategory } from '@railhead/domain/replay/stream.ts';
import type { RemovableIndex } from '@railhead/projections/engine/document-index.ts';
import {
  ModelGenerations,
  type OpenGeneration,
  type Opening,
  type RunnersChanged,
} from '@railhead/projections/engine/generations/model-generations.ts';
import { ReplayPace } from '@railhead/projections/engine/generations/replay-pace.ts';
import { baseNameOf } from '@railhead/projections/engine/left-out.ts';
import type { PartsBuilder } from '@railhead/projections/engine/parts-of-model.ts';
import { prepareTables, removeTables, sizeOf } from '@railhead/projections/engine/prepare-tables.ts';
import type { Projection } from '@railhead/projections/engine/projection.ts';
import { ProjectionRunner } from '@railhead/projections/engine/projection-runner.ts';
import type { ReadDatabase } from '@railhead/projections/engine/read-database.ts';
import type { ReadDatabases } from '@railhead/projections/engine/read-databases.ts';
import type { OpenModel, ReadModel } from '@railhead/projections/engine/read-model.ts';
import type { RunnerOptions } from '@railhead/projections/engine/runner-options.ts';
import { openOrderSearch } from '@railhead/projections/order-search/order-search-model.ts';
import {
  type LayoutDatabases,
  type OrderDatabases,
  type OrdersOfDatabase,
  ordersShard,
} from '@railhead/projections/orders/sharded-orders.ts';
import { type OpenModels, READ_MODELS } from '@railhead/projections/read-models.ts';
import {
  openStationSearch,
  type StationQueries,
  stationSearchModel,
} from '@railhead/projections/station-search/station-search-model.ts';
import type { FedLayout, FedLayouts } from './orders-served.ts';
import type { WorkerPacing } from './replay-workers/messages.ts';
import { partsBuiltBy, refusalOfPlaces, type WorkerPlaces } from './replay-workers/run-workers.ts';
import type { SearchServer } from './search-server.ts';

type OfEach = { readonly [Name in keyof OpenModels]: ModelGenerations<OpenModels[Name]['queries']> };

/** Where orders are spread, each of their databases is a model of its own, and there is none of all orders. */
export type AllGenerations = Omit<OfEach, 'orders'> & Partial<Pick<OfEach, 'orders'>>;

export type GenerationsDeps = {
  readonly store: EventStore;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly databases: ReadDatabases;
  readonly search: SearchServer;
  readonly isBusy: () => boolean;
  readonly workerPlaces: WorkerPlaces;
  readonly setsAside: (model: string) => boolean;
  /** Between the model and what feeds it. */
  readonly seam: (projection: Projection) => Projection;
  readonly changed: Pick<RunnersChanged, 'added' | 'removed'>;
};

type Stored<Queries> = Pick<
  OpenGeneration<Queries>,
  'opened' | 'store' | 'isInDataFolder' | 'size' | 'showsFrom' | 'remove' | 'close'
> & {
  /** Absent: its tables are made with all others. */
  readonly prepare?: () => Promise<void>;
};

type OnServer = { readonly opened: OpenModel<unknown>; readonly index: RemovableIndex };

/** Undefined: the model is not on a search server. */
const openedOnServer = (name: string, number: number, search: SearchServer): OnServer | undefined => {
  const model = baseNameOf(name);
  if (search.orders !== undefined && model === READ_MODELS.orderSearch.name) {
    const index = search.orders(number);
    return { opened: openOrderSearch(index, name), index };
  }
  if (search.stations !== undefined && model === stationSearchModel.name) {
    const index = search.stations(number);
    return { opened: openStationSearch(index, name), index };
  }
  return undefined;
};

/** Opens a generation where models of its kind stand. */
const storedWhere = <Queries>(
  model: ReadModel<Queries>,
  number: number,
  { databases: { local, sql, cache }, search, logger }: GenerationsDeps,
  parts: PartsBuilder | undefined,
): Stored<Queries> => {
  const shared = cache === undefined ? undefined : model.openShared?.(cache.states, cache.log);
  if (shared !== undefined && cache !== undefined) {
    const { states } = cache;
    const [size, remove] = [() => states.size(model.name), () => states.remove(model.name)];
    return { opened: shared, store: 'Redis', isInDataFolder: false, size, remove };
  }
  const searched = openedOnServer(model.name, number, search);
  if (searched !== undefined) {
    const { index } = searched;
    return {
      // Safe cast: it is the model of this name.
      opened: searched.opened as OpenModel<Queries>,
      store: 'Elasticsearch',
      isInDataFolder: false,
      size: () => index.size(),
      showsFrom: (position) => index.showFrom(position),
      remove: () => index.remove(),
      close: () => index.close(),
    };
  }
  const database = model.isLocal ? local : sql;
  const isInDataFolder = database === local;
  const inMemory = baseNameOf(model.name) === READ_MODELS.availability.name;
  const store = inMemory ? 'memory, kept in SQLite' : database.dialect.name;
  const [size, remove] = [() => sizeOf(database, model), () => removeTables(database, model)];
  if (number === FIRST_GENERATION) return { opened: model.open(database), store, isInDataFolder, size, remove };
  const prepare = () => prepareTables(database, [model], logger);
  return { opened: model.open(preparing(database, prepare), parts), store, isInDataFolder, size, prepare, remove };
};

/** A database on a server may be away when it is opened, and lose its tables: they are made by whoever wants the lease. */
const preparing = (database: ReadDatabase, prepare: () => Promise<void>): ReadDatabase => {
  const { prepared } = database;
  if (prepared === undefined) return database;
  return { ...database, prepared: () => prepared().then(prepare) };
};

/** Each goes at its share of the pace. Undefined: the process was started with other stores, and one builds it. */
const partsOf = (
  model: string,
  { number, workers, pace }: { readonly number: number; readonly workers: number; readonly pace: ReplayPace },
  { workerPlaces, store, clock, logger, isBusy }: GenerationsDeps,
): PartsBuilder | undefined => {
  const { log, database } = workerPlaces;
  if (log === undefined || database === undefined || refusalOfPlaces(workerPlaces) !== undefined) return undefined;
  const pacing = (): WorkerPacing => {
    const { isPaused = false, eventsPerSecond = 0, part = {} } = pace.now ?? {};
    return { isPaused, eventsPerSecond: Math.ceil(eventsPerSecond / workers), part, isBusy: isBusy() };
  };
  const places = { log, database };
  const end = () => store.lastPosition();
  return partsBuiltBy({ count: workers, model, generation: number, places, clock, logger, end, pacing });
};

const openingOf =
  <Queries>(first: ReadModel<Queries>, deps: GenerationsDeps): Opening<Queries> =>
  (number, standing, workers): OpenGeneration<Queries> => {
    const { store, logger, clock, isBusy, setsAside, seam } = deps;
    const model = number === FIRST_GENERATION ? first : first.generation?.(number);
    if (model === undefined) throw new Error(`read model ${first.name} has no generations`);
    const pace = new ReplayPace(clock, isBusy);
    const parts = workers === 1 ? undefined : partsOf(first.name, { number, workers, pace }, deps);
    const { prepare, ...stored } = storedWhere(model, number, deps, parts);
    const name = () => (standing.isRead() ? first.name : `${first.name}@g${number}`);
    const generation = { name, ...standing, pace, ...(prepare === undefined ? {} : { prepare }) };
    const options: RunnerOptions = { isBusy, setsAside: setsAside(first.name), generation };
    return {
      number,
      model,
      ...stored,
      runner: new ProjectionRunner(store, seam(stored.opened.projection), logger, clock, options),
      pace,
    };
  };

/** A database has a part of the orders already. */
const NO_WORKERS: WorkerPlaces = {};

/** The databases of each layout, each with generations of its own. */
const layoutsOf = (
  { current, next }: OrderDatabases,
  deps: GenerationsDeps,
  generationsOf: (model: ReadModel<OrdersOfDatabase>, deps: GenerationsDeps) => ModelGenerations<OrdersOfDatabase>,
): FedLayouts => {
  const { cache: _, ...databases } = deps.databases;
  const fed = ({ layout, databases: each }: LayoutDatabases, isServed: boolean): FedLayout => ({
    layout,
    shards: each.map((sql, number) =>
      generationsOf(ordersShard(layout, number, isServed), {
        ...deps,
        databases: { ...databases, sql },
        workerPlaces: NO_WORKERS,
      }),
    ),
  });
  return { current: fed(current, true), ...(next === undefined ? {} : { next: fed(next, false) }) };
};

/** A question that has failed waits so long for another generation, and so long for the log to name one. */
const MOVES_WITHIN_MS = 5_000;
const IS_TOLD_WITHIN_MS = 200;
const LOOKS_EVERY_MS = 10;
const ASKS_AGAIN_MS = 1_000;
const REMOVES_AGAIN_MS = 10_000;

/** Opens the generations that the log has decided on, and follows what it decides from then on. */
export class GenerationsHere {
  readonly of: AllGenerations;
  /** Orders that are spread over databases. Undefined: they are in one table. */
  readonly layouts: FedLayouts | undefined;
  /** Undefined: stations are searched in the memory of each process. */
  readonly stations: ModelGenerations<StationQueries> | undefined;
  readonly #each: readonly ModelGenerations<unknown>[];
  readonly #first = new Map<string, ReadModel<unknown>>();
  readonly #deps: GenerationsDeps;
  /** Decisions up to here are known. */
  #position: Position = 0;
  readonly #ending = new AbortController();
  #follower: LogFollower | undefined;

  constructor(deps: GenerationsDeps) {
    const changedOf = (model: string): RunnersChanged => ({
      ...deps.changed,
      failed: (error, again) => this.#later(error, again),
      unknown: (generation, rows) =>
        deps.logger.warn({ model, generation, rows }, 'a generation that the log does not know is thrown away'),
    });
    const generationsOf = <Queries>(model: ReadModel<Queries>, deps: GenerationsDeps): ModelGenerations<Queries> => {
      const { name } = model;
      this.#first.set(name, model);
      return new ModelGenerations(name, openingOf(model, deps), changedOf(name), () => deps.store.lastPosition());
    };
    const { orders: spread } = deps.databases;
    const whole = Object.entries<ReadModel<unknown>>(READ_MODELS)
      .filter(([name]) => spread === undefined || name !== READ_MODELS.orders.name)
      .map(([name, model]) => [name, generationsOf(model, deps)] as const);
    // Safe cast: the names stay the same, each with its own model.
    this.of = Object.fromEntries(whole) as AllGenerations;
    this.layouts = spread === undefined ? undefined : layoutsOf(spread, deps, generationsOf);
    this.stations = deps.search.stations === undefined ? undefined : generationsOf(stationSearchModel, deps);
    const { current, next } = this.layouts ?? {};
    const stations = this.stations === undefined ? [] : [this.stations];
    this.#each = [...whole.map(([, one]) => one), ...(current?.shards ?? []), ...(next?.shards ?? []), ...stations];
    this.#deps = deps;
  }

  /** Undefined: there is no such model, or it has no generations. */
  named(model: string): ModelGenerations<unknown> | undefined {
    return this.#each.find((one) => one.model === model);
  }

  /** The model of this name as it is declared. */
  firstOf(model: string): ReadModel<unknown> {
    const first = this.#first.get(model);
    if (first === undefined) throw new Error(`there is no read model ${model}`);
    return first;
  }

  get all(): readonly ModelGenerations<unknown>[] {
    return this.#each;
  }

  /** Waits until the log has said which generations there are: nothing is fed or shown before. */
  async start(): Promise<void> {
    const { clock } = this.#deps;
    const { signal } = this.#ending;
    while (!signal.aborted && !(await this.#begin())) await pause(clock, ASKS_AGAIN_MS, signal);
  }

  /** Does from now on what the log decides. */
  goOn(): void {
    const { store, clock, logger } = this.#deps;
    for (const one of this.#each)
      one
        .removeLeft()
        .catch((err: unknown) => logger.warn({ err, model: one.model }, 'an old generation is still there'));
    this.#follower = new LogFollower(
      { store, clock, logger },
      {
        name: 'the generations of the read models',
        categories: [replayCategory.name],
        after: () => this.#position,
        take: async ({ events, position }) => {
          const decided = new Set(events.filter(replayCategory.holds).map(({ stream }) => stream));
          const told = this.#each.filter(({ model }) => decided.has(replayCategory.stream(model)));
          // One whose store is away keeps no other from what was decided about it.
          const done = await Promise.allSettled(told.map((one) => this.follow(one)));
          for (const each of done) if (each.status === 'rejected') throw each.reason;
          this.#position = position;
        },
      },
    );
    // It ends with `stop`, and never by itself.
    this.#follower.done.catch(() => {});
  }

  #later(err: unknown, again: () => void): void {
    const { clock, logger } = this.#deps;
    logger.warn({ err }, 'a generation of a read model could not be removed; it is tried again');
    const timer = clock.after(REMOVES_AGAIN_MS, again);
    this.#ending.signal.addEventListener('abort', () => timer.cancel(), { once: true });
  }

  /** False: the log cannot be read now. */
  async #begin(): Promise<boolean> {
    const { store, logger } = this.#deps;
    try {
      const position = await store.lastPosition();
      const decided = await Promise.all(this.#each.map(({ model }) => load(store, replayCategory, model)));
      for (const [index, one] of this.#each.entries()) await one.begin(decided[index]?.state ?? onlyTheFirst);
      this.#position = position;
      return true;
    } catch (err) {
      if (!(err instanceof EventStoreError)) throw err;
      logger.warn({ err }, 'the log does not say which generations of the read models there are');
      return false;
    }
  }

  /** Does what the log says by now about this model. */
  async follow<Queries>(one: ModelGenerations<Queries>): Promise<void> {
    await one.follow((await load(this.#deps.store, replayCategory, one.model)).state);
  }

  /**
   * Asked when this generation could not answer: the one that is read by now. Another process may have dropped this one
   * while nobody here could hear of it. Undefined: it is still the one to read.
   */
  async insteadOf<Queries>(
    one: ModelGenerations<Queries>,
    { number }: OpenGeneration<Queries>,
  ): Promise<OpenGeneration<Queries> | undefined> {
    const { clock, logger } = this.#deps;
    this.follow(one).catch((err: unknown) => logger.warn({ err, model: one.model }, 'what is read could not be asked'));
    for (let waitedMs = 0; waitedMs < MOVES_WITHIN_MS; waitedMs += LOOKS_EVERY_MS) {
      await pause(clock, LOOKS_EVERY_MS);
      if (one.read.number !== number) {
        await one.moving;
        return one.read;
      }
      if (waitedMs >= IS_TOLD_WITHIN_MS && one.decided.serving === number) return undefined;
    }
    throw new EventStoreError('STORE_UNAVAILABLE', `another generation of read model ${one.model} is not here yet`);
  }

  /** Before those that feed the models are stopped: none is begun after that. */
  async end(): Promise<void> {
    await Promise.all([this.#follower?.stop(), ...this.#each.map((one) => one.end())]);
  }

  stop(): void {
    this.#ending.abort();
  }

  /** After nothing is fed or asked any more. */
  async close(): Promise<void> {
    for (const one of this.#each) await one.close();
  }
}
