// Time and timers as arguments: production passes the system's clock, tests and the simulation pass their own.

import type { Zone } from '../time/zone.ts';

/** A timer that can be cancelled. */
export type Timer = { cancel(): void };

export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Runs `task` once, `delayMs` from now. */
  after(delayMs: number, task: () => void): Timer;
  /** The railway's time zone: timestamps are written in it, and its day begins by it. */
  readonly zone: Zone;
}

/** Resolves after `delayMs`. */
export const pause = (clock: Pick<Clock, 'after'>, delayMs: number): Promise<void> =>
  new Promise((resolve) => {
    clock.after(delayMs, resolve);
  });

/** An instant, now unless another is given, as RFC 3339 in the railway's zone. */
export const timestampOf = (clock: Clock, epochMs: number = clock.now()): string => clock.zone.timestamp(epochMs);
