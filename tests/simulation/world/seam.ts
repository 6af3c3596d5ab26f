// Where planted bugs get in: between Railhead's parts and their ports, never in Railhead itself.
import type { QuotaRule } from '@railhead/commands/allocation/quota-rules.ts';
import type { TrackedOrder } from '@railhead/commands/orders/tracked-order.ts';
import type { PaymentNotice } from '@railhead/commands/payments/receive-notice.ts';
import type { Clock } from '@railhead/commands/ports/clock.ts';
import type { EventStore } from '@railhead/commands/ports/event-store.ts';
import type { PaymentGateway } from '@railhead/commands/ports/payment-gateway.ts';
import type { ProcessCheckpoints } from '@railhead/commands/ports/process-checkpoints.ts';
import type { TicketIssuer } from '@railhead/commands/ports/ticket-issuer.ts';
import type { RunDirectory } from '@railhead/commands/runs/run-directory.ts';
import type { BoundStep } from '@railhead/commands/workflow/step.ts';
import type { SeatPolicy } from '@railhead/domain/allocation/seat-request.ts';
import type { Projection } from '@railhead/projections/engine/projection.ts';
import type { CompiledQuery } from 'kysely';
import type { Life } from '../kernel/life.ts';
import type { Network } from '../ports/network.ts';
import type { SimGateway } from '../ports/sim-gateway.ts';
import type { SimLog } from '../ports/sim-log.ts';

/** The life of a process whose part is wrapped. */
export type Place = {
  readonly life: Life;
  readonly lives: number;
  readonly network: Network;
  readonly gateway: SimGateway;
  readonly log: SimLog;
};

export type Seam = {
  store(store: EventStore, place: Place): EventStore;
  clock(clock: Clock, place: Place): Clock;
  checkpoints(checkpoints: ProcessCheckpoints, place: Place): ProcessCheckpoints;
  gateway(gateway: PaymentGateway, place: Place): PaymentGateway;
  issuer(issuer: TicketIssuer, place: Place): TicketIssuer;
  policy(policy: SeatPolicy): SeatPolicy;
  quotas(quotas: readonly QuotaRule[]): readonly QuotaRule[];
  /** Undefined: the real one. */
  steps(steps: readonly BoundStep<TrackedOrder>[], place: Place): readonly BoundStep<TrackedOrder>[];
  /** The runs by which the fee of a refund is decided. */
  feeRuns(runs: RunDirectory, store: EventStore): RunDirectory;
  projection(projection: Projection, node: string): Projection;
  /** A statement to the database that several processes share. */
  sql(query: CompiledQuery): CompiledQuery;
  idempotencyKey(key: string, place: Place): string;
  /** Answers a notice; `hear` is what Railhead does with it. */
  notice(notice: PaymentNotice, hear: () => Promise<boolean>): Promise<boolean>;
};

/** Railhead without a planted bug. */
export const UNTOUCHED: Seam = {
  store: (store) => store,
  clock: (clock) => clock,
  checkpoints: (checkpoints) => checkpoints,
  gateway: (gateway) => gateway,
  issuer: (issuer) => issuer,
  policy: (policy) => policy,
  quotas: (quotas) => quotas,
  steps: (steps) => steps,
  feeRuns: (runs) => runs,
  projection: (projection) => projection,
  sql: (query) => query,
  idempotencyKey: (key) => key,
  notice: (_, hear) => hear(),
};
