// The life of a process: its parts start in the order they were made, and end in the reverse order.

/** The steps of a part's life; each is optional. */
export type Life = {
  /** Starts the part's work. */
  readonly start?: () => unknown;
  /**
   * Ends the work that `start` began; resolves when none is under way any more. Not called on a part that never
   * started.
   */
  readonly stop?: () => unknown;
  /** Releases what was opened when the part was made. */
  readonly close?: () => unknown;
};

export class Lifetime {
  readonly #made: Life[] = [];
  #started = 0;
  #isComplete = false;
  #stopping: Promise<void> | undefined;

  /** Takes a part that was just made. Throws after the start, because such a part would never be started. */
  add(part: Life): void {
    if (this.#isComplete) throw new Error('this part was made when all others had started or stopped');
    this.#made.push(part);
  }

  get isStopping(): boolean {
    return this.#stopping !== undefined;
  }

  /** Throws what a part throws; the caller then calls `stop`. */
  async start(): Promise<void> {
    this.#isComplete = true;
    for (const part of this.#made) {
      if (this.isStopping) return;
      this.#started += 1;
      if (part.start !== undefined) await part.start();
    }
  }

  /** Safe to call twice. All parts are ended even if some fail; their errors are thrown afterwards. */
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
