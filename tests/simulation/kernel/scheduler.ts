// Virtual time. Everything happens in an event of the queue. Between two events every promise that can continue does
// so, so the seed decides the order of everything. Nothing here waits for real time.
import type { Timer } from '@railhead/commands/ports/clock.ts';
import type { Life } from './life.ts';

type Scheduled = {
  readonly at: number;
  readonly order: number;
  readonly life: Life | undefined;
  task: (() => void) | undefined;
};

const before = (a: Scheduled, b: Scheduled): boolean => a.at < b.at || (a.at === b.at && a.order < b.order);

export class Scheduler {
  /** Milliseconds since the beginning of the world; fractions order what happens within one. */
  now = 0;
  /** Events so far. */
  steps = 0;
  readonly #heap: Scheduled[] = [];
  #order = 0;
  #failed: { readonly error: unknown } | undefined;

  /** Runs `task` in `delayMs`, unless the process it belongs to has died by then. */
  after(delayMs: number, task: () => void, life?: Life): Timer {
    this.#order += 1;
    const entry: Scheduled = { at: this.now + Math.max(0, delayMs), order: this.#order, life, task };
    this.#push(entry);
    return {
      cancel: () => {
        entry.task = undefined;
      },
    };
  }

  sleep(delayMs: number, life?: Life): Promise<void> {
    return new Promise((resolve) => this.after(delayMs, resolve, life));
  }

  /** Ends the world with its first failure, because later ones may only follow from it. */
  fail(error: unknown): void {
    this.#failed ??= { error };
  }

  /**
   * Runs events in order until `done` is true after one, none is left, or the world has failed; then throws the
   * failure. `afterStep` is called between every two events.
   */
  async run(done: () => boolean, afterStep: () => void): Promise<void> {
    for (;;) {
      // When this resolves, every promise that can continue without a further event has done so: Node empties the queue
      // of promises before each tick. (A turn of the event loop would do as well, but takes a third of all time.)
      await new Promise<void>((resolve) => process.nextTick(resolve));
      if (this.#failed === undefined) afterStep();
      if (this.#failed !== undefined) throw this.#failed.error;
      if (done()) return;
      const next = this.#pop();
      if (next?.task === undefined) return;
      this.now = Math.max(this.now, next.at);
      this.steps += 1;
      try {
        next.task();
      } catch (error) {
        this.fail(error);
      }
    }
  }

  #push(entry: Scheduled): void {
    const heap = this.#heap;
    let at = heap.push(entry) - 1;
    while (at > 0) {
      const up = (at - 1) >> 1;
      const parent = heap[up];
      if (parent === undefined || !before(entry, parent)) break;
      heap[at] = parent;
      at = up;
    }
    heap[at] = entry;
  }

  /** Takes the next event that was not cancelled. */
  #pop(): Scheduled | undefined {
    for (;;) {
      const top = this.#heap[0];
      const last = this.#heap.pop();
      if (top === undefined || last === undefined) return undefined;
      if (top !== last) this.#sink(last);
      if (top.task !== undefined && top.life?.alive !== false) return top;
    }
  }

  #sink(entry: Scheduled): void {
    const heap = this.#heap;
    let at = 0;
    for (;;) {
      const left = heap[2 * at + 1];
      if (left === undefined) break;
      const right = heap[2 * at + 2];
      const child = right !== undefined && before(right, left) ? right : left;
      if (!before(child, entry)) break;
      heap[at] = child;
      at = child === left ? 2 * at + 1 : 2 * at + 2;
    }
    heap[at] = entry;
  }
}
