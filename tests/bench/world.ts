// A railway for benchmarks: one kind of train, as many runs as wanted, and the write side that sells them.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AllocatorPool, type PoolDeps } from '@railhead/commands/allocation/allocator-pool.ts';
import { bestFitOnly } from '@railhead/commands/allocation/selling-rules.ts';
import { type Limits, NO_LIMITS } from '@railhead/commands/limits/limits.ts';
import type { Reservations } from '@railhead/commands/limits/reservations.ts';
import type { OrderProcess } from '@railhead/commands/order-process/order-process.ts';
import { orderSteps } from '@railhead/commands/order-process/order-steps.ts';
import type { EventStore } from '@railhead/commands/ports/event-store.ts';
import type { Logger } from '@railhead/commands/ports/logger.ts';
import type { PaymentGateway } from '@railhead/commands/ports/payment-gateway.ts';
import type { RunDirectory } from '@railhead/commands/runs/run-directory.ts';
import { today } from '@railhead/commands/runs/sale-window.ts';
import { appendOf } from '@railhead/commands/streams/append.ts';
import { zoneNamed } from '@railhead/commands/time/zone.ts';
import { addDays } from '@railhead/domain/timetable/timetable.ts';
import type { Composition } from '@railhead/domain/train-run/composition.ts';
import type { TrainRunOpened } from '@railhead/domain/train-run/events.ts';
import { runCategory } from '@railhead/domain/train-run/stream.ts';
import { noPriorities } from '@railhead/domain/waitlist-priorities/fold.ts';
import { Lifetime } from '@railhead/infra/composition/lifetime.ts';
import { containerOf, type PartModule } from '@railhead/infra/composition/module.ts';
import { saleModule } from '@railhead/infra/composition/modules/sale.ts';
import { PARTS } from '@railhead/infra/composition/parts.ts';
import type { SaleOptions } from '@railhead/infra/composition/sale-options.ts';
import { SqliteEventStore } from '@railhead/infra/eventstore/sqlite/sqlite-event-store.ts';
import { SqliteSnapshots } from '@railhead/infra/snapshots/sqlite-snapshots.ts';
import { sqliteCheckpoints } from '@railhead/infra/sql/sqlite-checkpoints.ts';
import { systemClock, systemRandom } from '@railhead/infra/system/system-clock.ts';
import { NO_SELF_START, QUEUE_RULES } from '../support/queue-options.ts';

export type WorldOptions = {
  readonly seats: number;
  readonly stops: number;
  /** Runs opened: `trains` numbers on `days` dates each. */
  readonly trains?: number;
  readonly days?: number;
  readonly atomicStreams?: boolean;
  /** False where the benchmark asks the allocators itself. */
  readonly orderProcess?: boolean;
  /** What users and documents may have; nothing is limited without. */
  readonly limits?: Limits;
  /** Absent: nobody pays. */
  readonly gateway?: PaymentGateway;
};

export type World = {
  readonly store: EventStore;
  readonly folder: string;
  readonly runs: RunDirectory;
  readonly pool: AllocatorPool;
  /** Allocators of another owner, as another process would have them; `seen` stands between them and the log. */
  readonly anotherPool: (owner: string, seen?: EventStore) => AllocatorPool;
  /** As `pool` has them, for a pool that should differ in something. */
  readonly allocatorDeps: PoolDeps;
  readonly poolOf: (deps: PoolDeps) => AllocatorPool;
  readonly process: OrderProcess;
  readonly reservations: Reservations;
  readonly stops: number;
  /** From tomorrow on, so that no train has left, whatever the hour. */
  readonly dates: readonly string[];
  /** Batches that met another writer so far and had to be decided again. */
  readonly conflicts: () => number;
  /** Rejects when the log contradicts itself; else never settles. To race against. */
  readonly broken: Promise<never>;
  close(): Promise<void>;
};

export const BENCH_SECRET = 'a-secret-of-the-benchmarks';

export const trainName = (n: number): string => `G${n + 1}`;
export const stationName = (n: number): string => `ST${n}`;

/** The machine's time, in Beijing. */
export const CLOCK = systemClock(zoneNamed('Asia/Shanghai'));
const ROW = 'ABCDF';
const nobodyPays = (): Promise<never> => Promise.reject(new Error('nobody pays here'));
const NOBODY_PAYS: PaymentGateway = {
  createPayment: nobodyPays,
  query: nobodyPays,
  close: nobodyPays,
  refund: nobodyPays,
};

const quiet: Logger = {
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: (fields, text) => console.error(text, fields),
};

/** One class of `seats` seats in coaches of at most a hundred. */
export const compositionOf = (seats: number): Composition => {
  const perCoach = 100;
  return Array.from({ length: Math.ceil(seats / perCoach) }, (_, n) => ({
    coach: String(n + 1).padStart(2, '0'),
    seatClass: 'second',
    layout: { kind: 'rows', rows: Math.ceil(Math.min(perCoach, seats - n * perCoach) / ROW.length), letters: ROW },
  }));
};

