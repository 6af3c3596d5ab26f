// The log, folded by code of this test's own and checked after every step: no seat twice, every lock whole, orders move
// forward only, and nobody is told "sold out" who could have had a seat all the time.
import type { QuotaRule } from '@railhead/commands/allocation/quota-rules.ts';
import type { RecordedEvent } from '@railhead/commands/ports/event-store.ts';
import type { BuyerEvent } from '@railhead/domain/buyer/events.ts';
import type { SeatClass } from '@railhead/domain/kernel/seat-class.ts';
import type { OrderEvent } from '@railhead/domain/order/events.ts';
import { ticketNoOf } from '@railhead/domain/order/ticket.ts';
import type { PaymentEvent } from '@railhead/domain/payment/events.ts';
import type { QueuePlaceEvent } from '@railhead/domain/queue-place/events.ts';
import type { RunQueueEvent } from '@railhead/domain/run-queue/events.ts';
import type { JoinedWaiting, SeatLockEvent } from '@railhead/domain/seat-lock/events.ts';
import { type LockPlan, stillTravelling } from '@railhead/domain/seat-lock/plan.ts';
import type { SegmentInventoryEvent } from '@railhead/domain/segment-inventory/events.ts';
import { type Composition, seatsOfClass } from '@railhead/domain/train-run/composition.ts';
import type { TrainRunEvent, TrainRunOpened } from '@railhead/domain/train-run/events.ts';
import type { WaitlistEvent } from '@railhead/domain/waitlist/events.ts';
import type { WaitlistPrioritiesEvent } from '@railhead/domain/waitlist-priorities/events.ts';
import { WORLD_STARTS } from '../ports/sim-clock.ts';
import type { Commit } from '../ports/sim-log.ts';
import { STRANGE_ORDER } from '../world/faults.ts';
import type { LimitsPlan } from '../world/plan.ts';
import { Violation } from '../world/violation.ts';
import { isAfterSale, isSettled, keptNos, noteAfterSale } from './after-sales.ts';
import {
  assertQuotas,
  assertWhole,
  book,
  type ClassTruth,
  isHeld,
  noteUnseatable,
  type OrderTruth,
} from './class-truth.ts';
import { assertBeforeDeparture, leavesAt } from './departures.ts';
import { assertWithinLimits } from './limits.ts';
import { QueueTruth } from './queues.ts';
import { quotaTruth } from './quotas.ts';
import { assertNotOvertaken, seatableInLine, WaitlistTruths } from './waiting-truth.ts';

type Released = {
  readonly truth: ClassTruth;
  readonly seq: number;
  readonly lockId: string;
  readonly seats: readonly number[];
};

export type PaymentTruth = { status: string; readonly orderNo: string; readonly amountFen: number };

/** What an event of the book says of one lock. */
type BookedLock = {
  readonly lockId: string;
  readonly plan?: LockPlan;
  readonly travellers?: readonly number[];
};

export type TruthDeps = {
  readonly now: () => number;
  /** The position of the slowest process that follows the runs. */
  readonly heard: () => number;
  readonly quotas: readonly QuotaRule[];
  readonly limits?: LimitsPlan;
  readonly atomicStreams: boolean;
  /** Of a ticket that another system has issued. */
  readonly isValidAtIssuer: (ticketNo: string) => boolean;
  /** No node's clock is ever set wrong, so decisions can be checked by the time. */
  readonly clocksAreRight: boolean;
};

/** A batch may be decided so long before it is written. */
const SLOWEST_COMMIT_MS = 6 * 60_000;

/** The transitions of an order; any other event moves it backwards. */
const FOLLOWS: Readonly<Record<string, readonly [from: readonly string[], to: string]>> = {
  OrderOfferedStanding: [['QUEUED'], 'QUEUED'],
  OrderSeatsHeld: [['QUEUED'], 'WAIT_PAY'],
  OrderPaid: [['WAIT_PAY'], 'PAID'],
  OrderTicketingStarted: [['PAID'], 'TICKETING'],
  OrderTicketed: [['TICKETING'], 'SUCCESS'],
  OrderTicketingFailed: [['TICKETING'], 'FAIL'],
  OrderClosed: [['QUEUED', 'WAIT_PAY', 'FAIL', 'REFUND', 'CHANGE'], 'CLOSED'],
  RunCancelled: [['QUEUED', 'WAIT_PAY', 'PAID', 'TICKETING', 'SUCCESS', 'FAIL'], 'CLOSED'],
};

