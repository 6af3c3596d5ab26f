// The composition root: the only place that knows which adapter stands behind which port.
import { zoneNamed } from '@railhead/commands/time/zone.ts';
import 'reflect-metadata';
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { AllocatorPool } from '@railhead/commands/allocation/allocator-pool.ts';
import { bestFitOnly, type SellingRules } from '@railhead/commands/allocation/selling-rules.ts';
import { OrderProcess } from '@railhead/commands/order-process/order-process.ts';
import { orderSteps } from '@railhead/commands/order-process/order-steps.ts';
import { OrderWatch } from '@railhead/commands/orders/order-watch.ts';
import type { Clock } from '@railhead/commands/ports/clock.ts';
import type { EventStore } from '@railhead/commands/ports/event-store.ts';
import type { Logger } from '@railhead/commands/ports/logger.ts';
import type { PaymentGateway } from '@railhead/commands/ports/payment-gateway.ts';
import { RunProcess } from '@railhead/commands/run-process/run-process.ts';
import { RunDirectory } from '@railhead/commands/runs/run-directory.ts';
import { ProjectionRunner } from '@railhead/projections/engine/projection-runner.ts';
import type { ReadDatabase } from '@railhead/projections/engine/read-database.ts';
import { openModels, READ_MODELS } from '@railhead/projections/read-models.ts';
import type { ReadModels } from '@railhead/read-api/read-models.ts';
import { Container, type ServiceIdentifier } from 'inversify';
import { ConfigError } from '../config/load-config.ts';
import type { Config } from '../config/settings.ts';
import { createLogger } from '../observability/logger.ts';
import { Metrics } from '../observability/metrics.ts';
import { StoreMetrics } from '../observability/store-metrics.ts';
import { SandboxClient } from '../payment/sandbox/sandbox-client.ts';
import { SandboxGateway } from '../payment/sandbox/sandbox-gateway.ts';
import { loadRollingStock, type RollingStock } from '../rolling-stock/rolling-stock.ts';
import { loadForecasts, loadQuotas } from '../selling-rules/load-rules.ts';
import { SqliteSnapshots } from '../snapshots/sqlite-snapshots.ts';
import { openReadDatabase } from '../sql/read-database.ts';
import { SqliteCheckpoints } from '../sql/sqlite-checkpoints.ts';
import { systemClock, systemRandom } from '../system/system-clock.ts';
import { dropForeignState } from './derived-state.ts';
import { openStore, storeKind } from './open-store.ts';

const id = <Type>(name: string): ServiceIdentifier<Type> => Symbol.for(`railhead/${name}`);

export const TOKENS = {
  config: id<Config>('config'),
  logger: id<Logger>('logger'),
  clock: id<Clock>('clock'),
  store: id<EventStore>('store'),
  readDatabase: id<ReadDatabase>('readDatabase'),
  checkpoints: id<SqliteCheckpoints>('checkpoints'),
  runs: id<RunDirectory>('runs'),
  snapshots: id<SqliteSnapshots>('snapshots'),
  pool: id<AllocatorPool>('pool'),
  gateway: id<PaymentGateway>('gateway'),
  sandbox: id<SandboxGateway>('sandbox'),
  process: id<OrderProcess>('process'),
  runCheckpoints: id<SqliteCheckpoints>('runCheckpoints'),
  runProcess: id<RunProcess>('runProcess'),
  watch: id<OrderWatch>('watch'),
  models: id<ReadModels>('models'),
  runners: id<readonly ProjectionRunner[]>('runners'),
  rollingStock: id<RollingStock>('rollingStock'),
  rules: id<SellingRules>('rules'),
  metrics: id<Metrics>('metrics'),
} as const;

/** Saved so often, the order process repeats little after a crash. */
const CHECKPOINT_EVERY_MS = 1_000;

/** What a process stands on: the machine's clock, and the store that the configuration names, unless told otherwise. */
export type Foundations = { readonly clock?: Clock; readonly store?: EventStore };

/** `baseUrl` is where this process can be reached; known once it listens. */
export const composeContainer = async (
  config: Config,
  baseUrl: () => string,
  foundations: Foundations = {},
): Promise<Container> => {
  const container = new Container({ defaultScope: 'Singleton' });
  if (config.rollingStock !== '' && !existsSync(config.rollingStock))
    throw new ConfigError('CONFIG_INVALID', `rollingStock: there is no folder ${config.rollingStock}`);
  const rollingStock = loadRollingStock(config.rollingStock === '' ? undefined : config.rollingStock);
  const rules = { ...bestFitOnly, quotas: loadQuotas(config.quotas), forecasts: loadForecasts(config.forecast) };
  const logger = createLogger(config.logLevel);
  const storeMetrics = new StoreMetrics();
  const store = foundations.store ?? (await openStore(config, storeMetrics));
  await dropForeignState(config.data, store, storeKind(config));
  container.bind(TOKENS.config).toConstantValue(config);
  container.bind(TOKENS.logger).toConstantValue(logger);
  container.bind(TOKENS.clock).toConstantValue(foundations.clock ?? systemClock(zoneNamed(config.timeZone)));
  container.bind(TOKENS.store).toConstantValue(store);
  container.bind(TOKENS.rollingStock).toConstantValue(rollingStock);
  container.bind(TOKENS.rules).toConstantValue(rules);
  const models = Object.values(READ_MODELS);
  container
    .bind(TOKENS.readDatabase)
    .toConstantValue(await openReadDatabase(config.data, await store.lastPosition(), models, logger));
  bindWriteSide(container, config, baseUrl);
  bindReadSide(container);
  bindMetrics(container);
  if (storeKind(config) === 'esdb') storeMetrics.register(container.get(TOKENS.metrics).registry);
  return container;
};

