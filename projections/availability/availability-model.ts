// Free seats of every run, in memory: bitmaps folded from the segment streams. What is known of runs and classes is kept
// in the read database, so that a start does not fold the whole log.

import type { EventBatch, Position, RecordedEvent } from '@railhead/commands/ports/event-store.ts';
import type { StreamsSetAside } from '@railhead/commands/streams/understood.ts';
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
import { type KeptState, KeptStates } from '../engine/kept-states.ts';
import type { PositionProof, Projection } from '../engine/projection.ts';
import type { ReadDatabase } from '../engine/read-database.ts';
import {
  type ClassState,
  type ClassStock,
  classOf,
  type KeptAvailability,
  keptClass,
  type RunState,
} from './class-state.ts';

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

const CATEGORIES = [runCategory, segmentCategory, lockBookCategory] as const;

export const AVAILABILITY = 'availability';
/** Raise it with every change of what is kept of a run or a class, or of what is folded into it. */
export const AVAILABILITY_VERSION = 1;

const NEVER_SOLD: Pick<ClassState, 'stock' | 'isClosed'> = { stock: undefined, isClosed: false };

export class AvailabilityModel implements Projection {
  readonly name = AVAILABILITY;
  readonly categories = CATEGORIES.map(({ name }) => name);
  readonly #runs = new Map<string, RunState>();
  /** Only classes with an event; in all others every seat is free. */
  readonly #classes = new Map<string, ClassState>();
  readonly #kept: KeptStates<KeptAvailability>;
  #position: Position = 0;
  #isLoaded = false;

  constructor(database: ReadDatabase) {
    const model = { name: AVAILABILITY, version: AVAILABILITY_VERSION, categories: CATEGORIES };
    this.#kept = new KeptStates(database, model, (name) => this.#keptOf(name));
  }

  get setAside(): StreamsSetAside {
    return this.#kept.place.setAside;
  }

  async load(log: PositionProof): Promise<Position> {
    if (this.#isLoaded) return this.#position;
    const { position, states } = await this.#kept.load(log);
    for (const [name, { position: of, state }] of states)
      if ('run' in state) this.#runs.set(name, { ...state.run, position: of });
      else this.#classes.set(name, classOf(state.class, of));
    for (const stream of this.setAside.keys()) this.#end(stream);
    this.#position = position;
    this.#isLoaded = true;
    return position;
  }

  async apply(batch: EventBatch): Promise<void> {
    let applied = 0;
    for (const event of batch.events) {
      if (event.position <= this.#position) continue;
      this.#apply(event);
      this.#position = event.position;
      applied += 1;
    }
    this.#position = Math.max(this.#position, batch.position);
    await this.#kept.keep(this.#position, applied);
  }

  close(): Promise<void> {
    return this.#kept.keepAll(this.#position);
  }

  #apply(event: RecordedEvent): void {
    const kind = this.#kept.place.kindOf(event);
    if (kind === 'skipped') return;
    if (kind === 'strange') {
      this.#kept.setAside(event);
      this.#end(event.stream);
    } else if (runCategory.owns(event)) this.#run(runName(runCategory.idOf(event.stream)), event);
    else if (segmentCategory.owns(event)) {
      const id = segmentCategory.idOf(event.stream);
      this.#ofClass(className(id), event.position, () => this.#segment(id, event));
    } else if (lockBookCategory.owns(event)) {
      const key = className(lockBookCategory.idOf(event.stream));
      this.#ofClass(key, event.position, () => this.#lock(key, event));
    }
  }

  /** A newer version has written to the run or the class: this one does not know what it sold, and offers nothing. */
  #end(stream: string): void {
    const name = stream.slice(stream.indexOf('-') + 1);
    if (!runCategory.holds({ stream })) {
      // The name of a segment has its number before the class.
      this.#class(segmentCategory.holds({ stream }) ? name.replace(/_\d+_(?=[^_]+$)/, '_') : name).isClosed = true;
      return;
    }
    const known = this.#runs.get(name) ?? { position: 0, segments: 0, counted: [] };
    this.#runs.set(name, { ...known, isOver: true });
    this.#kept.changed(name);
  }

  /** The state of a class that is about to change. */
  #class(key: string): ClassState {
    const state = this.#classes.get(key) ?? { ...NEVER_SOLD, position: 0 };
    this.#classes.set(key, state);
    this.#kept.changed(key);
    return state;
  }

  /**
   * `seats` is the size of the class; `from` and `to` are stop sequence numbers. In a cancelled run nothing is
   * available.
   */
  count(id: ClassId, seats: number, from: number, to: number): StockCount {
    const key = className(id);
    const run = this.#runs.get(runName(id));
    const { stock, isClosed } = this.#classes.get(key) ?? NEVER_SOLD;
    const none = isClosed || run?.isOver === true;
    if (stock === undefined) return { total: seats, available: none ? 0 : seats, held: 0, sold: 0 };
    const isCounted = id.seatClass === 'standing' || run?.counted.includes(id.seatClass) === true;
    const count = isCounted ? leastFree : freeCount;
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
    return this.#classes.get(className(id))?.stock?.taken;
  }

  #run(name: string, { type, data, position }: TrainRunEvent & { readonly position: Position }): void {
    const known = this.#runs.get(name);
    if (known !== undefined && position <= known.position) return;
    this.#kept.changed(name);
    if (type === 'TrainRunOpened') {
      const counted = data.lateAssignment ?? [];
      this.#runs.set(name, { position, segments: data.stops.length - 1, counted, isOver: false });
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
      const { segments } = this.#runs.get(runName(id)) ?? {};
      if (segments === undefined)
        throw new Error(`${segmentCategory.stream(id)} belongs to a run that was never opened`);
      this.#provide(key, segments, data.seats);
      return;
    }
    const stock = this.#classes.get(key)?.stock;
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
    if (type === 'BookOpened' || type === 'SeatsAssigned') return;
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

  #keptOf(name: string): KeptState<KeptAvailability> | undefined {
    const run = this.#runs.get(name);
    if (run !== undefined) {
      const { position, ...state } = run;
      return { position, state: { run: state } };
    }
    const known = this.#classes.get(name);
    return known === undefined ? undefined : { position: known.position, state: { class: keptClass(known) } };
  }
}

const forget = ({ pending, givenBack }: ClassStock, lockId: string): void => {
  givenBack.delete(lockId);
  pending.delete(lockId);
};

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
