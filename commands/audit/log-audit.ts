// Proves the promises from the log alone: no seat twice, every lock whole, money in = tickets + refunds + fees.
import {
  applyToBook,
  applyToSegment,
  assignedTwice,
  brokenLock,
  type ClassStock,
  contradictionOf,
  extendStock,
  leftovers,
  untouchedStock,
} from '@railhead/domain/class-stock/class-stock.ts';
import type { Recorded } from '@railhead/domain/kernel/event.ts';
import type { OrderEvent } from '@railhead/domain/order/events.ts';
import { absentOrder, evolve as evolveOrder, type Order } from '@railhead/domain/order/fold.ts';
import { ORDER_CATEGORY } from '@railhead/domain/order/stream.ts';
import type { PaymentEvent } from '@railhead/domain/payment/events.ts';
import { absentPayment, evolve as evolvePayment, type Payment } from '@railhead/domain/payment/fold.ts';
import { PAYMENT_CATEGORY } from '@railhead/domain/payment/stream.ts';
import type { SeatLockEvent } from '@railhead/domain/seat-lock/events.ts';
import { occupies } from '@railhead/domain/seat-lock/fold.ts';
import { LOCK_CATEGORY } from '@railhead/domain/seat-lock/stream.ts';
import type { SegmentInventoryEvent } from '@railhead/domain/segment-inventory/events.ts';
import { SEGMENT_CATEGORY } from '@railhead/domain/segment-inventory/stream.ts';
import { SEAT_CLASSES, type SeatClass, seatsOfClass } from '@railhead/domain/train-run/composition.ts';
import type { TrainRunEvent } from '@railhead/domain/train-run/events.ts';
import { absentRun, evolve as evolveRun, type TrainRun } from '@railhead/domain/train-run/fold.ts';
import { RUN_CATEGORY } from '@railhead/domain/train-run/stream.ts';
import { categoryOf, type RecordedEvent } from '../ports/event-store.ts';

export type ViolationCode =
  | 'LOG_ORDER'
  | 'STREAM_GAP'
  | 'SEAT_TWICE'
  | 'LOCK_BROKEN'
  | 'ORDER_WITHOUT_SEATS'
  | 'SEATS_WITHOUT_ORDER'
  | 'ORDER_SEATS_DIFFER'
  | 'TICKET_UNPAID'
  | 'MONEY_MISMATCH'
  | 'RUN_UNKNOWN';

export type Violation = { readonly code: ViolationCode; readonly detail: string };

export type AuditReport = {
  readonly ok: boolean;
  readonly events: number;
  readonly position: number;
  readonly streams: number;
  readonly runs: number;
  readonly orders: Readonly<Record<string, number>>;
  readonly seats: { readonly held: number; readonly sold: number };
  /** All in fen. `inFlightFen`: paid, but ticket or refund is still to come. */
  readonly money: {
    readonly inFen: number;
    readonly ticketsFen: number;
    readonly refundsFen: number;
    readonly feesFen: number;
    readonly inFlightFen: number;
  };
  /** Steps that the order process has still to do; none when it has come to rest. */
  readonly pending: { readonly releases: number; readonly uncommittedHolds: number };
  readonly violations: readonly Violation[];
};

/** Violations kept; a damaged log has too many to list. */
const MAX_VIOLATIONS = 100;

/** Orders whose lock must be there, and whose must not. */
const WITH_SEATS: readonly Order['status'][] = ['WAIT_PAY', 'PAID', 'TICKETING', 'SUCCESS'];

export class LogAudit {
  readonly #revisions = new Map<string, number>();
  readonly #runs = new Map<string, TrainRun>();
  readonly #stocks = new Map<string, ClassStock>();
  readonly #orders = new Map<string, Order>();
  readonly #payments = new Map<string, Payment>();
  readonly #violations: Violation[] = [];
  readonly #contradicted = new Set<string>();
  #events = 0;
  #position = 0;