export class Truth {
  readonly classes = new Map<string, ClassTruth>();
  readonly orders = new Map<string, OrderTruth>();
  readonly payments = new Map<string, PaymentTruth>();
  readonly waitlists = new WaitlistTruths();
  /** Orders that were counted as ended unpaid. */
  readonly endedUnpaid = new Set<string>();
  readonly queues = new QueueTruth();
  /** The position of the last event of any run's own stream. */
  lastRunChange = 0;
  readonly #runs = new Map<string, RunTruth>();
  readonly #unfinished = new Set<string>();
  readonly #deps: TruthDeps;

  constructor(deps: TruthDeps) {
    this.#deps = deps;
  }

  unfinishedOrders(): readonly string[] {
    return [...this.#unfinished];
  }

  /** Adds everything that one call wrote: all of it happened in one instant. */
  add(commit: Commit): void {
    const touched = new Map<ClassTruth, Set<string>>();
    const released: Released[] = [];
    const touch = (truth: ClassTruth, lockId: string): void => {
      touched.set(truth, (touched.get(truth) ?? new Set()).add(lockId));
    };
    const begun = new Set<ClassTruth>();
    const moved: OrderTruth[] = [];
    const requested: OrderTruth[] = [];
    for (const event of commit) {
      if (event.stream.startsWith(STRANGE_ORDER)) continue;
      const dash = event.stream.indexOf('-');
      const category = event.stream.slice(0, dash);
      const name = event.stream.slice(dash + 1);
      // The category of a stream decides the type of its events.
      switch (category) {
        case 'trainRun':
          this.#run(name, event as unknown as TrainRunEvent, event.position);
          this.lastRunChange = event.position;
          break;
        case 'segmentInventory': {
          const [train = '', date = '', seq = '', seatClass = ''] = name.split('_');
          const truth = this.#classOf(train, date, seatClass);
          const { type, data } = event as unknown as SegmentInventoryEvent;
          if (type === 'SegmentOpened' || type === 'SegmentExtended') break;
          // Seats released in the same instant count as taken until the end of it: a refusal may have been decided
          // before.
          for (const { lockId, seats } of type === 'SeatsReleased' ? data.releases : data.holds) {
            touch(truth, lockId);
            if (type === 'SeatsReleased') released.push({ truth, seq: Number(seq), lockId, seats });
            else this.#hold(truth, Number(seq), lockId, seats, released);
          }
          break;
        }
        case 'seatLock': {
          const [train = '', date = '', seatClass = ''] = name.split('_');
          const truth = this.#classOf(train, date, seatClass);
          for (const lockId of this.#book(truth, event as unknown as SeatLockEvent)) touch(truth, lockId);
          if (event.type === 'SeatLocksAcquired') begun.add(truth);
          break;
        }
        case 'order': {
          const order = this.#order(name, event as unknown as OrderEvent & RecordedEvent);
          moved.push(order);
          if (event.type === 'OrderRequested') requested.push(order);
          break;
        }
        case 'buyer': {
          const { type, data } = event as unknown as BuyerEvent;
          if (type === 'UnpaidOrderEnded') this.endedUnpaid.add(data.orderNo);
          break;
        }
        case 'runQueue':
          this.queues.add(name, event as unknown as RunQueueEvent, event.position);
          break;
        case 'queuePlace':
          this.queues.use(name, event as unknown as QueuePlaceEvent);
          break;
        case 'payment': {
          const { type, data } = event as unknown as PaymentEvent;
          const known = this.payments.get(name);
          if (type === 'PaymentCreated')
            this.payments.set(name, { status: 'CREATED', orderNo: data.orderNo, amountFen: data.amountFen });
          else if (known !== undefined) known.status = type;
          break;
        }
        case 'waitlist':
          this.waitlists.add(name, event as unknown as WaitlistEvent & RecordedEvent, this.#deps.now());
          break;
        case 'waitlistPriorities':
          this.waitlists.prefer(event as unknown as WaitlistPrioritiesEvent & RecordedEvent, this.#deps.now());
          break;
        default:
      }
    }
    for (const truth of touched.keys()) noteUnseatable(truth);
    for (const truth of begun) truth.freed.clear();
    for (const order of moved) this.#leaveQueue(order);
    for (const order of requested) this.#assertLimits(order);
    for (const one of released) this.#release(one);
    for (const [truth, lockIds] of touched) for (const lockId of lockIds) assertWhole(truth, lockId);
    for (const truth of touched.keys()) this.#assertNoStuckSeat(truth);
  }

  /** An order that was placed and refused at once takes nothing. */
  #assertLimits(order: OrderTruth): void {
    const { limits, atomicStreams } = this.#deps;
    if (limits === undefined || order.status === 'CLOSED') return;
    const stopsOf = (train: string, date: string) => this.#runs.get(`${train}_${date}`)?.stops ?? [];
    const { orders, endedUnpaid } = this;
    assertWithinLimits({ limits, orders, endedUnpaid, atomicStreams, stopsOf }, order);
  }

  /** Where streams are written together, no seat is free at any moment while somebody waits who could sit there. */
  #assertNoStuckSeat(truth: ClassTruth): void {
    const { atomicStreams, clocksAreRight, now } = this.#deps;
    // Who does not know of added coaches, or what time it is, serves later.
    if (!atomicStreams || !clocksAreRight || truth.grown.length > 1) return;
    const atMs = WORLD_STARTS + now() + SLOWEST_COMMIT_MS;
    const waits = (one: JoinedWaiting): boolean =>
      Date.parse(one.until) > atMs && this.waitlists.isMatching(one.waitlistNo);
    const stuck = seatableInLine(truth, waits);
    if (stuck !== undefined) throw new Violation('STUCK_SEAT', `${truth.key} has seats for ${stuck}, which waits`);
  }

  #leaveQueue(order: OrderTruth): void {
    if (order.status === 'QUEUED') return;
    const { train, date } = order.request;
    this.#classOf(train, date, order.seatClass).queued.delete(order);
    if (order.closeReason === 'SOLD_OUT' && !order.unseatable) throw refusedThoughFree(order);
  }

  isCancelled(train: string, date: string): boolean {
    return this.#runs.get(`${train}_${date}`)?.cancelled === true;
  }

  compositionOf(train: string, date: string): Composition {
    return this.#runs.get(`${train}_${date}`)?.composition ?? [];
  }

  /** Is the coach out of the train by the last change of its composition? */
  hasLeftTrain(train: string, date: string, coach: string): boolean {
    return this.#runs.get(`${train}_${date}`)?.inUse?.has(coach) === false;
  }

  /** Has the train left the stop by now, by clocks that are right? Undefined where they are not. */
  hasLeft(train: string, date: string, stop: number): boolean | undefined {
    const { clocksAreRight, now } = this.#deps;
    const { stops = [] } = this.#runs.get(`${train}_${date}`) ?? {};
    return clocksAreRight ? leavesAt(stops, date, stop) <= WORLD_STARTS + now() : undefined;
  }

  /** Number of cancelled runs that are not settled yet. */
  unsettledRuns(): number {
    return [...this.#runs.values()].filter(({ cancelled, settled }) => cancelled && !settled).length;
  }

  #run(name: string, { type, data }: TrainRunEvent, position: number): void {
    if (type === 'TrainRunOpened')
      this.#runs.set(name, { ...data, cancelled: false, settled: false, coachesAdded: [] });
    const run = this.#runs.get(name);
    if (run === undefined) throw new Violation('RUN_UNKNOWN', name);
    if (type === 'TrainRunCancelled') run.cancelled = true;
    if (type === 'CompositionChanged') run.inUse = new Set(data.coaches);
    if (type === 'TrainRunCancellationSettled') run.settled = true;
    if (type !== 'CoachesAdded') return;
    run.coachesAdded.push({ position, before: run.composition });
    run.composition = [...run.composition, ...data.coaches];
    for (const { coach } of data.coaches) run.inUse?.add(coach);
    for (const truth of this.classes.values()) {
      if (`${truth.train}_${truth.date}` !== name) continue;
      truth.seats = seatsOfClass(run.composition, truth.seatClass as SeatClass).length; // named by a stream of ours
      truth.grown.push({ position, seats: truth.seats });
      for (const segment of truth.taken) while (segment.length < truth.seats) segment.push(undefined);
    }
  }

  /** The class asked for was sold out; the order waits for a place to stand now. */
  #offerStanding(order: OrderTruth, faresFen: readonly number[]): void {
    const { train, date } = order.request;
    const asked = this.#classOf(train, date, order.seatClass);
    noteUnseatable(asked);
    if (!order.unseatable) throw refusedThoughFree(order);
    asked.queued.delete(order);
    order.seatClass = 'standing';
    order.faresFen = faresFen;
    order.unseatable = false;
    const standing = this.#classOf(train, date, 'standing');
    order.seatsKnown = this.#seatsKnown(standing);
    standing.queued.add(order);
    noteUnseatable(standing);
  }

