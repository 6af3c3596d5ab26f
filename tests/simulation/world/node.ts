// One process of Railhead: the very modules that a server runs, on simulated ports. It can be
// killed at any moment; its disks stay, and the next life begins from them and from the log.
import type { AllocatorPool } from '@railhead/commands/allocation/allocator-pool.ts';
import type { InventoryDeps } from '@railhead/commands/inventory/operator.ts';
import { type Limits, NO_LIMITS } from '@railhead/commands/limits/limits.ts';
import type { Reservations } from '@railhead/commands/limits/reservations.ts';
import type { OrderProcess } from '@railhead/commands/order-process/order-process.ts';
import { orderSteps } from '@railhead/commands/order-process/order-steps.ts';
import type { OrderWatch } from '@railhead/commands/orders/order-watch.ts';
import type { PlaceOrderDeps } from '@railhead/commands/orders/place-order.ts';
import type { CreatePaymentDeps } from '@railhead/commands/payments/create-payment.ts';
import type { Clock } from '@railhead/commands/ports/clock.ts';
import type { EventStore } from '@railhead/commands/ports/event-store.ts';
import type { Logger } from '@railhead/commands/ports/logger.ts';
import type { PaymentGateway } from '@railhead/commands/ports/payment-gateway.ts';
import type { QueueProcess } from '@railhead/commands/queue/queue-process.ts';
import type { RunQueues } from '@railhead/commands/queue/run-queues.ts';
import type { RunProcess } from '@railhead/commands/run-process/run-process.ts';
import type { RunDirectory } from '@railhead/commands/runs/run-directory.ts';
import type { SaleOpeningsHere } from '@railhead/commands/sale-openings/sale-openings.ts';
import type { SubmitWaitlistDeps } from '@railhead/commands/waitlist/submit-waitlist.ts';
import { bestFit } from '@railhead/domain/allocation/choose-seats.ts';
import { runName } from '@railhead/domain/train-run/stream.ts';
import { Lifetime } from '@railhead/infra/composition/lifetime.ts';
import type { GenerationsHere } from '@railhead/infra/composition/model-generations.ts';
import { containerOf, type PartModule, rootsOf } from '@railhead/infra/composition/module.ts';
import { modelsModule } from '@railhead/infra/composition/modules/models.ts';
import { saleModule } from '@railhead/infra/composition/modules/sale.ts';
import { PARTS } from '@railhead/infra/composition/parts.ts';
import type { AvailabilityQueries } from '@railhead/projections/availability/shown-stock.ts';
import type { Projection } from '@railhead/projections/engine/projection.ts';
import type { ProjectionRunner } from '@railhead/projections/engine/projection-runner.ts';
import type { ReadDatabase } from '@railhead/projections/engine/read-database.ts';
import { allIn } from '@railhead/projections/engine/read-databases.ts';
import type { Container } from 'inversify';
import type { CompiledQuery } from 'kysely';
import { NO_SELF_START, QUEUE_RULES } from '../../support/queue-options.ts';
import type { Dice } from '../kernel/dice.ts';
import { Life } from '../kernel/life.ts';
import type { Scheduler } from '../kernel/scheduler.ts';
import type { Trace } from '../kernel/trace.ts';
import { Network, type Weather } from '../ports/network.ts';
import { CheckpointDisk, simCheckpoints } from '../ports/sim-checkpoints.ts';
import { type ClockError, SimClock } from '../ports/sim-clock.ts';
import { gatewayClient, type SimGateway } from '../ports/sim-gateway.ts';
import { issuerClient, type SimIssuer } from '../ports/sim-issuer.ts';
import type { SimLog } from '../ports/sim-log.ts';
import { SnapshotDisk, simSnapshots } from '../ports/sim-snapshots.ts';
import { newReadDisk, openReadSide, type ReadDisk } from '../ports/sim-sql.ts';
import { StoreClient } from '../ports/store-client.ts';
import { isLimited, type Plan, prioritiesOfLife } from './plan.ts';
import type { Place, Seam } from './seam.ts';
import { Violation } from './violation.ts';

export const SALE_DAYS = 15;
const NUMBERING = { secret: 'a-secret-of-the-simulation' };
/** Slower than a server's, because a simulated day has many of them. */
const BEAT_MS = 4_000;
/** Within the time that the world waits for a stop. */
const SLOWEST_STOP_MS = 4 * 60_000;

