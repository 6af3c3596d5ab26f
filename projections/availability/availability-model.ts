// Free seats of every run, in memory: bitmaps folded from the segment streams.

import type { EventBatch, Position, RecordedEvent } from '@railhead/commands/ports/event-store.ts';
import { type StreamsSetAside, strangenessIn } from '@railhead/commands/streams/understood.ts';
import {
  emptyOccupancy,
  freeCount,
  grown,
  isFree,
  type Occupancy,
  OccupancyContradiction,
  occupySegment,
  vacateSegment,
} from '@railhead/domain/allocation/bitmap.ts';
import type { SeatLockEvent } from '@railhead/domain/seat-lock/events.ts';
import { type LockPlan, seatsOnSegment, segmentsOf } from '@railhead/domain/seat-lock/plan.ts';
import { lockBookCategory } from '@railhead/domain/seat-lock/stream.ts';
import type { SegmentInventoryEvent } from '@railhead/domain/segment-inventory/events.ts';
import type { SegmentId } from '@railhead/domain/segment-inventory/stream.ts';
import { segmentCategory } from '@railhead/domain/segment-inventory/stream.ts';
import type { TrainRunEvent } from '@railhead/domain/train-run/events.ts';
import { type ClassId, className, runCategory, runName } from '@railhead/domain/train-run/stream.ts';
import type { PositionProof, Projection } from '../engine/projection.ts';

/**
 * `held` waits for its payment, `sold` has tickets; a seat counts if it is taken anywhere on the journey. `total` is
 * the sum of the other three: the seats of the class without those withdrawn from sale.
 */
export type StockCount = {
  readonly total: number;
  readonly available: number;
  readonly held: number;
  readonly sold: number;
};

type ClassStock = {
  taken: Occupancy;
  sold: Occupancy;
  /** Withdrawn by an operator: neither free nor sold, and not part of the total. */
  withdrawn: Occupancy;
  /** Acquired locks that are not confirmed yet. Confirming them turns their seats into sold ones. */
  readonly pending: Map<string, LockPlan>;
  /**
   * Pending locks whose seats have been released. In one append the segments come before the book, which ends the lock.
   */
  readonly givenBack: Set<string>;
};

const CATEGORIES = [runCategory, segmentCategory, lockBookCategory] as const;
const strangenessOf = strangenessIn(CATEGORIES);

export class AvailabilityModel implements Projection {
  readonly name = 'availability';
  readonly categories = CATEGORIES.map(({ name }) => name);
  /** Number of segments of each run on sale, by run name. */
  readonly #segments = new Map<string, number>();
  /** Only classes with an opened segment; in all others every seat is free. */
  readonly #classes = new Map<string, ClassStock>();
  readonly #cancelled = new Set<string>();
  /** Classes and runs with nothing for sale any more: the book is closed, or the log contradicts itself or is not understood. */
  readonly #closed = new Set<string>();
  /** Classes with late assignment. As for standing, a traveller needs any place, on each segment perhaps another. */
  readonly #counted = new Set<string>();
  readonly #setAside = new Map<string, string>();
  #told: PositionProof['setAside'] = () => {};
  #position: Position = 0;

  get setAside(): StreamsSetAside {
    return this.#setAside;
  }

  async load(log?: Pick<PositionProof, 'setAside'>): Promise<Position> {
    this.#told = log?.setAside ?? (() => {});
    return this.#position;
  }

