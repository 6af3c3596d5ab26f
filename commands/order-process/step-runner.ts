// Does one step of an order. Every step may be repeated: what it writes is decided again on the state as it is then.

import { parseWant } from '@railhead/domain/allocation/layout.ts';
import type { EventMeta } from '@railhead/domain/kernel/event.ts';
import type { OrderItem, OrderRequest } from '@railhead/domain/order/events.ts';
import type { Order } from '@railhead/domain/order/fold.ts';
import type { LockPlan } from '@railhead/domain/seat-lock/plan.ts';
import type { Stop } from '@railhead/domain/timetable/timetable.ts';
import type { Seat } from '@railhead/domain/train-run/composition.ts';
import type { AllocatorPool } from '../allocation/allocator-pool.ts';
import type { LockOutcome } from '../allocation/operation.ts';
import { type Clock, timestamp } from '../ports/clock.ts';
import type { EventStore, StreamAppend } from '../ports/event-store.ts';
import type { PaymentGateway } from '../ports/payment-gateway.ts';
import type { RunDirectory } from '../runs/run-directory.ts';
import type { Step } from './next-steps.ts';
import { orderAppend, paymentAppend } from './order-writer.ts';
import type { TrackedOrder } from './tracked-order.ts';

export type StepRunnerDeps = {
  readonly store: EventStore;
  readonly pool: AllocatorPool;
  readonly runs: RunDirectory;
  readonly gateway: PaymentGateway;
  readonly clock: Clock;
  readonly utcOffsetMinutes: number;
  /** How long a held seat waits for its payment (system design, section 1: 15 minutes). */
  readonly paymentMinutes: number;
};

export class StepRunner {
  readonly #deps: StepRunnerDeps;

  constructor(deps: StepRunnerDeps) {
    this.#deps = deps;
  }

  /** `current` gives the order as it is when it is asked. Throws if the step has to be tried again. */
  async run(current: () => TrackedOrder, step: Step): Promise<'seatsReleased' | undefined> {
    const { orderNo } = current().order;
    const meta = this.#meta(orderNo, 'paymentNo' in step ? `${step.kind}/${step.paymentNo}` : step.kind);
    switch (step.kind) {
      case 'assignSeats':
        await this.#assignSeats(current, meta);
        return undefined;
      case 'acceptPayment':
        await this.#append(this.#payAppend(current(), step.paymentNo, meta));
        return undefined;
      case 'expire': {
        const detail = 'the time to pay is over';
        await this.#append(orderAppend(current(), [{ type: 'Close', reason: 'EXPIRED', detail }], meta));
        return undefined;
      }
      case 'issueTickets':
        await this.#issueTickets(current, meta);
        return undefined;
      case 'releaseSeats':
        return this.#releaseSeats(current().order, meta);
      case 'closeFailed': {
        const detail = 'tickets could not be issued; the payment goes back';
        await this.#append(orderAppend(current(), [{ type: 'Close', reason: 'TICKETING_FAILED', detail }], meta));
        return undefined;
      }
      case 'requestRefund': {
        const payment = current().payments[step.paymentNo];
        if (payment !== undefined)
          await this.#append(paymentAppend(payment, { type: 'RequestRefund', reason: step.reason }, meta));
        return undefined;
      }
      case 'refund':
        await this.#refund(current, step.paymentNo, meta);
        return undefined;
    }
  }

