// Time and timers as arguments: production passes the system's, tests and the simulator pass their own.

import type { Zone } from '../time/zone.ts';

/** A timer that can be taken back. */
export type Timer = { cancel(): void };

export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Runs `task` once, `delayMs` from now. */
  after(delayMs: number, task: () => void): Timer;
  /** Where the railway is: in what zone timestamps are written, and when its day begins. */
  readonly zone: Zone;
}

/** Resolves after `delayMs`. */
export const pause = (clock: Clock, delayMs: number): Promise<void> =>
  new Promise((resolve) => {
    clock.after(delayMs, resolve);
  });

/** An instant, now unless another is given, as RFC 3339 in the railway's zone. */
export const timestampOf = (clock: Clock, epochMs: number = clock.now()): string => clock.zone.timestamp(epochMs);
