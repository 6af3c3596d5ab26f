// Names of a process's parts. The role decides which module makes a part.
import type { AllocatorPool } from '@railhead/commands/allocation/allocator-pool.ts';
import type { SellingRules } from '@railhead/commands/allocation/selling-rules.ts';
import type { Reservations } from '@railhead/commands/limits/reservations.ts';
import type { OrderProcess } from '@railhead/commands/order-process/order-process.ts';
import type { OrderNumbering } from '@railhead/commands/orders/order-number.ts';
import type { OrderWatch } from '@railhead/commands/orders/order-watch.ts';
import type { Clock } from '@railhead/commands/ports/clock.ts';
import type { Logger } from '@railhead/commands/ports/logger.ts';
import type { PaymentGateway } from '@railhead/commands/ports/payment-gateway.ts';
import type { ProcessCheckpoints } from '@railhead/commands/ports/process-checkpoints.ts';
import type { Random } from '@railhead/commands/ports/random.ts';
import type { Snapshots } from '@railhead/commands/ports/snapshots.ts';
import type { QueueProcess } from '@railhead/commands/queue/queue-process.ts';
import type { RunQueues } from '@railhead/commands/queue/run-queues.ts';
import type { DailyReconciliation } from '@railhead/commands/reconciliation/daily-reconciliation.ts';
import type { Reconciliations } from '@railhead/commands/reconciliation/reconciliations.ts';
import type { RunProcess } from '@railhead/commands/run-process/run-process.ts';
import type { RunDirectory } from '@railhead/commands/runs/run-directory.ts';
import type { SaleOpeningsHere } from '@railhead/commands/sale-openings/sale-openings.ts';
import type { ConfiguredPriorities } from '@railhead/commands/waitlist/waitlist-priorities.ts';
import type { RunningProcess } from '@railhead/commands/workflow/workflow-runner.ts';
import type { Projection } from '@railhead/projections/engine/projection.ts';
import type { ProjectionRunner } from '@railhead/projections/engine/projection-runner.ts';
import type { ReadDatabases } from '@railhead/projections/engine/read-databases.ts';
import type { Replicas } from '@railhead/projections/engine/replicas/replicas.ts';
import type { StationAliases } from '@railhead/projections/station-search/station-aliases.ts';
import type { ReadModels } from '@railhead/read-api/read-models.ts';
import type { StationReads } from '@railhead/read-api/stations/station-reads.ts';
import type { ServiceIdentifier } from 'inversify';
import type { ObservedStore } from '../eventstore/observed-store.ts';
import type { Readiness } from '../http/health-routes.ts';
import type { HttpServer } from '../http/http-server.ts';
import type { ServerAddress } from '../http/server-address.ts';
import type { Metrics } from '../observability/metrics.ts';
import type { Dialect } from '../payment/dialect.ts';
import type { SandboxGateway } from '../payment/sandbox/sandbox-gateway.ts';
import type { RollingStock } from '../rolling-stock/rolling-stock.ts';
import type { GenerationsHere } from './model-generations.ts';
import type { ServedOrders } from './orders-served.ts';
import type { WorkerPlaces } from './replay-workers/run-workers.ts';
import type { ReplaysHere } from './replays-here.ts';
import type { SaleOpening } from './sale-opening.ts';
import type { SaleOptions } from './sale-options.ts';
import type { SearchServer } from './search-server.ts';

const id = <Part>(name: string): ServiceIdentifier<Part> => Symbol.for(`railhead/${name}`);

export const PARTS = {
  clock: id<Clock>('clock'),
  random: id<Random>('random'),
  logger: id<Logger>('logger'),
  /** Has the process no time to spare at the moment? */
  isBusy: id<() => boolean>('isBusy'),
  metrics: id<Metrics>('metrics'),
  gauges: id<true>('gauges'),
  /** The store that everybody uses tells how its appends end. */
  store: id<ObservedStore>('store'),
  readiness: id<() => Promise<Readiness>>('readiness'),
  /** Path of the folder, once it is there and locked. */
  dataFolder: id<string>('dataFolder'),
  readDatabases: id<ReadDatabases>('readDatabases'),
  /** Without indices where nothing is searched on a server. */
  searchServer: id<SearchServer>('searchServer'),
  workerPlaces: id<WorkerPlaces>('workerPlaces'),
  /** The checkpoints of the process of this name. */
  processCheckpoints: id<(process: string) => ProcessCheckpoints>('processCheckpoints'),
  snapshots: id<Snapshots>('snapshots'),
  /** Between each model and what feeds it: a test's place for faults. */
  projectionSeam: id<(projection: Projection) => Projection>('projectionSeam'),
  /** Told when the log has decided about generations. */
  generationsFollower: id<GenerationsHere>('generationsFollower'),
  replays: id<ReplaysHere>('replays'),
  modelGenerations: id<GenerationsHere>('modelGenerations'),
  servedOrders: id<ServedOrders>('servedOrders'),
  projectionRunners: id<readonly ProjectionRunner[]>('projectionRunners'),
  replicas: id<Replicas>('replicas'),
  models: id<ReadModels>('models'),
  stations: id<StationReads>('stations'),
  stationAliases: id<StationAliases>('stationAliases'),
  numbering: id<OrderNumbering>('numbering'),
  rollingStock: id<RollingStock>('rollingStock'),
  rules: id<SellingRules>('rules'),
  saleOptions: id<SaleOptions>('saleOptions'),
  runs: id<RunDirectory>('runs'),
  /** When sales open, as operators have said. */
  openings: id<SaleOpeningsHere>('openings'),
  priorities: id<ConfiguredPriorities>('priorities'),
  watch: id<OrderWatch>('watch'),
  pool: id<AllocatorPool>('pool'),
  reservations: id<Reservations>('reservations'),
  queues: id<RunQueues>('queues'),
  queueProcess: id<QueueProcess>('queueProcess'),
  orderProcess: id<OrderProcess>('orderProcess'),
  runProcess: id<RunProcess>('runProcess'),
  /** These and every other. */
  processes: id<readonly RunningProcess[]>('processes'),
  saleOpening: id<SaleOpening>('saleOpening'),
  gateway: id<PaymentGateway>('gateway'),
  sandbox: id<SandboxGateway>('sandbox'),
  formSandbox: id<SandboxGateway>('formSandbox'),
  /** How Railhead speaks with the gateway of the channel `form`. */
  formMerchant: id<Dialect>('formMerchant'),
  dailyReconciliation: id<DailyReconciliation>('dailyReconciliation'),
  reconciliations: id<Reconciliations>('reconciliations'),
  address: id<ServerAddress>('address'),
  http: id<HttpServer>('http'),
} as const;