  async #assignSeats(current: () => TrackedOrder, meta: EventMeta): Promise<void> {
    const { request, orderNo } = current().order;
    if (request === undefined) return;
    const { train, date, seatClass, from, to, passengers, acceptSeatChange } = request;
    const run = await this.#deps.runs.find(train, date);
    const seats = run === undefined ? [] : this.#deps.runs.seatsOf(run, seatClass);
    const payBefore = this.#timestamp(this.#deps.paymentMinutes * 60_000);
    const wants = passengers.map((passenger) => parseWant(passenger.wants));
    const follow = (outcome: LockOutcome): StreamAppend | undefined =>
      this.#holdAppend(current(), outcome, { request, seats, stops: run?.stops ?? [], payBefore, meta });
    const outcome = await this.#deps.pool.submit(
      { train, date, seatClass },
      { kind: 'hold', orderNo, from, to, wants, acceptSeatChange, meta, follow },
    );
    // A run that is not there has no allocator, so nobody wrote the refusal.
    if (!outcome.ok && outcome.refusal.code === 'SALE_STOPPED') await this.#append(follow(outcome));
  }

  #holdAppend(
    tracked: TrackedOrder,
    outcome: LockOutcome,
    {
      request,
      seats,
      stops,
      payBefore,
      meta,
    }: {
      readonly request: OrderRequest;
      readonly seats: readonly Seat[];
      readonly stops: readonly Stop[];
      readonly payBefore: string;
      readonly meta: EventMeta;
    },
  ): StreamAppend | undefined {
    if (outcome.ok) {
      const { lockId, plan } = outcome.value;
      const items = itemsOf(plan, { request, seats, stops });
      return orderAppend(tracked, [{ type: 'HoldSeats', lockId, items, payBefore }], meta);
    }
    const { code, detail } = outcome.refusal;
    switch (code) {
      case 'SOLD_OUT':
      case 'SALE_STOPPED':
        return orderAppend(tracked, [{ type: 'Close', reason: code, detail }], meta);
      default:
        return undefined;
    }
  }

  #payAppend(tracked: TrackedOrder, paymentNo: string, meta: EventMeta): StreamAppend | undefined {
    const amountFen = tracked.payments[paymentNo]?.payment.amountFen ?? 0;
    return orderAppend(tracked, [{ type: 'Pay', paymentNo, amountFen }], meta);
  }

  async #issueTickets(current: () => TrackedOrder, meta: EventMeta): Promise<void> {
    const { request, orderNo } = current().order;
    if (request === undefined) return;
    const follow = (outcome: LockOutcome): StreamAppend | undefined => {
      const tracked = current();
      const start = tracked.order.status === 'PAID' ? [{ type: 'StartTicketing' as const }] : [];
      if (outcome.ok) return orderAppend(tracked, [...start, { type: 'IssueTickets' }], meta);
      const reason = `${outcome.refusal.code}: ${outcome.refusal.detail}`;
      return outcome.refusal.code === 'LOCK_NOT_HELD'
        ? orderAppend(tracked, [...start, { type: 'FailTicketing', reason }], meta)
        : undefined;
    };
    await this.#deps.pool.submit(request, { kind: 'confirm', orderNo, meta, follow });
  }

  async #releaseSeats(order: Order, meta: EventMeta): Promise<'seatsReleased'> {
    if (order.request === undefined) return 'seatsReleased';
    const kind = order.closeReason === 'EXPIRED' ? 'expire' : 'release';
    const reason = order.closeReason ?? 'CLOSED';
    const outcome = await this.#deps.pool.submit(order.request, { kind, orderNo: order.orderNo, meta, reason });
    if (outcome.ok || outcome.refusal.code === 'LOCK_NOT_HELD') return 'seatsReleased';
    throw new Error(`${outcome.refusal.code}: ${outcome.refusal.detail}`);
  }

  async #refund(current: () => TrackedOrder, paymentNo: string, meta: EventMeta): Promise<void> {
    const known = current().payments[paymentNo];
    if (known === undefined) return;
    const { orderNo, amountFen, currency } = known.payment;
    const { gatewayRef } = await this.#deps.gateway.refund({ paymentNo, orderNo, amountFen, currency });
    const now = current().payments[paymentNo] ?? known;
    await this.#append(paymentAppend(now, { type: 'ConfirmRefund', gatewayRef }, meta));
  }

  /** A refused revision is no failure: what moved the stream comes by the log, and the step is derived again. */
  async #append(append: StreamAppend | undefined): Promise<void> {
    if (append !== undefined) await this.#deps.store.append([append]);
  }

  #meta(orderNo: string, step: string): EventMeta {
    const commandId = `${orderNo}/${step}`;
    return { commandId, correlationId: orderNo, causationId: orderNo, actor: 'railhead', at: this.#timestamp(0) };
  }

  #timestamp(fromNowMs: number): string {
    return timestamp(this.#deps.clock.now() + fromNowMs, this.#deps.utcOffsetMinutes);
  }
}

type Seating = { readonly request: OrderRequest; readonly seats: readonly Seat[]; readonly stops: readonly Stop[] };

/** The seats of a plan by the names on the coach: the first, and from which stop on another. */
const itemsOf = (plan: LockPlan, { request, seats, stops }: Seating): readonly OrderItem[] =>
  request.faresFen.map((fareFen, index) => {
    const [first, ...changes] = plan.legs.map((leg) => {
      const seat = seats[leg.seats[index] ?? -1];
      if (seat === undefined) throw new Error(`the plan of ${plan.orderNo} names no seat for passenger ${index + 1}`);
      return { at: stops[leg.from]?.code ?? '', coach: seat.coach, seat: seat.seat };
    });
    if (first === undefined) throw new Error(`the plan of ${plan.orderNo} has no legs`);
    const item = { itemNo: index + 1, coach: first.coach, seat: first.seat, fareFen };
    return changes.length === 0 ? item : { ...item, changes };
  });
