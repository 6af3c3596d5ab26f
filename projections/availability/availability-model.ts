// Free seats of every run, in memory: the bitmaps of the segment streams, folded as they come.
import type { EventBatch, Position, RecordedEvent } from '@railhead/commands/ports/event-store.ts';
import {
  emptyOccupancy,
  freeCount,
  isFree,
  type Occupancy,
  occupySegment,
  vacateSegment,
} from '@railhead/domain/allocation/bitmap.ts';
import type { SeatLockEvent } from '@railhead/domain/seat-lock/events.ts';
import { type LockPlan, seatsOnSegment, segmentsOf } from '@railhead/domain/seat-lock/plan.ts';
import { LOCK_CATEGORY } from '@railhead/domain/seat-lock/stream.ts';
import type { SegmentInventoryEvent } from '@railhead/domain/segment-inventory/events.ts';
import { SEGMENT_CATEGORY } from '@railhead/domain/segment-inventory/stream.ts';
import type { TrainRunOpened } from '@railhead/domain/train-run/events.ts';
import { RUN_CATEGORY } from '@railhead/domain/train-run/stream.ts';
import type { Projection } from '../engine/projection.ts';

/** `held` waits for its payment, `sold` is ticketed; each counts a seat taken anywhere on the journey. */
export type StockCount = { readonly available: number; readonly held: number; readonly sold: number };

type ClassStock = {
  readonly taken: Occupancy;
  readonly sold: Occupancy;
  /** Locks that are not confirmed yet: what will be sold when they are. */
  readonly pending: Map<string, LockPlan>;
};

const keyOf = (train: string, date: string, seatClass: string): string => `${train}_${date}_${seatClass}`;

export class AvailabilityModel implements Projection {
  readonly name = 'availability';
  readonly categories = [RUN_CATEGORY, SEGMENT_CATEGORY, LOCK_CATEGORY];
  /** Segments of each run on sale, by train and date. */
  readonly #segments = new Map<string, number>();
  /** Only classes somebody has bought from; all others are free. */
  readonly #classes = new Map<string, ClassStock>();
  #position: Position = 0;

  async load(): Promise<Position> {
    return this.#position;
  }

  async apply(batch: EventBatch): Promise<void> {
    for (const event of batch.events) {
      if (event.position <= this.#position) continue;
      const name = event.stream.slice(event.stream.indexOf('-') + 1);
      if (event.stream.startsWith(`${RUN_CATEGORY}-`)) this.#run(name, event);
      else if (event.stream.startsWith(SEGMENT_CATEGORY)) this.#segment(name, event);
      else this.#lock(name, event);
      this.#position = event.position;
    }
    this.#position = batch.position;
  }

  /** `total` seats of the class; `from` and `to` are stop sequence numbers. */
  count(train: string, date: string, seatClass: string, total: number, from: number, to: number): StockCount {
    const stock = this.#classes.get(keyOf(train, date, seatClass));
    if (stock === undefined) return { available: total, held: 0, sold: 0 };
    const available = freeCount(stock.taken, from, to);
    const sold = total - freeCount(stock.sold, from, to);
    return { available, held: total - available - sold, sold };
  }

  #run(name: string, event: RecordedEvent): void {
    // The category of a stream decides the type of its events.
    const { data } = event as unknown as TrainRunOpened;
    this.#segments.set(name, data.stops.length - 1);
  }

  #segment(name: string, event: RecordedEvent): void {
    // segmentInventory-{train}_{date}_{seq}_{class}
    const [train = '', date = '', seq = '', seatClass = ''] = name.split('_');
    const key = keyOf(train, date, seatClass);
    // The category of a stream decides the type of its events.
    const { type, data } = event as unknown as SegmentInventoryEvent;
    if (type === 'SegmentOpened') {
      const segments = this.#segments.get(`${train}_${date}`);
      if (segments === undefined) throw new Error(`${event.stream} belongs to a run that was never opened`);
      if (!this.#classes.has(key))
        this.#classes.set(key, {
          taken: emptyOccupancy(segments, data.seats),
          sold: emptyOccupancy(segments, data.seats),
          pending: new Map(),
        });
      return;
    }
    const stock = this.#classes.get(key);
    if (stock === undefined) return;
    if (type === 'SeatsHeld') {
      occupySegment(stock.taken, Number(seq), data.seats);
      return;
    }
    vacateSegment(stock.taken, Number(seq), data.seats);
    const at = Number(seq);
    const sold = data.seats.filter((seat) => !isFree(stock.sold, at, at + 1, seat));
    vacateSegment(stock.sold, at, sold);
  }

  #lock(key: string, event: RecordedEvent): void {
    const { type, data } = event as unknown as SeatLockEvent;
    if (type === 'BookOpened') return;
    const stock = this.#classes.get(key);
    if (stock === undefined) return;
    if (type === 'SeatLockAcquired') {
      stock.pending.set(data.lockId, data.plan);
      return;
    }
    const plan = stock.pending.get(data.lockId);
    stock.pending.delete(data.lockId);
    if (type !== 'SeatLockConfirmed' || plan === undefined) return;
    for (const seq of segmentsOf(plan)) occupySegment(stock.sold, seq, seatsOnSegment(plan, seq));
  }
}
