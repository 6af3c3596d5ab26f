// The processes, each of which runs one workflow. Whoever adds a workflow adds it to the list.
import type { AllocatorPool } from '@railhead/commands/allocation/allocator-pool.ts';
import type { Reservations } from '@railhead/commands/limits/reservations.ts';
import { OrderProcess } from '@railhead/commands/order-process/order-process.ts';
import type { PaymentGateway } from '@railhead/commands/ports/payment-gateway.ts';
import { QueueProcess } from '@railhead/commands/queue/queue-process.ts';
import type { RunQueues } from '@railhead/commands/queue/run-queues.ts';
import { RunProcess } from '@railhead/commands/run-process/run-process.ts';
import type { RunDirectory } from '@railhead/commands/runs/run-directory.ts';
import type { SaleOpeningsHere } from '@railhead/commands/sale-openings/sale-openings.ts';
import type { RunnerDeps, RunningProcess } from '@railhead/commands/workflow/workflow-runner.ts';
import type { ServiceIdentifier } from 'inversify';
import { PARTS } from './parts.ts';
import type { SaleOptions } from './sale-options.ts';

/** What a process may be made from, its own checkpoints among it. */
export type ProcessDeps = RunnerDeps & {
  readonly runs: RunDirectory;
  readonly pool: AllocatorPool;
  readonly reservations: Reservations;
  readonly queues: RunQueues;
  readonly openings: SaleOpeningsHere;
  readonly gateway: PaymentGateway;
  readonly options: SaleOptions;
};

export type ProcessEntry<Process extends RunningProcess> = {
  readonly id: ServiceIdentifier<Process>;
  /** Its checkpoints are stored under this name. Another name makes it read the log from the beginning. */
  readonly checkpoints: string;
  readonly make: (deps: ProcessDeps) => Process;
};

const orders: ProcessEntry<OrderProcess> = {
  id: PARTS.orderProcess,
  checkpoints: 'orders',
  make: ({ store, checkpoints, clock, logger, runs, pool, reservations, gateway, options }) => {
    const { paymentMinutes, gatewayGraceMinutes, checkpointEveryMs, issuer } = options;
    const minutes = { paymentMinutes, gatewayGraceMinutes };
    const steps = options.steps({ store, pool, runs, reservations, gateway, issuer, clock, ...minutes });
    return new OrderProcess({ store, checkpoints, steps, clock, logger, checkpointEveryMs });
  },
};

const runs: ProcessEntry<RunProcess> = {
  id: PARTS.runProcess,
  checkpoints: 'runs',
  make: ({ options: { assignMinutes }, ...deps }) => new RunProcess({ ...deps, assignMinutes }),
};

const queues: ProcessEntry<QueueProcess> = {
  id: PARTS.queueProcess,
  checkpoints: 'queues',
  make: ({ options: { selfStart }, ...deps }) => new QueueProcess({ ...deps, selfStart }),
};

export const PROCESSES: readonly ProcessEntry<RunningProcess>[] = [orders, runs, queues];
