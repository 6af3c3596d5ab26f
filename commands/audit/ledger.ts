// The log as the audit understands it: runs, stocks, orders and payments, folded as the rest of Railhead folds them.
import {
  applyToBook,
  applyToSegment,
  type ClassStock,
  extendStock,
  untouchedStock,
} from '@railhead/domain/class-stock/class-stock.ts';
import type { Recorded } from '@railhead/domain/kernel/event.ts';
import { SEAT_CLASSES, type SeatClass } from '@railhead/domain/kernel/seat-class.ts';
import type { OrderEvent } from '@railhead/domain/order/events.ts';
import { absentOrder, evolve as evolveOrder, type Order } from '@railhead/domain/order/fold.ts';
import { orderCategory } from '@railhead/domain/order/stream.ts';
import type { PaymentEvent } from '@railhead/domain/payment/events.ts';
import { absentPayment, evolve as evolvePayment, type Payment } from '@railhead/domain/payment/fold.ts';
import { paymentCategory } from '@railhead/domain/payment/stream.ts';
import type { SeatLockEvent } from '@railhead/domain/seat-lock/events.ts';
import type { LockPlan } from '@railhead/domain/seat-lock/plan.ts';
import { lockBookCategory } from '@railhead/domain/seat-lock/stream.ts';
import type { SegmentInventoryEvent } from '@railhead/domain/segment-inventory/events.ts';
import { segmentCategory } from '@railhead/domain/segment-inventory/stream.ts';
import { type Composition, seatsOfClass } from '@railhead/domain/train-run/composition.ts';
import type { TrainRunEvent } from '@railhead/domain/train-run/events.ts';
import { absentRun, evolve as evolveRun, type OpenedRun, type TrainRun } from '@railhead/domain/train-run/fold.ts';
import { runCategory } from '@railhead/domain/train-run/stream.ts';
import { categoryOf, type RecordedEvent } from '../ports/event-store.ts';

/** One class of a run. */
export type AuditedClass = {
  /** `{train}_{date}_{class}`. */
  readonly key: string;
  /** `{train}_{date}`. */
  readonly runName: string;
  readonly seatClass: SeatClass;
  readonly stock: ClassStock;
  /** How many seats the class has had, the newest number last. */
  readonly sizes: number[];
  /** How many seats its segments have said they have. */
  readonly segmentSizes: Set<number>;
  /** The plan that a lock's holds carry, whatever became of the lock. */
  readonly heldPlans: Map<string, LockPlan>;
  /** Locks that gave seats back on some segment. */
  readonly givenBack: Set<string>;
  /** Locks that were confirmed at some time. */
  readonly confirmed: Set<string>;
};

/** The stream without its category. */
export const nameOf = (stream: string): string => stream.slice(categoryOf(stream).length + 1);

export class Ledger {
  readonly runs = new Map<string, TrainRun>();
  /** What a run was made of when it was opened, and after each addition of coaches. */
  readonly #compositions = new Map<string, Composition[]>();
  readonly classes = new Map<string, AuditedClass>();
  readonly orders = new Map<string, Order>();
  readonly payments = new Map<string, Payment>();

  openedRun(runName: string): OpenedRun | undefined {
    const run = this.runs.get(runName);
    return run === undefined || run.status === 'absent' ? undefined : run;
  }

  /** The class that a segment's or a book's stream belongs to; undefined where its run was never opened. */
  classOf(stream: string): AuditedClass | undefined {
    // {train}_{date}_{seq}_{class} or {train}_{date}_{class}
    const parts = nameOf(stream).split('_');
    const [train = '', date = ''] = parts;
    const runName = `${train}_${date}`;
    const key = `${runName}_${parts.at(-1)}`;
    const known = this.classes.get(key);
    if (known !== undefined) return known;
    const run = this.openedRun(runName);
    const seatClass = SEAT_CLASSES.find((candidate) => candidate === parts.at(-1));
    if (run === undefined || seatClass === undefined) return undefined;
    const seats = seatsOfClass(run.composition, seatClass);
    const nothing = {
      segmentSizes: new Set<number>(),
      heldPlans: new Map(),
      givenBack: new Set<string>(),
      confirmed: new Set<string>(),
    };
    const stock = untouchedStock(seats, run.stops.length - 1);
    const sizes = (this.#compositions.get(runName) ?? []).map((of) => seatsOfClass(of, seatClass).length);
    const audited = { key, runName, seatClass, stock, sizes, ...nothing };
    this.classes.set(key, audited);
    return audited;
  }

  fold(event: RecordedEvent): void {
    const name = nameOf(event.stream);
    switch (categoryOf(event.stream)) {
      case runCategory.name:
        // The category of a stream decides the type of its events, here and below.
        this.#run(name, event as Recorded<TrainRunEvent> & typeof event);
        return;
      case segmentCategory.name:
        this.#segment(event.stream, event as unknown as SegmentInventoryEvent);
        return;
      case lockBookCategory.name:
        this.#book(event.stream, event as unknown as SeatLockEvent);
        return;
      case orderCategory.name: {
        const order = event as Recorded<OrderEvent> & typeof event;
        this.orders.set(name, evolveOrder(this.orders.get(name) ?? absentOrder, order));
        return;
      }
      case paymentCategory.name: {
        const payment = event as unknown as PaymentEvent;
        this.payments.set(name, evolvePayment(this.payments.get(name) ?? absentPayment, payment));
        return;
      }
      default:
    }
  }

  #run(name: string, event: Recorded<TrainRunEvent>): void {
    const run = evolveRun(this.runs.get(name) ?? absentRun, event);
    this.runs.set(name, run);
    if (run.status === 'absent' || (event.type !== 'TrainRunOpened' && event.type !== 'CoachesAdded')) return;
    this.#compositions.set(name, [...(this.#compositions.get(name) ?? []), run.composition]);
    if (event.type === 'TrainRunOpened') return;
    for (const seatClass of SEAT_CLASSES) {
      const audited = this.classes.get(`${name}_${seatClass}`);
      if (audited === undefined) continue;
      const seats = seatsOfClass(run.composition, seatClass);
      extendStock(audited.stock, seats);
      audited.sizes.push(seats.length);
    }
  }

  #segment(stream: string, event: SegmentInventoryEvent): void {
    const audited = this.classOf(stream);
    if (audited === undefined) return;
    applyToSegment(audited.stock, segmentOf(stream), event);
    if (event.type === 'SegmentOpened' || event.type === 'SegmentExtended') audited.segmentSizes.add(event.data.seats);
    if (event.type === 'SeatsReleased') audited.givenBack.add(event.data.lockId);
    if (event.type === 'SeatsHeld' && !audited.heldPlans.has(event.data.lockId))
      audited.heldPlans.set(event.data.lockId, event.data.plan);
  }

  #book(stream: string, event: SeatLockEvent): void {
    const audited = this.classOf(stream);
    if (audited === undefined) return;
    applyToBook(audited.stock, event);
    if (event.type === 'SeatLockConfirmed') audited.confirmed.add(event.data.lockId);
  }
}

/** The segment's number in the name of its stream. */
export const segmentOf = (stream: string): number => Number(nameOf(stream).split('_')[2]);