export type NodeDeps = {
  readonly plan: Plan;
  readonly log: SimLog;
  readonly gateway: SimGateway;
  readonly issuer: SimIssuer;
  readonly scheduler: Scheduler;
  readonly dice: Dice;
  readonly weather: Weather;
  readonly trace: Trace;
  readonly seam: Seam;
  /** The log is embedded in this node, so nobody else writes to it. */
  readonly embedded: boolean;
  /** The database that all nodes have for their SQL models; undefined: each has its own for everything. */
  readonly sharedReads: ReadDisk | undefined;
  /** Called when the node has died of a fault; the world then starts it again. */
  readonly onCrash: (node: SimNode) => void;
};

/** The read models of a node, which may begin anew while it lives. */
type Models = {
  readonly runners: readonly ProjectionRunner[];
  readonly generations: GenerationsHere;
  readonly availability: AvailabilityQueries;
  readonly lifetime: Lifetime;
};

/** What one life of a node consists of. */
export type Parts = {
  readonly life: Life;
  readonly network: Network;
  readonly place: Place;
  readonly lifetime: Lifetime;
  readonly store: EventStore;
  readonly clock: Clock;
  readonly gateway: PaymentGateway;
  readonly runs: RunDirectory;
  readonly pool: AllocatorPool;
  readonly reservations: Reservations;
  readonly openings: SaleOpeningsHere;
  readonly queues: RunQueues;
  readonly queueProcess: QueueProcess;
  readonly watch: OrderWatch;
  readonly process: OrderProcess;
  readonly runProcess: RunProcess;
  models: Models;
  readonly newModels: () => Models;
};

export class SimNode {
  readonly name: string;
  readonly readDisk: ReadDisk;
  readonly clockError: ClockError = { offsetMs: 0 };
  /** Lives so far. */
  lives = 0;
  readonly #deps: NodeDeps;
  /** By the name of the process. */
  readonly #checkpoints = new Map<string, CheckpointDisk>();
  readonly #snapshots = new SnapshotDisk();
  #parts: Parts | undefined;
  #restarting: Parts | undefined;
  #stopping: Parts | undefined;
  #started: Parts | undefined;

  private constructor(name: string, readDisk: ReadDisk, deps: NodeDeps) {
    this.name = name;
    this.readDisk = readDisk;
    this.#deps = deps;
  }

  static async create(name: string, deps: NodeDeps): Promise<SimNode> {
    return new SimNode(name, await newReadDisk(), deps);
  }

  /** Where the rows of its SQL models are. */
  get sqlDisk(): ReadDisk {
    return this.#deps.sharedReads ?? this.readDisk;
  }

  /** Undefined while it is down. */
  get parts(): Parts | undefined {
    return this.#parts?.life.alive === true ? this.#parts : undefined;
  }

