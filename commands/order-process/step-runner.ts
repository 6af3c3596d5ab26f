// Does one step of an order. Every step may be repeated: what it writes is decided again on the state as it is then.

import type { EventMeta } from '@railhead/domain/kernel/event.ts';
import type { Fen } from '@railhead/domain/kernel/money.ts';
import type { OrderItem } from '@railhead/domain/order/events.ts';
import type { Order } from '@railhead/domain/order/fold.ts';
import { seatWish } from '@railhead/domain/order/seat-wish.ts';
import type { LockPlan } from '@railhead/domain/seat-lock/plan.ts';
import type { SeatClass } from '@railhead/domain/train-run/composition.ts';
import { journeyFares } from '@railhead/domain/train-run/journey.ts';
import type { AllocatorPool } from '../allocation/allocator-pool.ts';
import type { LockOutcome } from '../allocation/operation.ts';
import { isCounted } from '../allocation/selling-rules.ts';
import { loadOrder } from '../orders/load-order.ts';
import { type Clock, timestampOf } from '../ports/clock.ts';
import type { EventStore, StreamAppend } from '../ports/event-store.ts';
import type { PaymentGateway } from '../ports/payment-gateway.ts';
import type { OpenRun, RunDirectory } from '../runs/run-directory.ts';
import { boardingMs } from '../runs/sale-window.ts';
import { metaOf, ownOrigin } from '../streams/append.ts';
import { MAY_HOLD_SEATS, type Step } from './next-steps.ts';
import { itemsOf } from './order-items.ts';
import { orderAppend, paymentAppend } from './order-writer.ts';
import type { TrackedOrder } from './tracked-order.ts';

export type StepRunnerDeps = {
  readonly store: EventStore;
  readonly pool: AllocatorPool;
  readonly runs: RunDirectory;
  readonly gateway: PaymentGateway;
  readonly clock: Clock;
  /** How long a held seat waits for its payment (system design, section 1: 15 minutes). */
  readonly paymentMinutes: number;
};

/** Each step's command id: the same step, begun again, writes the same event ids. */
const commandOf = (step: Step): string => {
  if ('paymentNo' in step) return `${step.kind}/${step.paymentNo}`;
  return step.kind === 'assignSeats' && step.seatClass === 'standing' ? `${step.kind}/standing` : step.kind;
};

export class StepRunner {
  readonly #deps: StepRunnerDeps;

  constructor(deps: StepRunnerDeps) {
    this.#deps = deps;
  }

  /** `current` gives the order as it is when it is asked. Throws if the step has to be tried again. */
  async run(current: () => TrackedOrder, step: Step): Promise<'seatsReleased' | undefined> {
    const { orderNo } = current().order;
    const meta = this.#meta(orderNo, commandOf(step));
    switch (step.kind) {
      case 'assignSeats':
        await this.#assignSeats(current, step.seatClass, meta);
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
        return this.#releaseSeats(current().order, this.#mayHold(current().order, step.seatClasses), meta);
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

  async #assignSeats(current: () => TrackedOrder, seatClass: SeatClass, meta: EventMeta): Promise<void> {
    const { request, orderNo } = current().order;
    if (request === undefined) return;
    const { train, date, from, to, passengers, acceptSeatChange } = request;
    const run = await this.#deps.runs.find(train, date);
    const ends = run === undefined ? Number.POSITIVE_INFINITY : boardingMs(run, from);
    if (ends <= this.#deps.clock.now()) {
      const detail = `${train} has left ${request.fromStation.name}`;
      await this.#append(orderAppend(current(), [{ type: 'Close', reason: 'SALE_CLOSED', detail }], meta));
      return;
    }
    // Nobody can pay for a train that has left.
    const payBefore = Math.min(ends, this.#deps.clock.now() + this.#deps.paymentMinutes * 60_000);
    const times = {
      payBefore: this.#timestampAt(payBefore),
      saleEnds: this.#timestampAt(run === undefined ? payBefore : Math.max(ends, payBefore)),
    };
    const wants = passengers.map((passenger) => seatWish(passenger, seatClass, date));
    const assignedLater = run?.lateAssignment?.includes(seatClass) === true;
    const follow = (outcome: LockOutcome): StreamAppend | undefined =>
      this.#holdAppend(current(), outcome, run, times, meta);
    const stillWanted = (): boolean => current().order.status === 'QUEUED' && current().order.seatClass === seatClass;
    const outcome = await this.#deps.pool.submit(
      { train, date, seatClass },
      { kind: 'hold', orderNo, from, to, wants, acceptSeatChange, assignedLater, meta, follow, stillWanted },
    );
    // A run that is not there has no allocator, so nobody wrote the refusal.
    if (!outcome.ok && outcome.refusal.code === 'SALE_STOPPED') await this.#append(follow(outcome));
    // Where lock and order are not written together, the order may have ended while its seats were being held: its event
    // was refused, or, once the end is known here, not even tried.
    const { status } = current().order;
    const ended = outcome.ok ? status === 'CLOSED' || status === 'ABSENT' : outcome.refusal.code === 'ORDER_MOVED';
    if (ended) await this.#releaseOfEnded(orderNo, seatClass, meta);
  }

  async #releaseOfEnded(orderNo: string, seatClass: SeatClass, meta: EventMeta): Promise<void> {
    const { order } = await loadOrder(this.#deps.store, orderNo);
    if (order.status === 'CLOSED' || order.seatClass !== seatClass) await this.#releaseSeats(order, [seatClass], meta);
  }

  #holdAppend(
    tracked: TrackedOrder,
    outcome: LockOutcome,
    run: OpenRun | undefined,
    times: { readonly payBefore: string; readonly saleEnds: string },
    meta: EventMeta,
  ): StreamAppend | undefined {
    if (outcome.ok) {
      if (run === undefined) throw new Error(`seats were held on a run that is not there: ${tracked.order.orderNo}`);
      const { lockId, plan } = outcome.value;
      const items = this.#itemsOf(plan, tracked.order, run);
      return orderAppend(tracked, [{ type: 'HoldSeats', lockId, items, ...times }], meta);
    }
    const { code, detail } = outcome.refusal;
    switch (code) {
      case 'SOLD_OUT': {
        const faresFen = standingFares(tracked.order, run);
        if (faresFen !== undefined) return orderAppend(tracked, [{ type: 'OfferStanding', faresFen }], meta);
        return orderAppend(tracked, [{ type: 'Close', reason: code, detail }], meta);
      }
      case 'SALE_STOPPED':
      case 'SALE_CLOSED':
      case 'RUN_CANCELLED':
        return orderAppend(tracked, [{ type: 'Close', reason: code, detail }], meta);
      default:
        return undefined;
    }
  }

