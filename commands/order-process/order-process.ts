// The order process: runs the workflow of orders until each has ended, and keeps the queues of waiting orders.
import { orderCategory } from '@railhead/domain/order/stream.ts';
import { orderNoOfPayment, paymentCategory, paymentNoOf } from '@railhead/domain/payment/stream.ts';
import { runName } from '@railhead/domain/train-run/stream.ts';
import { isOver } from '@railhead/domain/waitlist/fold.ts';
import { waitlistCategory } from '@railhead/domain/waitlist/stream.ts';
import {
  type TrackedOrder,
  untracked,
  withOrderEvent,
  withPaymentEvent,
  withWaitlistEvent,
} from '../orders/tracked-order.ts';
import { UnpaidSeats } from '../orders/unpaid-seats.ts';
import type { EventStore, RecordedEvent } from '../ports/event-store.ts';
import { NotUnderstood } from '../streams/understood.ts';
import type { BoundStep } from '../workflow/step.ts';
import type { Workflow } from '../workflow/workflow.ts';
import { type RunnerDeps, WorkflowRunner } from '../workflow/workflow-runner.ts';
import { RunQueues } from './run-queue.ts';
import { openPayments } from './steps/open-payments.ts';

const withEvent = (tracked: TrackedOrder, event: RecordedEvent): TrackedOrder => {
  if (orderCategory.owns(event)) return withOrderEvent(tracked, event, event.revision);
  if (paymentCategory.owns(event)) return withPaymentEvent(tracked, event, event.revision);
  if (waitlistCategory.owns(event)) return withWaitlistEvent(tracked, event, event.revision);
  throw new NotUnderstood(event);
};

const load = async (store: EventStore, orderNo: string): Promise<TrackedOrder> => {
  let tracked = untracked;
  for (const event of await store.readStream(orderCategory.stream(orderNo))) tracked = withEvent(tracked, event);
  const { request } = tracked.order;
  if (request === undefined || request.waitlist !== undefined)
    for (const event of await store.readStream(waitlistCategory.stream(orderNo))) tracked = withEvent(tracked, event);
  for (let attempt = 1; ; attempt += 1) {
    const events = await store.readStream(paymentCategory.stream(paymentNoOf(orderNo, attempt)));
    if (events.length === 0) return tracked;
    for (const event of events) tracked = withEvent(tracked, event);
  }
};

const orderWorkflow = (steps: readonly BoundStep<TrackedOrder>[]): Workflow<TrackedOrder> => ({
  name: 'order process',
  categories: [orderCategory.name, paymentCategory.name, waitlistCategory.name],
  subjectOf: (event) => {
    // Every payment event has its order's number.
    if (paymentCategory.owns(event)) return event.data.orderNo;
    if (waitlistCategory.owns(event)) return waitlistCategory.idOf(event.stream);
    return orderCategory.owns(event) ? orderCategory.idOf(event.stream) : undefined;
  },
  subjectOfStream: (stream) =>
    paymentCategory.holds({ stream })
      ? orderNoOfPayment(paymentCategory.idOf(stream)) || undefined
      : stream.slice(stream.indexOf('-') + 1),
  isFirst: (event) =>
    event.type === 'WaitlistSubmitted' ||
    (orderCategory.owns(event) && event.type === 'OrderRequested' && event.data.request.waitlist === undefined),
  initial: untracked,
  evolve: withEvent,
  load,
  isFinished: ({ order: { status }, waits }) =>
    (status === 'SUCCESS' || status === 'CLOSED' || status === 'ABSENT') &&
    (waits === undefined || isOver(waits.waitlist)),
  steps,
});

export type OrderProcessDeps = RunnerDeps & {
  /** `orderSteps`, bound to their dependencies. */
  readonly steps: readonly BoundStep<TrackedOrder>[];
  readonly checkpointEveryMs: number;
  readonly maxAtWork?: number;
};

export class OrderProcess extends WorkflowRunner<TrackedOrder> {
  readonly queues = new RunQueues();
  readonly unpaid = new UnpaidSeats();
  readonly #ofUnknownEnd = new Set<string>();

  constructor({ steps, checkpointEveryMs, maxAtWork, ...deps }: OrderProcessDeps) {
    super(orderWorkflow(steps), deps, {
      checkpointEveryMs,
      ...(maxAtWork === undefined ? {} : { maxAtWork }),
      onState: (orderNo, tracked) => {
        this.#queue(orderNo, tracked);
        this.unpaid.see(orderNo, tracked?.order);
        this.#noteOpenPayments(orderNo, tracked);
      },
    });
  }

  /** Orders that have ended, and the gateway has not said how their payments end: money may still come. */
  get ofUnknownEnd(): number {
    return this.#ofUnknownEnd.size;
  }

  #noteOpenPayments(orderNo: string, tracked: TrackedOrder | undefined): void {
    const isOver = tracked?.order.status === 'CLOSED' || tracked?.order.status === 'SUCCESS';
    if (isOver && openPayments(tracked).length > 0) this.#ofUnknownEnd.add(orderNo);
    else this.#ofUnknownEnd.delete(orderNo);
  }

  #queue(orderNo: string, tracked: TrackedOrder | undefined): void {
    const request = tracked?.order.status === 'QUEUED' ? tracked.order.request : undefined;
    if (request === undefined) this.queues.leave(orderNo);
    else this.queues.enter(runName(request), orderNo);
  }
}
