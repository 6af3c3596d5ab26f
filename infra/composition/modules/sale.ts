// The parts that sell seats and carry every order to its end. The module depends on ports only: the simulation and the
// benchmarks use this same module with ports of their own.
import { AllocatorPool } from '@railhead/commands/allocation/allocator-pool.ts';
import { OrderProcess } from '@railhead/commands/order-process/order-process.ts';
import { OrderWatch } from '@railhead/commands/orders/order-watch.ts';
import { RunProcess } from '@railhead/commands/run-process/run-process.ts';
import { RunDirectory } from '@railhead/commands/runs/run-directory.ts';
import type { PartModule } from '../module.ts';
import { PARTS } from '../parts.ts';

const { store, clock, random, logger, rules, snapshots, gateway, runs, pool, saleOptions: options } = PARTS;

export const saleModule: PartModule = {
  declare: (provide) => {
    provide(runs, { store }, ({ store }) => new RunDirectory(store));
    provide(PARTS.watch, { store, clock, logger }, ({ store, clock, logger }) => new OrderWatch(store, clock, logger), {
      start: (watch) => watch.start(),
      stop: (watch) => watch.stop(),
    });
    provide(
      pool,
      { store, clock, random, rules, snapshots, runs, options },
      ({ runs, options, ...ports }) => new AllocatorPool({ ...options.allocators, ...ports }, runs),
      { close: (made) => made.close() },
    );
    provide(
      PARTS.orderProcess,
      { store, clock, logger, runs, pool, gateway, options, checkpoints: PARTS.orderCheckpoints },
      ({ store, clock, logger, runs, pool, gateway, options, checkpoints }) => {
        const { paymentMinutes, checkpointEveryMs } = options;
        const steps = options.steps({ store, pool, runs, gateway, clock, paymentMinutes });
        return new OrderProcess({ store, checkpoints, steps, clock, logger, checkpointEveryMs });
      },
      { start: (process) => process.start(), stop: (process) => process.stop() },
    );
    provide(
      PARTS.runProcess,
      { store, clock, logger, runs, pool, options, checkpoints: PARTS.runCheckpoints },
      ({ options: { assignMinutes }, ...ports }) => new RunProcess({ ...ports, assignMinutes }),
      { start: (process) => process.start(), stop: (process) => process.stop() },
    );
  },
  roots: [PARTS.watch, PARTS.orderProcess, PARTS.runProcess],
};
