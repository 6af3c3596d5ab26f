// A log of two trains with one journey of four segments, written by hand as the seat protocol writes it.
import type { RecordedEvent } from '@railhead/commands/ports/event-store.ts';
import type { AnyEvent } from '@railhead/domain/kernel/event.ts';
import type { SeatClass } from '@railhead/domain/kernel/seat-class.ts';
import type { SeatLockEvent } from '@railhead/domain/seat-lock/events.ts';
import { type LockPlan, seatsOnSegment, segmentsOf } from '@railhead/domain/seat-lock/plan.ts';
import { lockBookCategory } from '@railhead/domain/seat-lock/stream.ts';
import type { SegmentInventoryEvent } from '@railhead/domain/segment-inventory/events.ts';
import { segmentCategory } from '@railhead/domain/segment-inventory/stream.ts';
import { runCategory } from '@railhead/domain/train-run/stream.ts';
import { newEvent } from './events.ts';
import { openedRun, stopsOf } from './opened-run.ts';
import { acquired, confirmed, expired, held, type releasedLock, releasedSeats } from './seat-events.ts';

export const DATE = '2026-12-01';
export const SEGMENTS = 4;
export const SIZE = 6;

/** Builds a log by hand, with the events in the order in which the seat protocol writes them. */
export class SeatLog {
  readonly events: RecordedEvent[] = [];
  readonly #opened = new Set<string>();
  readonly #size: number;

  /** Seats of each class. */
  constructor(size = SIZE) {
    this.#size = size;
  }

  add(stream: string, { type, data }: AnyEvent): void {
    const position = this.events.length + 1;
    this.events.push({ ...newEvent(data, type), stream, revision: 0, position });
  }

  run(train: string): void {
    const stops = stopsOf(...Array.from({ length: SEGMENTS + 1 }, (_, seq) => `S${seq}`));
    const data = openedRun({ train, date: DATE, stops, composition: [] });
    this.add(runCategory.stream({ train, date: DATE }), { type: 'TrainRunOpened', version: 2, data });
  }

  segment(train: string, seatClass: SeatClass, seq: number, event: SegmentInventoryEvent): void {
    this.add(segmentCategory.stream({ train, date: DATE, seq, seatClass }), event);
  }

  book(train: string, seatClass: SeatClass, event: SeatLockEvent): void {
    this.add(lockBookCategory.stream({ train, date: DATE, seatClass }), event);
  }

  hold(train: string, seatClass: SeatClass, lockId: string, plan: LockPlan): void {
    for (const seq of segmentsOf(plan)) {
      const stream = segmentCategory.stream({ train, date: DATE, seq, seatClass });
      if (!this.#opened.has(stream))
        this.segment(train, seatClass, seq, { type: 'SegmentOpened', version: 1, data: { seats: this.#size } });
      this.#opened.add(stream);
      this.segment(train, seatClass, seq, held(lockId, seatsOnSegment(plan, seq)));
    }
  }

  acquire(train: string, seatClass: SeatClass, lockId: string, plan: LockPlan): void {
    this.book(train, seatClass, acquired(lockId, plan));
  }

  end(train: string, seatClass: SeatClass, lockId: string, how: typeof releasedLock): void {
    this.book(train, seatClass, how(lockId));
  }

  expire(train: string, seatClass: SeatClass, lockId: string): void {
    this.book(train, seatClass, expired(lockId));
  }

  confirm(train: string, seatClass: SeatClass, lockId: string): void {
    this.book(train, seatClass, confirmed(lockId));
  }

  free(train: string, seatClass: SeatClass, lockId: string, plan: LockPlan): void {
    for (const seq of segmentsOf(plan)) {
      this.segment(train, seatClass, seq, releasedSeats(lockId, seatsOnSegment(plan, seq)));
    }
  }
}

export const planOf = (from: number, to: number, ...seats: number[]): LockPlan => ({
  orderNo: 'N1',
  epoch: 1,
  legs: [{ from, to, seats }],
});
