// A lane: work that nobody waits for goes through it a few at a time, so that what somebody waits for is not held up.

export class Lane {
  readonly #width: number;
  #running = 0;
  readonly #waiting: (() => void)[] = [];
  #watchers: (() => void)[] = [];

  /** At most `width` pieces of work run at once; the others wait, in the order they came. */
  constructor(width: number) {
    this.#width = width;
  }

  async run<Value>(work: () => Promise<Value>): Promise<Value> {
    if (this.#running >= this.#width) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#running += 1;
    try {
      return await work();
    } finally {
      // The next one gets this place; nobody can come in between.
      const next = this.#waiting.shift();
      if (next === undefined) this.#running -= 1;
      else next();
      if (this.#hasRoom) for (const watcher of this.#watchers.splice(0)) watcher();
    }
  }

  /** Resolves when nothing waits any more. */
  async room(): Promise<void> {
    if (!this.#hasRoom) await new Promise<void>((resolve) => this.#watchers.push(resolve));
  }

  get #hasRoom(): boolean {
    return this.#waiting.length === 0;
  }
}
