// The stock of a class as it is shown, and the questions that are asked of it.
import { freeCount, type Occupancy } from '@railhead/domain/allocation/bitmap.ts';
import type { SeatClass } from '@railhead/domain/kernel/seat-class.ts';
import type { ClassId } from '@railhead/domain/train-run/stream.ts';
import type { ClassState, RunState } from './class-state.ts';
import type { StockStates } from './stock-states.ts';

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

/** Read models of availability, wherever they have it. */
export type AvailabilityQueries = {
  /**
   * What is known of each of these classes, in this order, all of one moment. Throws `EventStoreError`
   * STORE_UNAVAILABLE where nothing can be said.
   */
  stocks(ids: readonly ClassId[]): Promise<readonly ShownClass[]>;
  /** The states themselves, for who compares them with the log. */
  readonly states: StockStates;
};

export type KnownRun = Pick<RunState, 'counted' | 'isOver'>;
export type KnownClass = Pick<ClassState, 'isClosed' | 'isWithheld'> & {
  readonly stock: { readonly taken: Occupancy; readonly sold: Occupancy; readonly withdrawn: Occupancy } | undefined;
};

export class ShownClass {
  readonly #seatClass: SeatClass;
  readonly #run: KnownRun | undefined;
  readonly #known: KnownClass | undefined;

  /** Of a class that nobody has bought from, nothing is known: every seat is free. */
  constructor({ seatClass }: ClassId, run: KnownRun | undefined, known: KnownClass | undefined) {
    this.#seatClass = seatClass;
    this.#run = run;
    this.#known = known;
  }

  /**
   * `seats` is the size of the class; `from` and `to` are stop sequence numbers. In a cancelled run nothing is
   * available.
   */
  count(seats: number, from: number, to: number): StockCount {
    const stock = this.#known?.stock;
    const none = this.#known?.isClosed === true || this.#run?.isOver === true;
    if (stock === undefined) return { total: seats, available: none ? 0 : seats, held: 0, sold: 0 };
    const isCounted = this.#seatClass === 'standing' || this.#run?.counted.includes(this.#seatClass) === true;
    const count = isCounted ? leastFree : freeCount;
    // Seats of added coaches are in the log only after the first sale in them; until then they are all free.
    const free = count(stock.taken, from, to) + Math.max(0, seats - stock.taken.seats);
    const withdrawn = stock.withdrawn.seats - count(stock.withdrawn, from, to);
    const total = Math.max(seats, stock.taken.seats) - withdrawn;
    const sold = Math.min(total - free, stock.sold.seats - count(stock.sold, from, to));
    const held = total - free - sold;
    return { total, available: none ? 0 : free, held, sold };
  }

  /** It is left out of every answer: what is known of it is not what the log has. */
  get isWithheld(): boolean {
    return this.#known?.isWithheld === true;
  }

  /** Seats that are held, sold or withdrawn; undefined if there are none. */
  get taken(): Occupancy | undefined {
    return this.#known?.stock?.taken;
  }
}

/** Free places where a traveller may have another place on each segment: those of the fullest segment. */
const leastFree = (occupancy: Occupancy, from: number, to: number): number => {
  let least = occupancy.seats;
  for (let segment = from; segment < to; segment += 1)
    least = Math.min(least, freeCount(occupancy, segment, segment + 1));
  return least;
};
