// Where in the log requests of a class were decided.
//
// Why it is as it is:
// - A batch is written as one append: segments, then the lock book, then the events of its orders, in the order in which
//   they were decided. So a request that got seats was decided at its place in the book.
// - The event of a refused request stands behind everything in the book, also behind seats that were given back after the
//   refusal. So its place is that of the last request of the same batch that got seats before it, or the beginning of the batch.
//   What was refused is still refused there: nothing that was free then is free earlier.
// - The appends of one batch follow one another without a gap. Where positions have gaps or others write between, the
//   place of a refusal is that of its own event.
import type { Position } from '../ports/event-store.ts';

/** `index`: of the lock in its event; -1 is before all of them. */
export type Place = { readonly position: Position; readonly index: number };

export const isBefore = (a: Place, b: Place): number => a.position - b.position || a.index - b.index;

export class DecidedPlaces {
  readonly #locks = new Map<string, Place>();
  #last: Position = -1;
  #isOrders = false;
  #place: Place = { position: -1, index: -1 };
  #batch = 0;

  /** Numbers the batches. */
  get batch(): number {
    return this.#batch;
  }

  /** An event of a segment or of the book. */
  onStock(position: Position): void {
    if (position !== this.#last + 1 || this.#isOrders) {
      this.#place = { position, index: -1 };
      this.#batch += 1;
    }
    this.#isOrders = false;
    this.#last = position;
  }

  onAcquired(position: Position, orderNos: readonly string[]): void {
    for (const [index, orderNo] of orderNos.entries()) this.#locks.set(orderNo, { position, index });
  }

  /** An event of an order that was decided with its seats. Returns where, if no seats were found for it. */
  onOrder(position: Position, orderNo: string): Place {
    if (position !== this.#last + 1) this.#place = { position, index: -1 };
    this.#isOrders = true;
    this.#last = position;
    const lock = this.#locks.get(orderNo);
    if (lock !== undefined) {
      this.#locks.delete(orderNo);
      if (isBefore(this.#place, lock) < 0) this.#place = lock;
    }
    return this.#place;
  }
}
