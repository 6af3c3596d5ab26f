// What the parts that sell need besides their ports.
import type { PoolDeps } from '@railhead/commands/allocation/allocator-pool.ts';
import type { Limits } from '@railhead/commands/limits/limits.ts';
import type { OrderStepDeps } from '@railhead/commands/order-process/order-step.ts';
import type { TrackedOrder } from '@railhead/commands/orders/tracked-order.ts';
import type { TicketIssuer } from '@railhead/commands/ports/ticket-issuer.ts';
import type { QueueRules } from '@railhead/commands/queue/queue-line.ts';
import type { SelfStart } from '@railhead/commands/queue/queue-process.ts';
import type { BoundStep } from '@railhead/commands/workflow/step.ts';
import type { Priorities } from '@railhead/domain/waitlist-priorities/events.ts';

export type SaleOptions = {
  readonly paymentMinutes: number;
  readonly gatewayGraceMinutes: number;
  readonly assignMinutes: number;
  readonly limits: Limits;
  readonly queueRules: QueueRules;
  readonly selfStart: SelfStart;
  readonly priorities: Priorities;
  readonly checkpointEveryMs: number;
  /** Absent: the railway numbers its tickets itself. */
  readonly issuer?: TicketIssuer | undefined;
  readonly steps: (deps: OrderStepDeps) => readonly BoundStep<TrackedOrder>[];
  readonly allocators: Omit<PoolDeps, 'store' | 'clock' | 'random' | 'rules' | 'snapshots'>;
};