  /** The seats of a plan by name; a place that is only counted has none. */
  #itemsOf(plan: LockPlan, { seatClass, faresFen }: Order, run: OpenRun): readonly OrderItem[] {
    if (seatClass === undefined || isCounted(run, seatClass))
      return faresFen.map((fareFen, index) => ({ itemNo: index + 1, fareFen }));
    return itemsOf(plan.legs, faresFen, { seats: this.#deps.runs.seatsOf(run, seatClass), stops: run.stops });
  }

  #payAppend(tracked: TrackedOrder, paymentNo: string, meta: EventMeta): StreamAppend | undefined {
    const amountFen = tracked.payments[paymentNo]?.payment.amountFen ?? 0;
    return orderAppend(tracked, [{ type: 'Pay', paymentNo, amountFen }], meta);
  }

  async #issueTickets(current: () => TrackedOrder, meta: EventMeta): Promise<void> {
    const { request, orderNo, seatClass } = current().order;
    if (request === undefined || seatClass === undefined) return;
    const follow = (outcome: LockOutcome): StreamAppend | undefined => {
      const tracked = current();
      const start = tracked.order.status === 'PAID' ? [{ type: 'StartTicketing' as const }] : [];
      if (outcome.ok) return orderAppend(tracked, [...start, { type: 'IssueTickets' }], meta);
      const reason = `${outcome.refusal.code}: ${outcome.refusal.detail}`;
      return outcome.refusal.code === 'LOCK_NOT_HELD'
        ? orderAppend(tracked, [...start, { type: 'FailTicketing', reason }], meta)
        : undefined;
    };
    await this.#deps.pool.submit({ ...request, seatClass }, { kind: 'confirm', orderNo, meta, follow });
  }

  /** Where lock and order are written together, only orders that say so have had seats, and only in their last class. */
  #mayHold({ closeReason, seatClass }: Order, seatClasses: readonly SeatClass[]): readonly SeatClass[] {
    if (!this.#deps.store.capabilities.atomicStreams) return seatClasses;
    return seatClasses.filter((one) => one === seatClass && MAY_HOLD_SEATS.includes(closeReason));
  }

  async #releaseSeats(
    { request, orderNo, closeReason }: Order,
    seatClasses: readonly SeatClass[],
    meta: EventMeta,
  ): Promise<'seatsReleased'> {
    if (request === undefined) return 'seatsReleased';
    const kind = closeReason === 'EXPIRED' ? 'expire' : 'release';
    const reason = closeReason ?? 'CLOSED';
    for (const seatClass of seatClasses) {
      const outcome = await this.#deps.pool.submit({ ...request, seatClass }, { kind, orderNo, meta, reason });
      if (!outcome.ok && outcome.refusal.code !== 'LOCK_NOT_HELD')
        throw new Error(`${outcome.refusal.code}: ${outcome.refusal.detail}`);
    }
    return 'seatsReleased';
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
    return metaOf(this.#deps.clock, ownOrigin(`${orderNo}/${step}`, orderNo));
  }

  #timestampAt(epochMs: number): string {
    return timestampOf(this.#deps.clock, epochMs);
  }
}

/** What standing costs, where the buyer accepts it, has not been offered it yet, and the train allows it. */
const standingFares = ({ request, seatClass }: Order, run: OpenRun | undefined): readonly Fen[] | undefined => {
  if (request?.acceptStanding !== true || seatClass === 'standing' || run === undefined) return undefined;
  const kinds = request.passengers.map(({ kind }) => kind);
  const fares = journeyFares(run, request, 'standing', kinds);
  return fares.ok ? fares.value : undefined;
};
