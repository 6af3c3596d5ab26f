// How a process begins and ends: its parts start in the order they were made, and end in the reverse order.

/** Whatever of these a part has. */
export type Life = {
  /** Begins to work. */
  readonly start?: () => unknown;
  /** Ends the work that `start` began; resolves when nothing is under way any more. Not called where it never started. */
  readonly stop?: () => unknown;
  /** Gives back what making the part opened. */
  readonly close?: () => unknown;
};

export class Lifetime {
  readonly #made: Life[] = [];
  #started = 0;
  #isComplete = false;
  #stopping: Promise<void> | undefined;

  /** For a part that was just made. A part that nobody would start must not appear later. */
  add(part: Life): void {
    if (this.#isComplete) throw new Error('this part was made when all others had started or stopped');
    this.#made.push(part);
  }

  get isStopping(): boolean {
    return this.#stopping !== undefined;
  }

  /** Throws what a part throws; then it is up to the caller to `stop`. */
  async start(): Promise<void> {
    this.#isComplete = true;
    for (const part of this.#made) {
      if (this.isStopping) return;
      this.#started += 1;
      if (part.start !== undefined) await part.start();
    }
  }

  /** Safe to call twice. A part that fails keeps none of the others from their end; what failed is thrown afterwards. */
  stop(): Promise<void> {
    this.#isComplete = true;
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #stop(): Promise<void> {
    const failures: unknown[] = [];
    const attempt = async (work: () => unknown): Promise<void> => {
      try {
        await work();
      } catch (error) {
        failures.push(error);
      }
    };
    for (const [index, { stop, close }] of [...this.#made.entries()].reverse()) {
      if (stop !== undefined && index < this.#started) await attempt(stop);
      if (close !== undefined) await attempt(close);
    }
    if (failures.length > 1) throw new AggregateError(failures, 'several parts could not be stopped');
    if (failures.length === 1) throw failures[0];
  }
}