const stopsOf = (count: number) =>
  Array.from({ length: count }, (_, n) => ({
    code: stationName(n),
    name: stationName(n),
    arrives: n === 0 ? null : 1_400 + n * 20,
    departs: n === count - 1 ? null : 1_402 + n * 20,
    km: n * 100,
  }));

export const openWorld = async (options: WorldOptions): Promise<World> => {
  const folder = mkdtempSync(join(tmpdir(), 'railhead-bench-'));
  const lifetime = new Lifetime();
  const store = await SqliteEventStore.open({ folder, atomicStreams: options.atomicStreams ?? true });
  lifetime.add({ close: () => store.close() });
  try {
    return await furnish(store, folder, options, lifetime);
  } catch (error) {
    await lifetime.stop();
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
};

const furnish = async (
  store: EventStore,
  folder: string,
  options: WorldOptions,
  lifetime: Lifetime,
): Promise<World> => {
  const tomorrow = addDays(today(CLOCK), 1);
  const dates = Array.from({ length: options.days ?? 15 }, (_, n) => addDays(tomorrow, n));
  const opened: TrainRunOpened['data'] = {
    train: '',
    date: '',
    zone: CLOCK.zone.name,
    trainType: 'bench',
    stops: stopsOf(options.stops),
    composition: compositionOf(options.seats),
    tariff: {
      name: 'bench',
      ratesMilliFenPerKm: { second: 46_000 },
      bands: [{ percent: 100 }],
      minimumFen: 100,
      roundToFen: 50,
      percentOfAdult: { adult: 100, child: 50, student: 75 },
    },
  };
  for (let n = 0; n < (options.trains ?? 1); n += 1) {
    const train = trainName(n);
    await store.append(
      dates.map((date) => {
        const commandId = `open/${train}/${date}`;
        const meta = {
          commandId,
          correlationId: 'bench',
          causationId: 'bench',
          actor: 'bench',
          at: new Date().toISOString(),
        };
        return appendOf(
          runCategory.stream({ train, date }),
          -1,
          [{ type: 'TrainRunOpened', version: 2, data: { ...opened, train, date } }],
          meta,
        );
      }),
    );
  }
  let conflicts = 0;
  let breakDown: (why: Error) => void = () => {};
  const broken = new Promise<never>((_, reject) => {
    breakDown = reject;
  });
  // Whoever measures races against it; nobody may be measuring just now.
  broken.catch(() => {});
  const allocators: SaleOptions['allocators'] = {
    owner: 'bench',
    onSnapshotFailed: (_, error) => quiet.error({ err: error }, 'a snapshot could not be saved'),
    onSaleStopped: (_, detail) => breakDown(new Error(detail)),
    onConflict: () => {
      conflicts += 1;
    },
  };
  const ports: PartModule = {
    declare: (provide, given) => {
      given(PARTS.store, store);
      given(PARTS.clock, CLOCK);
      given(PARTS.random, systemRandom);
      given(PARTS.logger, quiet);
      given(PARTS.rules, bestFitOnly);
      given(PARTS.numbering, { secret: BENCH_SECRET });
      given(PARTS.gateway, options.gateway ?? NOBODY_PAYS);
      given(PARTS.saleOptions, {
        paymentMinutes: 15,
        gatewayGraceMinutes: 10,
        assignMinutes: 60,
        limits: options.limits ?? NO_LIMITS,
        queueRules: QUEUE_RULES,
        selfStart: NO_SELF_START,
        priorities: noPriorities,
        checkpointEveryMs: 1_000,
        steps: orderSteps,
        allocators: { ...allocators, soleWriter: false },
      });
      provide(PARTS.processCheckpoints, {}, () => sqliteCheckpoints(folder), { close: ({ close }) => close() });
      provide(PARTS.snapshots, {}, () => new SqliteSnapshots(folder), { close: (snapshots) => snapshots.close() });
    },
  };
  // Only what is asked for is made: nobody watches orders here, and runs are left alone.
  const container = containerOf([ports, saleModule], lifetime);
  const process = container.get(PARTS.orderProcess);
  const runs = container.get(PARTS.runs);
  const allocatorDeps: PoolDeps = {
    ...allocators,
    store,
    rules: bestFitOnly,
    clock: CLOCK,
    random: systemRandom,
    snapshots: container.get(PARTS.snapshots),
    soleWriter: true,
  };
  const poolOf = (deps: PoolDeps): AllocatorPool => new AllocatorPool(deps, runs);
  const anotherPool = (owner: string, seen: EventStore = store): AllocatorPool =>
    poolOf({ ...allocatorDeps, store: seen, owner, soleWriter: false });
  if (options.orderProcess !== false) await lifetime.start();
  return {
    store,
    folder,
    runs,
    pool: container.get(PARTS.pool),
    anotherPool,
    allocatorDeps,
    poolOf,
    process,
    reservations: container.get(PARTS.reservations),
    stops: options.stops,
    dates,
    conflicts: () => conflicts,
    broken,
    close: async () => {
      try {
        await lifetime.stop();
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    },
  };
};