  start(): void {
    const { weather, dice, trace } = this.#deps;
    this.lives += 1;
    trace.incident(this.name, `life ${this.lives} begins`);
    if (this.lives > 1 && dice.chance(weather.faults.checkpointOld)) {
      trace.incident(this.name, 'checkpointOld');
      for (const disk of this.#checkpoints.values()) disk.restore(dice.next());
    }
    if (this.lives > 1 && dice.chance(weather.faults.readSideOld) && this.readDisk.restore())
      trace.incident(this.name, 'readSideOld');
    if (this.lives > 1 && dice.chance(weather.faults.readSideOld) && this.#deps.sharedReads?.restore() === true)
      trace.incident(this.name, 'readSideOld: the shared one');
    if (this.lives > 1 && dice.chance(weather.faults.snapshotOld)) this.#snapshots.restore(dice.next());
    if (this.lives > 1 && dice.chance(weather.faults.cacheLost)) this.#snapshots.loseAll();
    const parts = this.#compose();
    this.#parts = parts;
    this.#startUp(parts);
  }

  /** A process that cannot start is started again. */
  #startUp(parts: Parts): void {
    const failed = (error: unknown): void => {
      this.#deps.trace.incident(this.name, `could not start: ${String(error)}`);
      this.kill('it could not start');
      this.#deps.onCrash(this);
    };
    const begin = async (): Promise<void> => {
      await Promise.all([parts.models.lifetime.start(), parts.lifetime.start()]);
      this.#started = parts;
    };
    begin().catch((error: unknown) => {
      if (parts.life.alive) failed(error);
    });
  }

  kill(why: string): void {
    const parts = this.parts;
    if (parts === undefined) return;
    this.#deps.trace.incident(this.name, `dies: ${why}`);
    parts.life.end();
  }

  /** Stops the process in order, as the server does. False: it was not running, or died before the end. */
  async stop(): Promise<boolean> {
    const parts = this.parts;
    if (parts === undefined || this.#stopping === parts || this.#started !== parts) return false;
    this.#stopping = parts;
    const { life, lifetime } = parts;
    const { dice, scheduler, weather } = this.#deps;
    this.#deps.trace.incident(this.name, 'is asked to stop');
    const hasEnded = await life.during(async () => {
      await life.closeDoors();
      if (dice.chance(weather.faults.slowStop)) await scheduler.sleep(dice.next() * SLOWEST_STOP_MS, life);
      await lifetime.stop();
      await parts.models.lifetime.stop();
    });
    if (hasEnded) this.kill('stopped');
    return hasEnded;
  }

  /** Restarts the read models of a running node; what was only in memory is gone. */
  async restartModels(): Promise<void> {
    const parts = this.parts;
    // One restart at a time: nobody runs two models on one database.
    if (parts === undefined || this.#restarting === parts || this.#stopping === parts) return;
    this.#restarting = parts;
    this.#deps.trace.incident(this.name, 'read models restart');
    try {
      await parts.life.serve(() => parts.models.lifetime.stop());
    } catch {
      return; // it died before they had stopped
    }
    parts.models = parts.newModels();
    try {
      await parts.life.serve(() => parts.models.lifetime.start());
    } catch {
      return; // it died before they had started
    }
    this.#restarting = undefined;
  }

  #diskOf(process: string): CheckpointDisk {
    const disk = this.#checkpoints.get(process) ?? new CheckpointDisk();
    this.#checkpoints.set(process, disk);
    return disk;
  }

  #compose(): Parts {
    const { plan, log, scheduler, weather, trace, gateway, issuer, seam, embedded, sharedReads, onCrash } = this.#deps;
    const life = new Life(`${this.name}.${this.lives}`);
    const dice = this.#deps.dice.fork(life.name);
    const crash = (): void => {
      if (!life.alive) return;
      this.kill('crash');
      onCrash(this);
    };
    const network = new Network({ scheduler, dice, life, weather, trace, latencyMs: plan.latencyMs, crash });
    const place = { life, lives: this.lives, network, gateway, log };
    const { inOrder, lagMs } = plan;
    const store = seam.store(new StoreClient(log, network, { inOrder, embedded, lagMs }), place);
    const clock = seam.clock(new SimClock(scheduler, life, this.clockError), place);
    const payments = seam.gateway(gatewayClient(gateway, network), place);
    const snapshots = simSnapshots(this.#snapshots, network);
    const quotas = seam.quotas(plan.trains.flatMap((train) => train.quotas ?? []));
    const local = openReadSide(this.readDisk, { network });
    const sharedBy = (disk: ReadDisk): ReadDatabase => {
      const access = { network, isElsewhere: true, seam: (query: CompiledQuery) => seam.sql(query) };
      return openReadSide(disk, access, { owner: life.name, clock, beatMs: BEAT_MS });
    };
    const ports: PartModule = {
      declare: (_, given) => {
        given(PARTS.store, store);
        given(PARTS.clock, clock);
        given(PARTS.random, dice.fork('allocators'));
        given(PARTS.logger, loggerOf(trace, life.name));
        given(PARTS.isBusy, () => false);
        given(PARTS.gateway, payments);
        given(PARTS.processCheckpoints, (process) =>
          seam.checkpoints(simCheckpoints(this.#diskOf(process), network), place),
        );
        given(PARTS.snapshots, snapshots);
        given(PARTS.searchServer, {});
        given(PARTS.workerPlaces, {});
        given(PARTS.readDatabases, sharedReads === undefined ? allIn(local) : { local, sql: sharedBy(sharedReads) });
        given(PARTS.rules, { policy: seam.policy(bestFit), quotas, forecasts: [] });
        given(PARTS.numbering, NUMBERING);
        given(PARTS.saleOptions, {
          paymentMinutes: plan.paymentMinutes,
          gatewayGraceMinutes: plan.gatewayGraceMinutes ?? 1,
          assignMinutes: plan.assignMinutes,
          limits: limitsOf(plan),
          queueRules: { ...QUEUE_RULES, ...plan.queue },
          selfStart: NO_SELF_START,
          priorities: prioritiesOfLife(plan, this.lives),
          issuer: plan.issuer === true ? seam.issuer(issuerClient(issuer, network), place) : undefined,
          checkpointEveryMs: plan.checkpointEveryMs,
          steps: (deps) => seam.steps(orderSteps(deps), place),
          allocators: {
            owner: life.name,
            onSaleStopped: (_, detail) => scheduler.fail(new Violation('SALE_STOPPED', detail)),
            batchLimit: plan.batchLimit,
            soleWriter: embedded,
            snapshotEvery: plan.snapshotEvery,
            onSnapshotFailed: (_, error) => trace.step(life.name, `no snapshot: ${String(error)}`),
          },
        });
      },
    };
    const lifetime = new Lifetime();
    const container = containerOf([ports, saleModule], lifetime);
    for (const root of rootsOf([saleModule])) container.get(root);
    const newModels = (): Models => this.#models(container);
    return {
      life,
      network,
      place,
      lifetime,
      store,
      clock,
      gateway: payments,
      runs: container.get(PARTS.runs),
      pool: container.get(PARTS.pool),
      reservations: container.get(PARTS.reservations),
      openings: container.get(PARTS.openings),
      queues: container.get(PARTS.queues),
      queueProcess: container.get(PARTS.queueProcess),
      watch: container.get(PARTS.watch),
      process: container.get(PARTS.orderProcess),
      runProcess: container.get(PARTS.runProcess),
      models: newModels(),
      newModels,
    };
  }

  #models(node: Container): Models {
    const lifetime = new Lifetime();
    const container = containerOf([modelsModule({ setAsideIn: '' })], lifetime, node);
    container.onActivation(
      PARTS.projectionSeam,
      () => (projection: Projection) => this.#deps.seam.projection(projection, this.name),
    );
    const runners = container.get(PARTS.projectionRunners);
    container.get(PARTS.generationsFollower);
    const generations = container.get(PARTS.modelGenerations);
    return {
      runners,
      generations,
      get availability() {
        return generations.of.availability.read.opened.queries;
      },
      lifetime,
    };
  }
}

const limitsOf = ({ limits, faults }: Plan): Limits => {
  if (limits === undefined) return NO_LIMITS;
  const { ticketsPerTrain, ticketsPerDocument, unpaidEndsPerDay } = limits;
  // An append may arrive four minutes late; clocks that are wrong differ by an hour.
  const unclaimedMinutes = faults.clockJump > 0 ? 120 : 5;
  return {
    ticketsPerTrain: (userId) => (isLimited(userId) ? ticketsPerTrain : Number.POSITIVE_INFINITY),
    ticketsPerDocument,
    mayOverlap: false,
    unpaidEndsPerDay: (userId) => (isLimited(userId) ? unpaidEndsPerDay : Number.POSITIVE_INFINITY),
    unclaimedMinutes,
  };
};

/** The dependencies that the write API gives its handlers. */
export const placeDeps = (
  { store, runs, clock, process, reservations }: Parts,
  queueLimit: number,
): PlaceOrderDeps => ({
  store,
  runs,
  clock,
  saleWindow: { days: SALE_DAYS },
  numbering: NUMBERING,
  idempotencyDays: 7,
  reservations,
  queueLimit,
  queueDepth: (run) => process.queues.depthOf(runName(run)),
  unpaid: { counted: process.unpaid, limitOf: () => Number.POSITIVE_INFINITY },
});

export const submitDeps = (
  { store, runs, clock, pool, reservations }: Parts,
  paymentMinutes: number,
): SubmitWaitlistDeps => ({
  ...{ store, runs, clock, pool, reservations, paymentMinutes },
  saleWindow: { days: SALE_DAYS },
  numbering: NUMBERING,
});

export const paymentDeps = ({ store, gateway, clock }: Parts): CreatePaymentDeps => ({
  store,
  gateway,
  clock,
});

export const inventoryDeps = ({ store, pool, runs, clock }: Parts): InventoryDeps => ({
  store,
  pool,
  runs,
  clock,
});

const loggerOf = (trace: Trace, who: string): Logger => {
  const note = (fields: object, message: string): void => {
    const error = 'err' in fields ? `: ${String(fields.err)}` : '';
    trace.step(who, message + error);
  };
  return { debug: () => {}, info: () => {}, warn: note, error: note };
};
