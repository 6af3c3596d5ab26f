// Operations that wait to be decided, each with whoever waits for its answer.
import { refuse } from '@railhead/domain/kernel/decision.ts';
import type { LockOutcome, Operation } from './operation.ts';

export type Waiting = {
  readonly operation: Operation;
  readonly resolve: (outcome: LockOutcome) => void;
  readonly reject: (error: unknown) => void;
};

/** Holds that may wait; more are refused at once. */
const MAX_WAITING = 100_000;

export class WaitingLine {
  #waiting: Waiting[] = [];

  get length(): number {
    return this.#waiting.length;
  }

  /** What ends a lock is always taken, for it makes room; a hold beyond the limit is refused with `QUEUE_FULL`. */
  join(operation: Operation): Promise<LockOutcome> {
    if (operation.kind === 'hold' && this.#waiting.length >= MAX_WAITING)
      return Promise.resolve(refuse('QUEUE_FULL', `${MAX_WAITING} operations wait for this class; try again shortly`));
    return new Promise((resolve, reject) => {
      this.#waiting.push({ operation, resolve, reject });
    });
  }

  /** The first of them, at most so many. */
  next(count: number): readonly Waiting[] {
    return this.#waiting.splice(0, count);
  }

  /** In front of all others, in their order. */
  putBack(waiting: readonly Waiting[]): void {
    this.#waiting.unshift(...waiting);
  }
}

export const rejectAll = (waiting: readonly Waiting[], error: unknown): void => {
  for (const { reject } of waiting) reject(error);
};
