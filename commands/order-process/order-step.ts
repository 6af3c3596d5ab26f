// What the steps of an order have in common.
import type { EventMeta } from '@railhead/domain/kernel/event.ts';
import type { Allocators } from '../allocation/operation.ts';
import type { Reservations } from '../limits/reservations.ts';
import { numberOf, type TrackedOrder } from '../orders/tracked-order.ts';
import type { Clock } from '../ports/clock.ts';
import type { EventStore, StreamAppend } from '../ports/event-store.ts';
import type { PaymentGateway } from '../ports/payment-gateway.ts';
import type { TicketIssuer } from '../ports/ticket-issuer.ts';
import type { RunDirectory } from '../runs/run-directory.ts';
import { metaOf, ownOrigin } from '../streams/append.ts';
import { type Step, type StepContext, stepName } from '../workflow/step.ts';

export type OrderStepDeps = {
  readonly store: EventStore;
  readonly pool: Allocators;
  readonly runs: RunDirectory;
  readonly gateway: PaymentGateway;
  /** Absent: the railway numbers its tickets itself, and nobody is asked. */
  readonly issuer?: TicketIssuer | undefined;
  readonly clock: Clock;
  readonly reservations: Reservations;
  /** How long a held seat waits for its payment: 15 minutes by default. */
  readonly paymentMinutes: number;
  /** How long an order waits beyond its time to pay for a gateway that does not say how its payment ends. */
  readonly gatewayGraceMinutes: number;
};

export type OrderStep = Step<TrackedOrder, OrderStepDeps>;
export type OrderStepContext = StepContext<TrackedOrder, OrderStepDeps>;

/** Event ids follow from `name`, so the same step writes the same ids when it is run again. */
export const stepMeta = ({ deps, current }: OrderStepContext, name: string): EventMeta => {
  const orderNo = numberOf(current());
  return metaOf(deps.clock, ownOrigin(`${orderNo}/${name}`, orderNo));
};

/** The meta of a step that works on one payment. */
export const paymentStepMeta = (context: OrderStepContext, kind: string): EventMeta =>
  stepMeta(context, stepName(kind, context.key));

/** A refused revision is no failure: another event moved the stream, and when it arrives the step is derived again. */
export const write = async ({ store }: OrderStepDeps, append: StreamAppend | undefined): Promise<undefined> => {
  if (append !== undefined) await store.append([append]);
  return undefined;
};