  /** Events in the order of the log, from its first. */
  add(event: RecordedEvent): void {
    this.#events += 1;
    if (event.position <= this.#position)
      this.#accuse('LOG_ORDER', `position ${event.position} after ${this.#position}`);
    this.#position = event.position;
    const expected = (this.#revisions.get(event.stream) ?? -1) + 1;
    if (event.revision !== expected)
      this.#accuse('STREAM_GAP', `${event.stream} has revision ${event.revision} where ${expected} should be`);
    this.#revisions.set(event.stream, event.revision);
    const category = categoryOf(event.stream);
    const name = event.stream.slice(category.length + 1);
    switch (category) {
      case RUN_CATEGORY:
        // The category of a stream decides the type of its events, here and below.
        this.#run(name, event as Recorded<TrainRunEvent> & typeof event);
        return;
      case SEGMENT_CATEGORY:
        this.#segment(name, event as unknown as SegmentInventoryEvent, event);
        return;
      case LOCK_CATEGORY:
        this.#lock(name, event as unknown as SeatLockEvent);
        return;
      case ORDER_CATEGORY:
        this.#orders.set(
          name,
          evolveOrder(this.#orders.get(name) ?? absentOrder, event as Recorded<OrderEvent> & typeof event),
        );
        return;
      case PAYMENT_CATEGORY:
        this.#payments.set(
          name,
          evolvePayment(this.#payments.get(name) ?? absentPayment, event as unknown as PaymentEvent),
        );
        return;
      default:
    }
  }

  report(): AuditReport {
    const pending = this.#checkStocks();
    this.#checkOrders(pending);
    const money = this.#checkMoney();
    const orders: Record<string, number> = {};
    for (const { status } of this.#orders.values()) orders[status] = (orders[status] ?? 0) + 1;
    return {
      ok: this.#violations.length === 0,
      events: this.#events,
      position: this.#position,
      streams: this.#revisions.size,
      runs: this.#runs.size,
      orders,
      seats: this.#seats(),
      money,
      pending,
      violations: this.#violations,
    };
  }

  #run(name: string, event: Recorded<TrainRunEvent>): void {
    const run = evolveRun(this.#runs.get(name) ?? absentRun, event);
    this.#runs.set(name, run);
    if (event.type !== 'CoachesAdded' || run.status === 'absent') return;
    for (const seatClass of SEAT_CLASSES) {
      const stock = this.#stocks.get(`${name}_${seatClass}`);
      if (stock !== undefined) extendStock(stock, seatsOfClass(run.composition, seatClass));
    }
  }

  #segment(name: string, event: SegmentInventoryEvent, { position }: RecordedEvent): void {
    // {train}_{date}_{seq}_{class}
    const [train = '', date = '', seq = '', seatClass = ''] = name.split('_');
    const stock = this.#stock(train, date, seatClass);
    if (stock === undefined) return;
    applyToSegment(stock, Number(seq), event);
    const contradiction = contradictionOf(stock);
    const key = `${train}_${date}_${seatClass}`;
    if (contradiction === undefined || this.#contradicted.has(key)) return;
    this.#contradicted.add(key);
    this.#accuse('SEAT_TWICE', `${name} at position ${position}: ${contradiction}`);
  }

  #lock(name: string, event: SeatLockEvent): void {
    const [train = '', date = '', seatClass = ''] = name.split('_');
    const stock = this.#stock(train, date, seatClass);
    if (stock !== undefined) applyToBook(stock, event);
  }

  #stock(train: string, date: string, seatClass: string): ClassStock | undefined {
    const key = `${train}_${date}_${seatClass}`;
    const known = this.#stocks.get(key);
    if (known !== undefined) return known;
    const run = this.#runs.get(`${train}_${date}`);
    const wanted = SEAT_CLASSES.find((candidate: SeatClass) => candidate === seatClass);
    if (run === undefined || run.status === 'absent' || wanted === undefined) {
      this.#accuse('RUN_UNKNOWN', `seats of ${key} were sold, but that run was never opened`);
      return undefined;
    }
    const stock = untouchedStock(seatsOfClass(run.composition, wanted), run.stops.length - 1);
    this.#stocks.set(key, stock);
    return stock;
  }

  #checkStocks(): { releases: number; uncommittedHolds: number } {
    const pending = { releases: 0, uncommittedHolds: 0 };
    for (const [key, stock] of this.#stocks) {
      if (this.#contradicted.has(key)) continue;
      // Holds without a commit record are what an owner that died left behind; the next one aborts them.
      const { toAbort, toRelease } = leftovers(stock, Number.POSITIVE_INFINITY);
      pending.uncommittedHolds += toAbort.length;
      pending.releases += toRelease.size - toAbort.length;
      const broken = toRelease.size === 0 ? brokenLock(stock) : undefined;
      if (broken !== undefined) this.#accuse('LOCK_BROKEN', `${key}: ${broken}`);
      const twice = assignedTwice(stock);
      if (twice !== undefined) this.#accuse('SEAT_TWICE', `${key}: ${twice}`);
    }
    return pending;
  }

  #checkOrders(pending: { releases: number }): void {
    const holders = new Set<string>();
    for (const [key, stock] of this.#stocks)
      for (const [lockId, lock] of stock.book.locks) {
        if (!occupies(lock) || lock.plan === undefined || lock.status === 'withdrawn') continue;
        const { orderNo } = lock.plan;
        if (holders.has(orderNo)) this.#accuse('ORDER_SEATS_DIFFER', `order ${orderNo} has more than one lock`);
        holders.add(orderNo);
        const order = this.#orders.get(orderNo);
        if (order === undefined) this.#accuse('SEATS_WITHOUT_ORDER', `${key}: ${lockId} belongs to no order`);
        else if (order.status === 'CLOSED' || order.status === 'FAIL' || order.status === 'QUEUED')
          pending.releases += 1;
        else if (lock.plan.legs[0]?.seats.length !== order.items.length)
          this.#accuse('ORDER_SEATS_DIFFER', `order ${orderNo} has ${order.items.length} items, its lock other seats`);
        else if (order.status === 'SUCCESS' && lock.status !== 'confirmed')
          this.#accuse('LOCK_BROKEN', `order ${orderNo} has tickets, but ${lockId} is ${lock.status}`);
      }
    for (const [orderNo, order] of this.#orders) {
      if (WITH_SEATS.includes(order.status) && !holders.has(orderNo))
        this.#accuse('ORDER_WITHOUT_SEATS', `order ${orderNo} is ${order.status} and has no seats`);
      const payment = this.#payments.get(order.paymentNo ?? '');
      if (order.status === 'SUCCESS' && payment?.status !== 'SUCCEEDED')
        this.#accuse('TICKET_UNPAID', `order ${orderNo} has tickets, its payment is ${payment?.status ?? 'unknown'}`);
    }
  }

  #checkMoney(): AuditReport['money'] {
    let [inFen, ticketsFen, refundsFen, inFlightFen] = [0, 0, 0, 0];
    for (const { status, amountFen, orderNo, paymentNo } of this.#payments.values()) {
      if (status === 'ABSENT' || status === 'CREATED' || status === 'DECLINED') continue;
      inFen += amountFen;
      const order = this.#orders.get(orderNo);
      if (status === 'REFUNDED') refundsFen += amountFen;
      else if (status === 'SUCCEEDED' && order?.status === 'SUCCESS' && order.paymentNo === paymentNo)
        ticketsFen += order.items.reduce((sum, item) => sum + item.fareFen, 0);
      else inFlightFen += amountFen;
    }
    // Nothing charges a fee yet; the sum has its place for it.
    const feesFen = 0;
    if (inFen !== ticketsFen + refundsFen + feesFen + inFlightFen)
      this.#accuse(
        'MONEY_MISMATCH',
        `${inFen} fen came in; tickets ${ticketsFen}, refunds ${refundsFen}, in flight ${inFlightFen}`,
      );
    return { inFen, ticketsFen, refundsFen, feesFen, inFlightFen };
  }

  #seats(): { readonly held: number; readonly sold: number } {
    const seats = { held: 0, sold: 0 };
    for (const stock of this.#stocks.values())
      for (const lock of stock.book.locks.values()) {
        const count = lock.plan?.legs[0]?.seats.length ?? 0;
        if (lock.status === 'acquired') seats.held += count;
        if (lock.status === 'confirmed') seats.sold += count;
      }
    return seats;
  }

  #accuse(code: ViolationCode, detail: string): void {
    if (this.#violations.length < MAX_VIOLATIONS) this.#violations.push({ code, detail });
  }
}