  async apply(batch: EventBatch): Promise<void> {
    for (const event of batch.events) {
      if (event.position <= this.#position) continue;
      if (this.#isSetAside(event)) continue;
      if (runCategory.owns(event)) this.#run(runName(runCategory.idOf(event.stream)), event);
      else if (segmentCategory.owns(event)) {
        const id = segmentCategory.idOf(event.stream);
        this.#closeIfDamaged(id, () => this.#segment(id, event));
      } else if (lockBookCategory.owns(event)) {
        const id = lockBookCategory.idOf(event.stream);
        this.#closeIfDamaged(id, () => this.#lock(className(id), event));
      }
      this.#position = event.position;
    }
    this.#position = Math.max(this.#position, batch.position);
  }

  /** A newer version has written to the run or the class: this one does not know what it sold, and offers nothing. */
  #isSetAside(event: RecordedEvent): boolean {
    const { stream, position } = event;
    if (this.#setAside.has(stream)) return true;
    const why = strangenessOf(event);
    if (why === undefined) return false;
    this.#setAside.set(stream, why);
    const id = stream.slice(stream.indexOf('-') + 1);
    // The name of a segment has its number before the class.
    this.#closed.add(segmentCategory.holds(event) ? id.replace(/_\d+_(?=[^_]+$)/, '_') : id);
    this.#position = position;
    this.#told(stream, why);
    return true;
  }

  /**
   * `seats` is the size of the class; `from` and `to` are stop sequence numbers. In a cancelled run nothing is
   * available.
   */
  count(id: ClassId, seats: number, from: number, to: number): StockCount {
    const key = className(id);
    const none = [key, runName(id)].some((name) => this.#closed.has(name)) || this.#cancelled.has(runName(id));
    const stock = this.#classes.get(key);
    if (stock === undefined) return { total: seats, available: none ? 0 : seats, held: 0, sold: 0 };
    const count = this.#counted.has(key) || id.seatClass === 'standing' ? leastFree : freeCount;
    // Seats of added coaches are in the log only after the first sale in them; until then they are all free.
    const free = count(stock.taken, from, to) + Math.max(0, seats - stock.taken.seats);
    const withdrawn = stock.withdrawn.seats - count(stock.withdrawn, from, to);
    const total = Math.max(seats, stock.taken.seats) - withdrawn;
    const sold = Math.min(total - free, stock.sold.seats - count(stock.sold, from, to));
    const held = total - free - sold;
    return { total, available: none ? 0 : free, held, sold };
  }

  /** Seats that are held, sold or withdrawn; undefined if there are none. */
  taken(id: ClassId): Occupancy | undefined {
    return this.#classes.get(className(id))?.taken;
  }

  #run(name: string, { type, data }: TrainRunEvent): void {
    if (type === 'TrainRunOpened') {
      this.#segments.set(name, data.stops.length - 1);
      for (const seatClass of data.lateAssignment ?? []) this.#counted.add(`${name}_${seatClass}`);
    } else if (type === 'TrainRunCancelled') this.#cancelled.add(name);
  }

  #segment(id: SegmentId, { type, data }: SegmentInventoryEvent): void {
    const key = className(id);
    const { seq } = id;
    if (type === 'SegmentOpened' || type === 'SegmentExtended') {
      const segments = this.#segments.get(runName(id));
      if (segments === undefined)
        throw new Error(`${segmentCategory.stream(id)} belongs to a run that was never opened`);
      this.#provide(key, segments, data.seats);
      return;
    }
    const stock = this.#classes.get(key);
    if (stock === undefined) return;
    if (type === 'SeatsHeld') {
      occupySegment(stock.taken, seq, data.seats);
      return;
    }
    if (stock.pending.has(data.lockId)) stock.givenBack.add(data.lockId);
    vacateSegment(stock.taken, seq, data.seats);
    for (const marked of [stock.sold, stock.withdrawn])
      vacateSegment(
        marked,
        seq,
        data.seats.filter((seat) => !isFree(marked, seq, seq + 1, seat)),
      );
  }

  /** A damaged class has nothing to offer: the allocator stops its sale and reports why. All other classes go on. */
  #closeIfDamaged(id: ClassId, apply: () => void): void {
    try {
      apply();
    } catch (error) {
      if (!(error instanceof OccupancyContradiction)) throw error;
      this.#closed.add(className(id));
    }
  }

  #provide(key: string, segments: number, seats: number): void {
    const stock = this.#classes.get(key);
    if (stock === undefined) {
      const empty = (): Occupancy => emptyOccupancy(segments, seats);
      const marks = { taken: empty(), sold: empty(), withdrawn: empty() };
      this.#classes.set(key, { ...marks, pending: new Map(), givenBack: new Set() });
    } else if (seats > stock.taken.seats) {
      stock.taken = grown(stock.taken, seats);
      stock.sold = grown(stock.sold, seats);
      stock.withdrawn = grown(stock.withdrawn, seats);
    }
  }

  #lock(key: string, { type, data }: SeatLockEvent): void {
    if (type === 'BookOpened' || type === 'SeatsAssigned') return;
    // Before the look-up: also for a class that nobody has bought from.
    if (type === 'BookClosed') this.#closed.add(key);
    const stock = this.#classes.get(key);
    if (stock === undefined || type === 'BookClosed') return;
    switch (type) {
      case 'SeatLockAcquired':
        stock.pending.set(data.lockId, data.plan);
        return;
      case 'SeatsWithdrawn':
        mark(stock.withdrawn, data.plan);
        return;
      case 'SeatLockConfirmed': {
        const plan = stock.pending.get(data.lockId);
        if (plan !== undefined && !stock.givenBack.has(data.lockId)) mark(stock.sold, plan);
        stock.pending.delete(data.lockId);
        return;
      }
      default:
        stock.givenBack.delete(data.lockId);
        stock.pending.delete(data.lockId);
    }
  }
}

const mark = (occupancy: Occupancy, plan: LockPlan): void => {
  for (const seq of segmentsOf(plan)) occupySegment(occupancy, seq, seatsOnSegment(plan, seq));
};

/** Free places where a traveller may have another place on each segment: those of the fullest segment. */
const leastFree = (occupancy: Occupancy, from: number, to: number): number => {
  let least = occupancy.seats;
  for (let segment = from; segment < to; segment += 1)
    least = Math.min(least, freeCount(occupancy, segment, segment + 1));
  return least;
};
