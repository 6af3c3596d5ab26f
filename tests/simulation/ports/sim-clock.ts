// A node's own clock, which may be wrong and may be set. Timers use true time, as in every operating system.
import type { Clock, Timer } from '@railhead/commands/ports/clock.ts';
import { BEIJING } from '../../support/fixed-clock.ts';
import type { Life } from '../kernel/life.ts';
import type { Scheduler } from '../kernel/scheduler.ts';

/** When the world begins: a Saturday morning in Beijing. */
export const WORLD_STARTS = Date.parse('2026-11-21T08:00:00+08:00');

/** The clock error of a computer; it outlives the process. */
export type ClockError = { offsetMs: number };

export class SimClock implements Clock {
  readonly zone = BEIJING;
  readonly #scheduler: Scheduler;
  readonly #life: Life;
  readonly #error: ClockError;

  constructor(scheduler: Scheduler, life: Life, error: ClockError) {
    this.#scheduler = scheduler;
    this.#life = life;
    this.#error = error;
  }

  now(): number {
    return WORLD_STARTS + Math.floor(this.#scheduler.now + this.#error.offsetMs);
  }

  after(delayMs: number, task: () => void): Timer {
    return this.#scheduler.after(delayMs, task, this.#life);
  }
}
