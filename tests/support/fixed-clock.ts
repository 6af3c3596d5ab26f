// Clocks for tests: one that stands until it is told to move, and the real one.
import type { Clock, Timer } from '@railhead/commands/ports/clock.ts';
import { type Zone, zoneNamed } from '@railhead/commands/time/zone.ts';

export const BEIJING = zoneNamed('Asia/Shanghai');

/** Runs on the machine's time. */
export const realClock: Clock = {
  zone: BEIJING,
  now: () => Date.now(),
  after(delayMs: number, task: () => void): Timer {
    const handle = setTimeout(task, delayMs);
    return { cancel: () => clearTimeout(handle) };
  },
};

/** Moves only by `advance`; tasks that come due run in order, each at its own time. */
export class ManualClock implements Clock {
  readonly zone;
  #now: number;
  #tasks: { at: number; task: () => void }[] = [];

  constructor(start = Date.parse('2026-11-21T00:00:00Z'), zone: Zone = BEIJING) {
    this.#now = start;
    this.zone = zone;
  }

  now(): number {
    return this.#now;
  }

  after(delayMs: number, task: () => void): Timer {
    const entry = { at: this.#now + delayMs, task };
    this.#tasks.push(entry);
    return {
      cancel: () => {
        this.#tasks = this.#tasks.filter((other) => other !== entry);
      },
    };
  }

  async advance(ms: number): Promise<void> {
    const until = this.#now + ms;
    for (;;) {
      await new Promise((resolve) => setImmediate(resolve));
      const due = this.#tasks.filter(({ at }) => at <= until).sort((a, b) => a.at - b.at)[0];
      if (due === undefined) break;
      this.#tasks = this.#tasks.filter((other) => other !== due);
      this.#now = Math.max(this.#now, due.at);
      due.task();
    }
    this.#now = until;
  }
}
