// A clock that starts at a given instant, runs as fast as the real one, and leaps ahead on request.
import { performance } from 'node:perf_hooks';
import type { Clock, Timer } from '@railhead/commands/ports/clock.ts';
import { BEIJING } from './fixed-clock.ts';

type Task = { atMs: number; readonly run: () => void; handle: NodeJS.Timeout };

/** Node's timers take no more; whatever waits longer is reached by a leap. */
const LONGEST_MS = 2_000_000_000;

export class LeapingClock implements Clock {
  readonly zone = BEIJING;
  #offsetMs: number;
  readonly #tasks = new Set<Task>();

  constructor(startMs: number) {
    this.#offsetMs = startMs - performance.now();
  }

  now(): number {
    return Math.floor(performance.now() + this.#offsetMs);
  }

  after(delayMs: number, run: () => void): Timer {
    const task: Task = { atMs: this.now() + delayMs, run, handle: this.#arm(delayMs, () => this.#run(task)) };
    this.#tasks.add(task);
    return { cancel: () => this.#forget(task) };
  }

  /** Runs everything that becomes due on the way, in order. A clock that is set back lets nobody wait longer. */
  leap(ms: number): void {
    this.#offsetMs += ms;
    if (ms < 0) for (const task of this.#tasks) task.atMs += ms;
    const due = [...this.#tasks].filter(({ atMs }) => atMs <= this.now()).sort((a, b) => a.atMs - b.atMs);
    for (const task of due) if (this.#tasks.has(task)) this.#run(task);
    for (const task of this.#tasks) {
      clearTimeout(task.handle);
      task.handle = this.#arm(task.atMs - this.now(), () => this.#run(task));
    }
  }

  leapTo(epochMs: number): void {
    this.leap(epochMs - this.now());
  }

  #arm(delayMs: number, run: () => void): NodeJS.Timeout {
    return setTimeout(run, Math.min(LONGEST_MS, Math.max(0, delayMs)));
  }

  #run(task: Task): void {
    this.#forget(task);
    task.run();
  }

  #forget(task: Task): void {
    clearTimeout(task.handle);
    this.#tasks.delete(task);
  }
}
