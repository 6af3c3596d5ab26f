import type { Clock, Timer } from '@railhead/commands/ports/clock.ts';
import type { Random } from '@railhead/commands/ports/random.ts';
import type { Zone } from '@railhead/commands/time/zone.ts';

/** The longest timer of Node (a signed 32-bit count of milliseconds). A longer wait takes several. */
const LONGEST_MS = 2_147_483_647;

/** The system's time, for parts that need no zone. */
export const timers: Pick<Clock, 'now' | 'after'> = {
  now: () => Date.now(),
  after(delayMs: number, task: () => void): Timer {
    let handle: NodeJS.Timeout;
    const arm = (leftMs: number): void => {
      const stepMs = Math.min(leftMs, LONGEST_MS);
      handle = setTimeout(() => (leftMs > stepMs ? arm(leftMs - stepMs) : task()), stepMs);
    };
    arm(delayMs);
    return { cancel: () => clearTimeout(handle) };
  },
};

/** `zone` is the railway's time zone. */
export const systemClock = (zone: Zone): Clock => ({ zone, ...timers });

export const systemRandom: Random = { next: () => Math.random() };
