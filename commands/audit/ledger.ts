// The log as the audit sees it: runs, stocks, orders and payments, folded by the same folds as everywhere in Railhead.
import {
  applyToBook,
  applyToSegment,
  type ClassStock,
  extendStock,
  untouchedStock,
} from '@railhead/domain/class-stock/class-stock.ts';
import type { Category } from '@railhead/domain/kernel/category.ts';
import type { AnyEvent, Recorded } from '@railhead/domain/kernel/event.ts';
import { SEAT_CLASSES, type SeatClass } from '@railhead/domain/kernel/seat-class.ts';
import type { Order } from '@railhead/domain/order/fold.ts';
import { orderCategory } from '@railhead/domain/order/stream.ts';
import type { Payment } from '@railhead/domain/payment/fold.ts';
import { paymentCategory } from '@railhead/domain/payment/stream.ts';
import type { SeatLockEvent } from '@railhead/domain/seat-lock/events.ts';
import { lockBookCategory } from '@railhead/domain/seat-lock/stream.ts';
import type { SegmentInventoryEvent } from '@railhead/domain/segment-inventory/events.ts';
import { type SegmentId, segmentCategory } from '@railhead/domain/segment-inventory/stream.ts';
import { type Composition, seatsOfClass } from '@railhead/domain/train-run/composition.ts';
import type { TrainRunEvent } from '@railhead/domain/train-run/events.ts';
import type { OpenedRun, TrainRun } from '@railhead/domain/train-run/fold.ts';
import { type ClassId, className, type RunId, runCategory, runName } from '@railhead/domain/train-run/stream.ts';
import type { Waitlist } from '@railhead/domain/waitlist/fold.ts';
import { waitlistCategory } from '@railhead/domain/waitlist/stream.ts';
import type { WaitlistUser } from '@railhead/domain/waitlist-user/fold.ts';
import { waitlistUserCategory } from '@railhead/domain/waitlist-user/stream.ts';
import type { RecordedEvent } from '../ports/event-store.ts';
import { Reserved } from './reserved.ts';

/** One class of a run. */
export type AuditedClass = {
  /** `{train}_{date}_{class}`. */
  readonly key: string;
  /** `{train}_{date}`. */
  readonly runName: string;
  readonly seatClass: SeatClass;
  readonly stock: ClassStock;
  /** Every number of seats that the class has had, in order. */
  readonly sizes: number[];
  /** Every number of seats that an event of its segments named. */
  readonly segmentSizes: Set<number>;
  /** Locks that released seats on a segment. */
  readonly givenBack: Set<string>;
  /** Locks that were ever confirmed. */
  readonly confirmed: Set<string>;
};

export class Ledger {
  readonly runs = new Map<string, TrainRun>();
  /** The run's composition when it was opened, and after each addition of coaches. */
  readonly #compositions = new Map<string, Composition[]>();
  readonly classes = new Map<string, AuditedClass>();
  readonly orders = new Map<string, Order>();
  readonly payments = new Map<string, Payment>();
  readonly waitlists = new Map<string, Waitlist>();
  readonly waitlistUsers = new Map<string, WaitlistUser>();
  /** The user's key under which each request was ever counted. */
  readonly waitlistPlaces = new Map<string, string>();
  readonly reserved = new Reserved();

  /** By the run's name, such as `G1_2026-12-01`. */
  openedRun(name: string): OpenedRun | undefined {
    const run = this.runs.get(name);
    return run === undefined || run.status === 'absent' ? undefined : run;
  }

  /** A class of a run; undefined where the run was never opened. */
  classOf(id: ClassId): AuditedClass | undefined {
    const key = className(id);
    const known = this.classes.get(key);
    if (known !== undefined) return known;
    const name = runName(id);
    const run = this.openedRun(name);
    if (run === undefined) return undefined;
    const { seatClass } = id;
    const seats = seatsOfClass(run.composition, seatClass);
    const nothing = {
      segmentSizes: new Set<number>(),
      givenBack: new Set<string>(),
      confirmed: new Set<string>(),
    };
    const stock = untouchedStock(seats, run.stops.length - 1);
    const sizes = (this.#compositions.get(name) ?? []).map((of) => seatsOfClass(of, seatClass).length);
    const audited = { key, runName: name, seatClass, stock, sizes, ...nothing };
    this.classes.set(key, audited);
    return audited;
  }

  fold(event: RecordedEvent): void {
    const { stream } = event;
    if (runCategory.owns(event)) this.#run(runCategory.idOf(stream), event);
    else if (segmentCategory.owns(event)) this.#segment(segmentCategory.idOf(stream), event);
    else if (lockBookCategory.owns(event)) this.#book(lockBookCategory.idOf(stream), event);
    else if (orderCategory.owns(event)) foldInto(this.orders, orderCategory, event);
    else if (paymentCategory.owns(event)) foldInto(this.payments, paymentCategory, event);
    else if (waitlistCategory.owns(event)) foldInto(this.waitlists, waitlistCategory, event);
    else if (waitlistUserCategory.owns(event)) {
      foldInto(this.waitlistUsers, waitlistUserCategory, event);
      if (event.type === 'WaitlistOpened')
        this.waitlistPlaces.set(event.data.waitlistNo, waitlistUserCategory.idOf(event.stream));
    } else this.reserved.fold(event);
  }

  #run(id: RunId, event: Recorded<TrainRunEvent>): void {
    const name = runName(id);
    const run = runCategory.evolve(this.runs.get(name) ?? runCategory.initial(), event);
    this.runs.set(name, run);
    if (run.status === 'absent' || (event.type !== 'TrainRunOpened' && event.type !== 'CoachesAdded')) return;
    this.#compositions.set(name, [...(this.#compositions.get(name) ?? []), run.composition]);
    if (event.type === 'TrainRunOpened') return;
    for (const seatClass of SEAT_CLASSES) {
      const audited = this.classes.get(className({ ...id, seatClass }));
      if (audited === undefined) continue;
      const seats = seatsOfClass(run.composition, seatClass);
      extendStock(audited.stock, seats);
      audited.sizes.push(seats.length);
    }
  }

  #segment(id: SegmentId, event: SegmentInventoryEvent): void {
    const audited = this.classOf(id);
    if (audited === undefined) return;
    applyToSegment(audited.stock, id.seq, event);
    if (event.type === 'SegmentOpened' || event.type === 'SegmentExtended') audited.segmentSizes.add(event.data.seats);
    if (event.type === 'SeatsReleased') for (const { lockId } of event.data.releases) audited.givenBack.add(lockId);
  }

  #book(id: ClassId, event: SeatLockEvent): void {
    const audited = this.classOf(id);
    if (audited === undefined) return;
    applyToBook(audited.stock, event);
    if (event.type === 'SeatLocksConfirmed') for (const { lockId } of event.data.locks) audited.confirmed.add(lockId);
  }
}

const foldInto = <State, Event extends AnyEvent>(
  states: Map<string, State>,
  category: Category<string, State, Event>,
  event: RecordedEvent & Recorded<Event>,
): void => {
  const id = category.idOf(event.stream);
  states.set(id, category.evolve(states.get(id) ?? category.initial(), event));
};
