import type { Clock, Timer } from '@railhead/commands/ports/clock.ts';
import type { Random } from '@railhead/commands/ports/random.ts';
import type { Zone } from '@railhead/commands/time/zone.ts';

/** A longer wait looks at the clock so often: somebody may have set it forward. */
const LOOK_EVERY_MS = 60_000;

/** The system's time, for parts that need no zone. A task is due after so long, or when the clock shows that it is. */
export const timers: Pick<Clock, 'now' | 'after'> = {
  now: () => Date.now(),
  after(delayMs: number, task: () => void): Timer {
    const atMs = Date.now() + delayMs;
    let handle: NodeJS.Timeout;
    const arm = (leftMs: number): void => {
      const stepMs = Math.min(leftMs, LOOK_EVERY_MS);
      const look = (): void => {
        if (leftMs <= stepMs || Date.now() >= atMs) task();
        else arm(leftMs - stepMs);
      };
      handle = setTimeout(look, stepMs);
    };
    arm(delayMs);
    return { cancel: () => clearTimeout(handle) };
  },
};

/** `zone` is the railway's time zone. */
export const systemClock = (zone: Zone): Clock => ({ zone, ...timers });

export const systemRandom: Random = { next: () => Math.random() };
