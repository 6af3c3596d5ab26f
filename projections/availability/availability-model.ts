// Free seats of every run, in memory: the bitmaps of the segment streams, folded as they come.
import type { EventBatch, Position, RecordedEvent } from '@railhead/commands/ports/event-store.ts';
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
import { segmentCategory } from '@railhead/domain/segment-inventory/stream.ts';
import type { TrainRunEvent } from '@railhead/domain/train-run/events.ts';
import { runCategory } from '@railhead/domain/train-run/stream.ts';
import type { Projection } from '../engine/projection.ts';

/**
 * `held` waits for its payment, `sold` is ticketed; each counts a seat taken anywhere on the journey. `total` is the
 * sum of the three: the seats of the class without those withdrawn from sale.
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
  /** Out of sale by an operator: neither free nor sold, and not part of the total. */
  withdrawn: Occupancy;
  /** Locks that are not confirmed yet: what will be sold when they are. */
  readonly pending: Map<string, LockPlan>;
  /** Of those, the ones whose seats are free again: the book ends them in the same instant, after what else it says. */
  readonly givenBack: Set<string>;
};

const keyOf = (train: string, date: string, seatClass: string): string => `${train}_${date}_${seatClass}`;

export class AvailabilityModel implements Projection {
  readonly name = 'availability';
  readonly categories = [runCategory.name, segmentCategory.name, lockBookCategory.name];
  /** Segments of each run on sale, by train and date. */
  readonly #segments = new Map<string, number>();
  /** Only classes somebody has bought from; all others are free. */
  readonly #classes = new Map<string, ClassStock>();
  readonly #cancelled = new Set<string>();
  /** Classes of which nothing is for sale any more: the book is closed, or the log of the class contradicts itself. */
  readonly #closed = new Set<string>();
  /** Classes sold by count besides standing: any place will do, a different one on each segment too. */
  readonly #counted = new Set<string>();
  #position: Position = 0;

  async load(): Promise<Position> {
    return this.#position;
  }

  async apply(batch: EventBatch): Promise<void> {
    for (const event of batch.events) {
      if (event.position <= this.#position) continue;
      const name = event.stream.slice(event.stream.indexOf('-') + 1);
      try {
        if (event.stream.startsWith(`${runCategory.name}-`)) this.#run(name, event);
        else if (event.stream.startsWith(segmentCategory.name)) this.#segment(name, event);
        else this.#lock(name, event);
      } catch (error) {
        if (!(error instanceof OccupancyContradiction)) throw error;
        this.#damage(name, event.stream);
      }
      this.#position = event.position;
    }
    this.#position = Math.max(this.#position, batch.position);
  }

  /** `seats` of the class; `from` and `to` are stop sequence numbers. Of a cancelled run nothing is available. */
  count(train: string, date: string, seatClass: string, seats: number, from: number, to: number): StockCount {
    const key = keyOf(train, date, seatClass);
    const none = this.#cancelled.has(`${train}_${date}`) || this.#closed.has(key);
    const stock = this.#classes.get(key);
    if (stock === undefined) return { total: seats, available: none ? 0 : seats, held: 0, sold: 0 };
    const count = this.#counted.has(key) || seatClass === 'standing' ? leastFree : freeCount;
    // Of coaches added since, the log tells with the first seat sold in them.
    const free = count(stock.taken, from, to) + Math.max(0, seats - stock.taken.seats);
    const withdrawn = stock.withdrawn.seats - count(stock.withdrawn, from, to);
    const total = Math.max(seats, stock.taken.seats) - withdrawn;
    const sold = Math.min(total - free, stock.sold.seats - count(stock.sold, from, to));
    const held = total - free - sold;
    return { total, available: none ? 0 : free, held, sold };
  }

  /** The seats somebody has, or an operator took out of sale; undefined where that is none. */
  taken(train: string, date: string, seatClass: string): Occupancy | undefined {
    return this.#classes.get(keyOf(train, date, seatClass))?.taken;
  }

  #run(name: string, event: RecordedEvent): void {
    // The category of a stream decides the type of its events.
    const { type, data } = event as unknown as TrainRunEvent;
    if (type === 'TrainRunOpened') {
      this.#segments.set(name, data.stops.length - 1);
      for (const seatClass of data.lateAssignment ?? []) this.#counted.add(`${name}_${seatClass}`);
    } else if (type === 'TrainRunCancelled') this.#cancelled.add(name);
  }

  #segment(name: string, event: RecordedEvent): void {
    // segmentInventory-{train}_{date}_{seq}_{class}
    const [train = '', date = '', seq = '', seatClass = ''] = name.split('_');
    const key = keyOf(train, date, seatClass);
    // The category of a stream decides the type of its events.
    const { type, data } = event as unknown as SegmentInventoryEvent;
    if (type === 'SegmentOpened' || type === 'SegmentExtended') {
      const segments = this.#segments.get(`${train}_${date}`);
      if (segments === undefined) throw new Error(`${event.stream} belongs to a run that was never opened`);
      this.#provide(key, segments, data.seats);
      return;
    }
    const stock = this.#classes.get(key);
    if (stock === undefined) return;
    if (type === 'SeatsHeld') {
      occupySegment(stock.taken, Number(seq), data.seats);
      return;
    }
    if (stock.pending.has(data.lockId)) stock.givenBack.add(data.lockId);
    vacateSegment(stock.taken, Number(seq), data.seats);
    const at = Number(seq);
    for (const marked of [stock.sold, stock.withdrawn])
      vacateSegment(
        marked,
        at,
        data.seats.filter((seat) => !isFree(marked, at, at + 1, seat)),
      );
  }

  /** The allocator stops the sale of that class, and says why; here it just has nothing to offer. All others go on. */
  #damage(name: string, stream: string): void {
    const [train = '', date = '', ...rest] = name.split('_');
    const seatClass = (stream.startsWith(segmentCategory.name) ? rest[1] : rest[0]) ?? '';
    this.#closed.add(keyOf(train, date, seatClass));
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

  #lock(key: string, event: RecordedEvent): void {
    const { type, data } = event as unknown as SeatLockEvent;
    if (type === 'BookOpened' || type === 'SeatsAssigned') return;
    // Also of a class that nobody has bought from.
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

/** Free places over [from, to) where they may differ from segment to segment: as many as on the fullest one. */
const leastFree = (occupancy: Occupancy, from: number, to: number): number => {
  let least = occupancy.seats;
  for (let segment = from; segment < to; segment += 1)
    least = Math.min(least, freeCount(occupancy, segment, segment + 1));
  return least;
};
