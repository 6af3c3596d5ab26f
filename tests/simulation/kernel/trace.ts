// What happened, for a person who examines a failure: the last steps, and the incidents of the whole run.

export type Step = { readonly atMs: number; readonly who: string; readonly what: string };

const KEPT_STEPS = 50;
const KEPT_INCIDENTS = 400;

export class Trace {
  readonly #now: () => number;
  readonly #ring: Step[] = [];
  readonly incidents: Step[] = [];
  #count = 0;

  constructor(now: () => number) {
    this.#now = now;
  }

  step(who: string, what: string): void {
    this.#ring[this.#count % KEPT_STEPS] = { atMs: this.#now(), who, what };
    this.#count += 1;
  }

  /** An important step: a fault, a crash, a restart. */
  incident(who: string, what: string): void {
    this.step(who, what);
    if (this.incidents.length < KEPT_INCIDENTS) this.incidents.push({ atMs: this.#now(), who, what });
  }

  last(): readonly Step[] {
    const start = Math.max(0, this.#count - KEPT_STEPS);
    return Array.from({ length: this.#count - start }, (_, index) => this.#ring[(start + index) % KEPT_STEPS]).filter(
      (step) => step !== undefined,
    );
  }
}
