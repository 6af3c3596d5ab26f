// How long something that failed is left alone: longer each time, until it has been right again.
import type { Clock, Timer } from '@railhead/commands/ports/clock.ts';

const FIRST_MS = 250;
const LONGEST_MS = 10_000;

export class GrowingPause {
  readonly #clock: Pick<Clock, 'after'>;
  #failures = 0;
  #timer: Timer | undefined;

  constructor(clock: Pick<Clock, 'after'>) {
    this.#clock = clock;
  }

  get isOver(): boolean {
    return this.#timer === undefined;
  }

  /** Failures that are told during a pause belong to the one that began it. */
  begin(): void {
    if (!this.isOver) return;
    const ms = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(this.#failures, 20));
    this.#failures += 1;
    this.#timer = this.#clock.after(ms, () => {
      this.#timer = undefined;
    });
  }

  /** It was right: the next pause is a short one again. */
  end(): void {
    this.#failures = 0;
    this.#timer?.cancel();
    this.#timer = undefined;
  }
}