const bindWriteSide = (container: Container, config: Config, baseUrl: () => string): void => {
  const { paymentMinutes, assignMinutes } = config;
  container.bind(TOKENS.runs).toResolvedValue((store: EventStore) => new RunDirectory(store), [TOKENS.store]);
  container
    .bind(TOKENS.watch)
    .toResolvedValue(
      (store: EventStore, clock: Clock, logger: Logger) => new OrderWatch(store, clock, logger),
      [TOKENS.store, TOKENS.clock, TOKENS.logger],
    );
  container.bind(TOKENS.checkpoints).toResolvedValue(() => new SqliteCheckpoints(config.data, 'orders'), []);
  container
    .bind(TOKENS.sandbox)
    .toResolvedValue(
      (clock: Clock, logger: Logger) =>
        new SandboxGateway({ folder: config.data, secret: config.gatewaySecret, clock, logger }),
      [TOKENS.clock, TOKENS.logger],
    );
  container.bind(TOKENS.gateway).toResolvedValue(
    (clock: Clock) =>
      new SandboxClient({
        gatewayUrl: () => config.gatewayUrl || baseUrl(),
        notifyUrl: () => `${baseUrl()}/v1/payments/callback`,
        secret: config.gatewaySecret,
        clock,
      }),
    [TOKENS.clock],
  );
  container.bind(TOKENS.snapshots).toResolvedValue(() => new SqliteSnapshots(config.data), []);
  container.bind(TOKENS.pool).toResolvedValue(
    (
      store: EventStore,
      clock: Clock,
      logger: Logger,
      runs: RunDirectory,
      metrics: Metrics,
      rules: SellingRules,
      snapshots: SqliteSnapshots,
    ) =>
      new AllocatorPool(
        {
          store,
          snapshots,
          // The folder is locked, and this is the only pool on it.
          soleWriter: store.capabilities.atomicStreams,
          onSnapshotFailed: (key, error) => logger.warn({ ...key, err: error }, 'a snapshot could not be saved'),
          rules,
          clock,
          random: systemRandom,
          owner: `railhead-${randomUUID()}`,
          onSaleStopped: (key, detail) => logger.error({ ...key, detail }, 'the sale of a class has stopped'),
          onConflict: () => metrics.allocationConflicts.inc(),
        },
        runs,
      ),
    [TOKENS.store, TOKENS.clock, TOKENS.logger, TOKENS.runs, TOKENS.metrics, TOKENS.rules, TOKENS.snapshots],
  );
  container.bind(TOKENS.runCheckpoints).toResolvedValue(() => new SqliteCheckpoints(config.data, 'runs'), []);
  container
    .bind(TOKENS.runProcess)
    .toResolvedValue(
      (
        store: EventStore,
        checkpoints: SqliteCheckpoints,
        pool: AllocatorPool,
        runs: RunDirectory,
        clock: Clock,
        logger: Logger,
      ) => new RunProcess({ store, checkpoints, pool, runs, clock, logger, assignMinutes }),
      [TOKENS.store, TOKENS.runCheckpoints, TOKENS.pool, TOKENS.runs, TOKENS.clock, TOKENS.logger],
    );
  container.bind(TOKENS.process).toResolvedValue(
    (
      store: EventStore,
      checkpoints: SqliteCheckpoints,
      pool: AllocatorPool,
      runs: RunDirectory,
      gateway: PaymentGateway,
      clock: Clock,
      logger: Logger,
    ) => {
      const steps = orderSteps({ store, pool, runs, gateway, clock, paymentMinutes });
      return new OrderProcess({ store, checkpoints, steps, clock, logger, checkpointEveryMs: CHECKPOINT_EVERY_MS });
    },
    [TOKENS.store, TOKENS.checkpoints, TOKENS.pool, TOKENS.runs, TOKENS.gateway, TOKENS.clock, TOKENS.logger],
  );
};

const bindReadSide = (container: Container): void => {
  const store = container.get(TOKENS.store);
  const logger = container.get(TOKENS.logger);
  const clock = container.get(TOKENS.clock);
  const models = Object.entries(openModels(container.get(TOKENS.readDatabase))).map(
    ([name, { projection, queries }]) => ({
      name,
      queries,
      runner: new ProjectionRunner(store, projection, logger, clock),
    }),
  );
  container.bind(TOKENS.runners).toConstantValue(models.map(({ runner }) => runner));
  const served = Object.fromEntries(models.map(({ name, queries, runner: { gate } }) => [name, { queries, gate }]));
  // Safe cast: under each name the queries that its own model has opened.
  container.bind(TOKENS.models).toConstantValue(served as ReadModels);
};

const bindMetrics = (container: Container): void => {
  const store = container.get(TOKENS.store);
  const runners = container.get(TOKENS.runners);
  container.bind(TOKENS.metrics).toConstantValue(
    new Metrics({
      logPosition: () => store.lastPosition(),
      lags: () =>
        Promise.all(
          runners.map(async (runner) => ({
            model: runner.name,
            lagEvents: await runner.lag(),
            lagSeconds: await runner.lagSeconds(),
          })),
        ),
      unfinishedOrders: () => container.get(TOKENS.process).unfinished,
    }),
  );
};
