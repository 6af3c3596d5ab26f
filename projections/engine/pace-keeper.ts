// Lets events collect while many come.
import { type Clock, pause } from '@railhead/commands/ports/clock.ts';
import type { PositionGate } from './position-gate.ts';
import type { Pace } from './projection.ts';

/** Pacing starts after this many fast batches in a row. */
const BURST = 32;

/**
 * Lets a single batch through at once, and pauses after batches in quick succession so that events collect. The longer
 * pause, for which nobody waits, does not count as rest: it would end the load that it is there for.
 */
export class PaceKeeper {
  readonly #clock: Clock;
  readonly #gate: PositionGate;
  readonly #pace: Pace;
  /** When the last batches were finished, in milliseconds of a clock that stands still in the longer pauses. */
  readonly #done: number[] = [];
  #uncountedMs = 0;

  constructor(clock: Clock, gate: PositionGate, pace: Pace) {
    this.#clock = clock;
    this.#gate = gate;
    this.#pace = pace;
  }

  async keep(): Promise<void> {
    const { leastMs, mostMs } = this.#pace;
    if (leastMs === 0) return;
    const now = this.#clock.now() - this.#uncountedMs;
    this.#done.push(now);
    const [first = now] = this.#done;
    if (this.#done.length <= BURST) return;
    this.#done.shift();
    if (Math.abs(now - first) >= BURST * leastMs) return;
    await pause(this.#clock, leastMs);
    const since = this.#clock.now();
    await this.#unlessAwaited(mostMs - leastMs);
    this.#uncountedMs += this.#clock.now() - since;
  }

  #unlessAwaited(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = this.#clock.after(ms, () => {
        forget();
        resolve();
      });
      const forget = this.#gate.whenAwaited(() => {
        timer.cancel();
        resolve();
      });
    });
  }
}
