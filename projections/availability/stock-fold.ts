// How events change what is known of runs and classes: bitmaps folded from the segment streams, locks from the books.
import type { Position, RecordedEvent } from '@railhead/commands/ports/event-store.ts';
import {
  emptyOccupancy,
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
import { className, runCategory, runName } from '@railhead/domain/train-run/stream.ts';
import type { ClassState, ClassStock, RunState } from './class-state.ts';

export const CATEGORIES = [runCategory, segmentCategory, lockBookCategory] as const;

/** The run that the events of a stream are about, and the class, unless they are about the whole run. */
export const namesIn = (stream: string): { readonly run: string; readonly ofClass: string | undefined } => {
  const name = stream.slice(stream.indexOf('-') + 1);
  if (runCategory.holds({ stream })) return { run: name, ofClass: undefined };
  // The name of a segment has its number before the class.
  const ofClass = segmentCategory.holds({ stream }) ? name.replace(/_\d+_(?=[^_]+$)/, '_') : name;
  return { run: ofClass.slice(0, ofClass.lastIndexOf('_')), ofClass };
};

export class StockFold {
  readonly runs = new Map<string, RunState>();
  /** Only classes with an event; in all others every seat is free. */
  readonly classes = new Map<string, ClassState>();
  /** Told the name of each run and class that is about to change. */
  readonly #changes: (name: string) => void;

  constructor(changes: (name: string) => void) {
    this.#changes = changes;
  }

  apply(event: RecordedEvent): void {
    if (runCategory.owns(event)) this.#run(runName(runCategory.idOf(event.stream)), event);
    else if (segmentCategory.owns(event)) {
      const id = segmentCategory.idOf(event.stream);
      this.#ofClass(className(id), event.position, () => this.#segment(id, event));
    } else if (lockBookCategory.owns(event)) {
      const key = className(lockBookCategory.idOf(event.stream));
      this.#ofClass(key, event.position, () => this.#lock(key, event));
    }
  }

  /** A newer version has written to the run or the class: this one does not know what it sold, and offers nothing. */
  end(stream: string): void {
    const { run, ofClass } = namesIn(stream);
    if (ofClass !== undefined) {
      this.#class(ofClass).isClosed = true;
      return;
    }
    const known = this.runs.get(run) ?? { position: 0, segments: 0, counted: [] };
    this.runs.set(run, { ...known, isOver: true });
    this.#changes(run);
  }

  /** The state of a class that is about to change. */
  #class(key: string): ClassState {
    const state = this.classes.get(key) ?? { position: 0, stock: undefined, isClosed: false };
    this.classes.set(key, state);
    this.#changes(key);
    return state;
  }

  #run(name: string, { type, data, position }: TrainRunEvent & { readonly position: Position }): void {
    const known = this.runs.get(name);
    if (known !== undefined && position <= known.position) return;
    this.#changes(name);
    if (type === 'TrainRunOpened') {
      const counted = data.lateAssignment ?? [];
      this.runs.set(name, { position, segments: data.stops.length - 1, counted, isOver: false });
    } else if (known !== undefined) {
      known.position = position;
      known.isOver ||= type === 'TrainRunCancelled';
    }
  }

  /** A damaged class has nothing to offer: the allocator stops its sale and reports why. All other classes go on. */
  #ofClass(key: string, position: Position, apply: () => void): void {
    const state = this.#class(key);
    if (position <= state.position) return;
    try {
      apply();
    } catch (error) {
      if (!(error instanceof OccupancyContradiction)) throw error;
      state.isClosed = true;
    }
    state.position = position;
  }

  #segment(id: SegmentId, { type, data }: SegmentInventoryEvent): void {
    const key = className(id);
    const { seq } = id;
    if (type === 'SegmentOpened' || type === 'SegmentExtended') {
      const { segments } = this.runs.get(runName(id)) ?? {};
      if (segments === undefined)
        throw new Error(`${segmentCategory.stream(id)} belongs to a run that was never opened`);
      this.#provide(key, segments, data.seats);
      return;
    }
    const stock = this.classes.get(key)?.stock;
    if (stock === undefined) return;
    if (type === 'SeatsHeld') {
      for (const { seats } of data.holds) occupySegment(stock.taken, seq, seats);
      return;
    }
    for (const { lockId, seats } of data.releases) {
      if (stock.pending.has(lockId)) stock.givenBack.add(lockId);
      vacateSegment(stock.taken, seq, seats);
      for (const marked of [stock.sold, stock.withdrawn])
        vacateSegment(
          marked,
          seq,
          seats.filter((seat) => !isFree(marked, seq, seq + 1, seat)),
        );
    }
  }

  #provide(key: string, segments: number, seats: number): void {
    const state = this.#class(key);
    const { stock } = state;
    if (stock === undefined) {
      const empty = (): Occupancy => emptyOccupancy(segments, seats);
      const marks = { taken: empty(), sold: empty(), withdrawn: empty() };
      state.stock = { ...marks, pending: new Map(), givenBack: new Set() };
    } else if (seats > stock.taken.seats) {
      stock.taken = grown(stock.taken, seats);
      stock.sold = grown(stock.sold, seats);
      stock.withdrawn = grown(stock.withdrawn, seats);
    }
  }

  #lock(key: string, { type, data }: SeatLockEvent): void {
    if (type === 'BookOpened' || type === 'SeatsAssigned' || type === 'WaitingJoined' || type === 'WaitingLeft') return;
    const state = this.#class(key);
    // Also for a class that nobody has bought from.
    if (type === 'BookClosed') state.isClosed = true;
    const { stock } = state;
    if (stock === undefined || type === 'BookClosed') return;
    switch (type) {
      case 'SeatLocksAcquired':
        for (const { lockId, plan } of data.locks) stock.pending.set(lockId, plan);
        return;
      case 'SeatsWithdrawn':
        mark(stock.withdrawn, data.plan);
        return;
      case 'SeatLocksConfirmed':
        for (const { lockId } of data.locks) {
          const plan = stock.pending.get(lockId);
          if (plan !== undefined && !stock.givenBack.has(lockId)) mark(stock.sold, plan);
          stock.pending.delete(lockId);
        }
        return;
      case 'SeatLocksReleased':
      case 'SeatLocksExpired':
        for (const { lockId } of data.locks) forget(stock, lockId);
        return;
      default:
        forget(stock, data.lockId);
    }
  }
}

const forget = ({ pending, givenBack }: ClassStock, lockId: string): void => {
  givenBack.delete(lockId);
  pending.delete(lockId);
};

const mark = (occupancy: Occupancy, plan: LockPlan): void => {
  for (const seq of segmentsOf(plan)) occupySegment(occupancy, seq, seatsOnSegment(plan, seq));
};
