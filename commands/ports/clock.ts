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

/** Resolves after `delayMs`, or as soon as `signal` is aborted. */
export const pause = (clock: Pick<Clock, 'after'>, delayMs: number, signal?: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const end = (): void => {
      timer.cancel();
      signal?.removeEventListener('abort', end);
      resolve();
    };
    const timer = clock.after(delayMs, end);
    if (signal?.aborted === true) end();
    else signal?.addEventListener('abort', end, { once: true });
  });

/** Given in place of an answer that has not come in time. */
export const LATE = Symbol('no answer in time');

/** Gives `LATE` after `limitMs`. An answer that came while the thread was busy is read first, and counts. */
export const within = <Answer>(
  clock: Pick<Clock, 'after'>,
  limitMs: number,
  work: Promise<Answer>,
): Promise<Answer | typeof LATE> =>
  new Promise((resolve, reject) => {
    let timer: Timer = clock.after(limitMs, () => {
      timer = clock.after(0, () => resolve(LATE));
    });
    work.then(resolve, reject).finally(() => timer.cancel());
  });

/** An instant, now unless another is given, as RFC 3339 in the railway's zone. */
export const timestampOf = (clock: Clock, epochMs: number = clock.now()): string => clock.zone.timestamp(epochMs);