  #seatsKnown({ grown }: ClassTruth): number {
    const heard = this.#deps.heard();
    return grown.findLast(({ position }) => position <= heard)?.seats ?? grown[0]?.seats ?? 0;
  }

  #classOf(train: string, date: string, seatClass: string): ClassTruth {
    const key = `${train}_${date}_${seatClass}`;
    const known = this.classes.get(key);
    if (known !== undefined) return known;
    const run = this.#runs.get(`${train}_${date}`);
    if (run === undefined) throw new Violation('RUN_UNKNOWN', key);
    const sizeOf = (composition: Composition): number => seatsOfClass(composition, seatClass as SeatClass).length; // named by a stream of ours
    const seats = sizeOf(run.composition);
    const taken = Array.from({ length: run.stops.length - 1 }, () =>
      new Array<string | undefined>(seats).fill(undefined),
    );
    const counted = seatClass === 'standing' || run.lateAssignment?.includes(seatClass as SeatClass) === true;
    // Coaches may have been added before the first event of the class.
    const grown = [{ position: 0, seats: sizeOf(run.coachesAdded[0]?.before ?? run.composition) }];
    for (const [index, { position }] of run.coachesAdded.entries())
      grown.push({ position, seats: sizeOf(run.coachesAdded[index + 1]?.before ?? run.composition) });
    const booked = taken.map(() => 0);
    const nothing = {
      closed: '',
      grown,
      taken,
      freed: new Map<number, Map<number, number>>(),
      booked,
      locks: new Map(),
      queued: new Set<OrderTruth>(),
      line: new Map<string, JoinedWaiting>(),
    };
    const seqOf = (station: string): number => run.stops.findIndex(({ code }) => code === station);
    const quotas = this.#deps.quotas
      .filter((rule) => rule.train === train && rule.seatClass === seatClass)
      .map((rule) => quotaTruth(rule, seqOf));
    const truth: ClassTruth = { key, train, date, seatClass, seats, counted, quotas, ...nothing };
    this.classes.set(key, truth);
    return truth;
  }

  #hold(truth: ClassTruth, seq: number, lockId: string, seats: readonly number[], released: readonly Released[]): void {
    for (const seat of seats) {
      const segment = truth.taken[seq];
      if (segment === undefined || seat < 0 || seat >= truth.seats)
        throw new Violation('OUT_OF_BOUNDS', `${lockId} holds seat ${seat} of segment ${seq} of ${truth.key}`);
      const holder = segment[seat];
      const free =
        holder === undefined ||
        released.some((one) => one.seq === seq && one.lockId === holder && one.seats.includes(seat));
      if (!free) throw new Violation('SEAT_TWICE', `${truth.key} segment ${seq} seat ${seat}: ${holder} and ${lockId}`);
      segment[seat] = lockId;
    }
  }

  /** Another lock may have got the seat in the same instant. */
  #release({ truth, seq, lockId, seats }: Released): void {
    const segment = truth.taken[seq] ?? [];
    const freed = truth.freed.get(seq) ?? new Map<number, number>();
    if (!this.#deps.atomicStreams) truth.freed.set(seq, freed);
    for (const seat of seats)
      if (segment[seat] === lockId) {
        segment[seat] = undefined;
        freed.set(seat, this.#deps.now());
      }
  }

  /** The locks that an event of the book is about. */
  #book(truth: ClassTruth, event: SeatLockEvent): readonly string[] {
    switch (event.type) {
      case 'BookOpened':
      case 'SeatsAssigned':
        return [];
      case 'WaitingJoined':
        for (const one of event.data.waiting) {
          if (truth.line.has(one.waitlistNo)) throw new Violation('WAITS_TWICE', `${one.waitlistNo} in ${truth.key}`);
          this.waitlists.assertPlace(one);
          truth.line.set(one.waitlistNo, one);
        }
        return [];
      case 'WaitingLeft':
        for (const { waitlistNo } of event.data.waiting) truth.line.delete(waitlistNo);
        return [];
      case 'BookClosed':
        truth.closed = event.data.reason;
        return [];
      case 'SeatLocksAcquired':
      case 'SeatLocksConfirmed':
      case 'SeatLocksReleased':
      case 'SeatLocksExpired':
        for (const lock of event.data.locks) this.#lock(truth, event.type, lock);
        return event.data.locks.map(({ lockId }) => lockId);
      default:
        this.#lock(truth, event.type, event.data);
        return [event.data.lockId];
    }
  }

  #lock(truth: ClassTruth, type: SeatLockEvent['type'], { lockId, plan, travellers }: BookedLock): void {
    const known = truth.locks.get(lockId);
    if (plan !== undefined) {
      if (truth.closed !== '')
        throw new Violation('SOLD_AFTER_CLOSING', `${lockId} in a book closed as ${truth.closed}`);
      for (const [other, lock] of truth.locks)
        if (isHeld(lock) && lock.plan?.orderNo === plan.orderNo)
          throw new Violation('TWO_LOCKS', `order ${plan.orderNo} has ${other} and ${lockId}`);
      if (known !== undefined) throw new Violation('LOCK_TWICE', `${lockId} was ${known.status} and is acquired`);
      truth.locks.set(lockId, { status: type === 'SeatsWithdrawn' ? 'withdrawn' : 'acquired', plan });
      book(truth, plan, 1);
      if (type === 'SeatLocksAcquired') {
        assertQuotas(truth, lockId, plan);
        const waits = (waitlistNo: string): boolean => this.waitlists.isMatching(waitlistNo);
        const untilMs = this.#deps.clocksAreRight ? WORLD_STARTS + this.#deps.now() : Number.POSITIVE_INFINITY;
        assertNotOvertaken(truth, plan, { waits, untilMs });
        truth.line.delete(plan.orderNo);
      }
    } else if (travellers !== undefined) {
      if (known?.status !== 'confirmed' || known.plan === undefined)
        throw new Violation('LOCK_TWICE', `${lockId} was ${known?.status} and gives seats back`);
      this.#assertVoid(known.plan.orderNo, travellers);
      this.#assertVoidAtIssuer(known.plan.orderNo, travellers);
      const before = stillTravelling(known.plan, known.gone ?? []);
      const gone = [...(known.gone ?? []), ...travellers];
      truth.locks.set(lockId, { ...known, gone });
      book(truth, before, -1);
      book(truth, stillTravelling(known.plan, gone), 1);
    } else {
      const status = type.replace(/^Seats|^SeatLocks?/, '').toLowerCase();
      if (known?.status === 'released' || known?.status === 'expired')
        throw new Violation('LOCK_TWICE', `${lockId} was ${known.status} and is ${status}`);
      if (isHeld(known) && known?.plan !== undefined && status !== 'confirmed')
        book(truth, stillTravelling(known.plan, known.gone ?? []), -1);
      if (known?.status === 'confirmed' && known.plan !== undefined) {
        const { orderNo } = known.plan;
        this.#assertVoidAtIssuer(orderNo, [...(this.orders.get(orderNo)?.request.passengers.keys() ?? [])]);
      }
      truth.locks.set(lockId, { ...known, status, plan: known?.plan });
    }
  }

  #order(orderNo: string, event: OrderEvent & RecordedEvent): OrderTruth {
    const known = this.orders.get(orderNo);
    if (event.type === 'OrderRequested') {
      if (known !== undefined) throw new Violation('ORDER_TWICE', orderNo);
      const { request } = event.data;
      const truth = this.#classOf(request.train, request.date, request.seatClass);
      const order: OrderTruth = {
        orderNo,
        request,
        requestedMs: this.#deps.now(),
        seatClass: request.seatClass,
        faresFen: request.faresFen,
        status: 'QUEUED',
        lockId: '',
        paymentNo: '',
        closeReason: '',
        closedMs: 0,
        refunds: new Map(),
        changes: new Map(),
        before: request.change,
        unseatable: false,
        seatsKnown: this.#seatsKnown(truth),
      };
      this.orders.set(orderNo, order);
      this.#unfinished.add(orderNo);
      truth.queued.add(order);
      noteUnseatable(truth);
      return order;
    }
    // Late assignment does not change an order's status.
    if (event.type === 'OrderSeatsAssigned' && known !== undefined) return known;
    if (isAfterSale(event)) {
      const order = known ?? neverRequested(orderNo);
      noteAfterSale(order, event, { now: this.#deps.now, isConfirmed: (of) => this.#isConfirmed(of) });
      if (isSettled(order)) this.#unfinished.delete(orderNo);
      else this.#unfinished.add(orderNo);
      return order;
    }
    const cancelled = event.type === 'OrderClosed' && event.data.reason === 'RUN_CANCELLED';
    const [from, to] = FOLLOWS[cancelled ? 'RunCancelled' : event.type] ?? [[], ''];
    if (known === undefined || !from.includes(known.status))
      throw new Violation('ORDER_BACKWARDS', `${event.type} for order ${orderNo}, which is ${known?.status}`);
    // Of a change there may be nothing to pay.
    known.status = event.type === 'OrderSeatsHeld' && known.before?.payFen === 0 ? 'PAID' : to;
    if (event.type === 'OrderTicketed') this.#assertExchanged(known);
    if (event.type === 'OrderOfferedStanding') this.#offerStanding(known, event.data.faresFen);
    if (event.type === 'OrderSeatsHeld') {
      known.lockId = event.data.lockId;
      const { train, date } = known.request;
      assertBeforeDeparture(
        known,
        this.#runs.get(`${train}_${date}`)?.stops ?? [],
        event.meta.at,
        event.data.payBefore,
      );
    }
    if (event.type === 'OrderPaid') known.paymentNo = event.data.paymentNo;
    if (event.type === 'OrderClosed') {
      known.closeReason = event.data.reason;
      const { train, date, from: stop } = known.request;
      const isOpen = this.#classOf(train, date, known.seatClass).closed === '';
      if (known.closeReason === 'SALE_CLOSED' && isOpen && this.hasLeft(train, date, stop) === false)
        throw new Violation(
          'CLOSED_THOUGH_OPEN',
          `order ${orderNo} was refused, and its train has not left stop ${stop}`,
        );
      known.closedMs = this.#deps.now();
    }
    if (isSettled(known)) this.#unfinished.delete(orderNo);
    return known;
  }

  #isConfirmed(orderNo: string): boolean {
    const order = this.orders.get(orderNo);
    if (order === undefined) return false;
    const { train, date } = order.request;
    return this.#classOf(train, date, order.seatClass).locks.get(order.lockId)?.status === 'confirmed';
  }

  /** Tickets after a change are issued, so those before it are void. */
  #assertExchanged({ orderNo, before }: OrderTruth): void {
    if (before === undefined) return;
    const status = this.orders.get(before.orderNo)?.changes.get(before.changeNo)?.status;
    if (status !== 'CHANGED' && status !== 'SETTLED')
      throw new Violation('TICKET_TWICE', `order ${orderNo} has tickets, and ${before.changeNo} is ${status}`);
  }

  #assertVoidAtIssuer(orderNo: string, travellers: readonly number[]): void {
    const valid = travellers.map((traveller) => ticketNoOf(orderNo, traveller + 1)).find(this.#deps.isValidAtIssuer);
    if (valid !== undefined)
      throw new Violation('TICKET_WITHOUT_SEAT', `${valid} is valid at its issuer, and its seat free`);
  }

  /** Seats are free only of tickets that are void. */
  #assertVoid(orderNo: string, travellers: readonly number[]): void {
    const order = this.orders.get(orderNo);
    if (order?.status !== 'SUCCESS') return;
    const kept = keptNos(order);
    const valid = travellers.find((traveller) => kept.includes(traveller + 1));
    if (valid !== undefined)
      throw new Violation('TICKET_WITHOUT_SEAT', `ticket ${valid + 1} of order ${orderNo} is valid, and its seat free`);
  }
}

const neverRequested = (orderNo: string): never => {
  throw new Violation('ORDER_BACKWARDS', `something happens to order ${orderNo}, which was never requested`);
};

const refusedThoughFree = ({ orderNo, seatClass }: OrderTruth): Violation =>
  new Violation(
    'REFUSED_THOUGH_FREE',
    `order ${orderNo} was told that ${seatClass} is sold out; it could have been seated all along`,
  );

type RunTruth = TrainRunOpened['data'] & {
  composition: Composition;
  /** By number, since somebody changed which they are. */
  inUse?: Set<string>;
  cancelled: boolean;
  settled: boolean;
  /** The positions at which coaches were added, with the composition before. */
  readonly coachesAdded: { readonly position: number; readonly before: Composition }[];
};

/** Seats free on every segment of [from, to). */
