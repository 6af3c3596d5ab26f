// How many orders are asked for a run in a second. Only what is needed to tell when a queue has to begin is counted.
import type { Clock } from '../ports/clock.ts';

const SECOND_MS = 1_000;
/** Runs counted in one second; of more than these none is hot. */
const MOST_RUNS = 20_000;

export class RequestMeter {
  readonly #clock: Pick<Clock, 'now'>;
  #second = 0;
  #counts = new Map<string, number>();
  #before = new Map<string, number>();

  constructor(clock: Pick<Clock, 'now'>) {
    this.#clock = clock;
  }

  /** Counts one, and tells how many there were in this second. */
  count(name: string): number {
    this.#turn();
    const now = (this.#counts.get(name) ?? 0) + 1;
    if (now > 1 || this.#counts.size < MOST_RUNS) this.#counts.set(name, now);
    return now;
  }

  /** In the last second that is over, or in this one. */
  perSecond(name: string): number {
    this.#turn();
    return Math.max(this.#counts.get(name) ?? 0, this.#before.get(name) ?? 0);
  }

  #turn(): void {
    const second = Math.floor(this.#clock.now() / SECOND_MS);
    if (second === this.#second) return;
    this.#before = second === this.#second + 1 ? this.#counts : new Map();
    this.#counts = new Map();
    this.#second = second;
  }
}
