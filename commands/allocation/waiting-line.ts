// The queue of operations to be decided, each with the promise of its caller.
import { refuse } from '@railhead/domain/kernel/decision.ts';
import type { LockOutcome, Operation } from './operation.ts';

export type Waiting = {
  readonly operation: Operation;
  readonly resolve: (outcome: LockOutcome) => void;
  readonly reject: (error: unknown) => void;
};

/** The most operations that may wait; a hold beyond that is refused at once. */
const MAX_WAITING = 100_000;

export class WaitingLine {
  #waiting: Waiting[] = [];

  get length(): number {
    return this.#waiting.length;
  }

  /** Only holds are limited (`QUEUE_FULL`): all other operations are few, or free seats. */
  join(operation: Operation): Promise<LockOutcome> {
    if (operation.kind === 'hold' && this.#waiting.length >= MAX_WAITING)
      return Promise.resolve(refuse('QUEUE_FULL', `${MAX_WAITING} operations wait for this class; try again shortly`));
    return new Promise((resolve, reject) => {
      this.#waiting.push({ operation, resolve, reject });
    });
  }

  /**
   * Takes the first operations from the queue, at most `count`, and of an order one only. What a batch does to different
   * locks can be written in one event.
   */
  next(count: number): readonly Waiting[] {
    const orders = new Set<string>();
    let taken = 0;
    for (const { operation } of this.#waiting) {
      if (taken === count || orders.has(operation.orderNo)) break;
      orders.add(operation.orderNo);
      taken += 1;
    }
    return this.#waiting.splice(0, taken);
  }

  /** Puts operations in front of all others, in their order. */
  putBack(waiting: readonly Waiting[]): void {
    this.#waiting.unshift(...waiting);
  }
}

export const rejectAll = (waiting: readonly Waiting[], error: unknown): void => {
  for (const { reject } of waiting) reject(error);
};
