import type { Clock, Timer } from '@railhead/commands/ports/clock.ts';
import type { Random } from '@railhead/commands/ports/random.ts';
import type { Zone } from '@railhead/commands/time/zone.ts';

/** A longer wait looks at the clock so often: somebody may have set it forward. */
const LOOK_EVERY_MS = 60_000;

/** Every order that waits for its payment has one of these, so it is one small object. */
class Wait implements Timer {
  readonly #task: () => void;
  readonly #atMs: number;
  #handle: NodeJS.Timeout | undefined;

  constructor(delayMs: number, task: () => void) {
    this.#task = task;
    this.#atMs = Date.now() + delayMs;
    this.#arm(delayMs);
  }

  cancel(): void {
    clearTimeout(this.#handle);
  }

  #arm(leftMs: number): void {
    this.#handle = setTimeout(Wait.#look, Math.min(leftMs, LOOK_EVERY_MS), this, leftMs);
  }

  static #look(wait: Wait, leftMs: number): void {
    if (leftMs <= LOOK_EVERY_MS || Date.now() >= wait.#atMs) wait.#task();
    else wait.#arm(leftMs - LOOK_EVERY_MS);
  }
}

/** The system's time, for parts that need no zone. A task is due after so long, or when the clock shows that it is. */
export const timers: Pick<Clock, 'now' | 'after'> = {
  now: () => Date.now(),
  after: (delayMs, task) => new Wait(delayMs, task),
};

/** `zone` is the railway's time zone. */
export const systemClock = (zone: Zone): Clock => ({ zone, ...timers });

export const systemRandom: Random = { next: () => Math.random() };
