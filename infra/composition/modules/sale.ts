// The parts that sell seats and carry every order to its end. The module depends on ports only: the simulation and the
// benchmarks use this same module with ports of their own.
import { AllocatorPool } from '@railhead/commands/allocation/allocator-pool.ts';
import { Reservations } from '@railhead/commands/limits/reservations.ts';
import { OrderWatch } from '@railhead/commands/orders/order-watch.ts';
import { RunQueues } from '@railhead/commands/queue/run-queues.ts';
import { RunDirectory } from '@railhead/commands/runs/run-directory.ts';
import { SaleOpeningsHere } from '@railhead/commands/sale-openings/sale-openings.ts';
import { ConfiguredPriorities } from '@railhead/commands/waitlist/waitlist-priorities.ts';
import type { PartModule } from '../module.ts';
import { PARTS } from '../parts.ts';
import { PROCESSES } from '../processes.ts';

const { store, clock, random, logger, rules, snapshots, gateway, numbering, runs, pool, reservations } = PARTS;
const { saleOptions: options } = PARTS;

export const saleModule: PartModule = {
  declare: (provide) => {
    provide(runs, { store }, ({ store }) => new RunDirectory(store));
    provide(PARTS.openings, { store, clock, logger }, (deps) => new SaleOpeningsHere(deps), {
      start: (openings) => openings.start(),
      stop: (openings) => openings.stop(),
    });
    provide(
      PARTS.priorities,
      { store, clock, logger, options },
      ({ options: { priorities }, ...deps }) => new ConfiguredPriorities({ ...deps, priorities }),
      { start: (priorities) => priorities.start(), stop: (priorities) => priorities.stop() },
    );
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
    provide(reservations, { store, clock, runs, numbering, options }, ({ numbering, options, ...ports }) => {
      return new Reservations({ ...ports, secret: numbering.secret, limits: options.limits });
    });
    provide(
      PARTS.queues,
      { store, clock, random, logger, numbering, options },
      ({ numbering, options, ...ports }) =>
        new RunQueues({ ...ports, secret: numbering.secret, rules: options.queueRules }),
    );
    for (const { id, checkpoints: name, make } of PROCESSES)
      provide(
        id,
        {
          store,
          clock,
          logger,
          runs,
          pool,
          reservations,
          queues: PARTS.queues,
          openings: PARTS.openings,
          gateway,
          options,
          checkpoints: PARTS.processCheckpoints,
        },
        ({ checkpoints, ...deps }) => make({ ...deps, checkpoints: checkpoints(name) }),
        { start: (process) => process.start(), stop: (process) => process.stop() },
      );
    provide(PARTS.processes, Object.fromEntries(PROCESSES.map(({ id }, at) => [at, id])), Object.values);
  },
  roots: [PARTS.openings, PARTS.priorities, PARTS.watch, PARTS.processes],
};
