// The life of one process. When it ends, nothing that it waited for ever arrives, as after SIGKILL.

/** What a caller outside gets when the process that served it dies. */
export class ConnectionLost extends Error {
  readonly code = 'CONNECTION_LOST';
}

export class Life {
  readonly name: string;
  #alive = true;
  readonly #mourners = new Set<() => void>();
  readonly #watchers = new Set<() => void>();
  #open = true;
  #allAnswered: (() => void) | undefined;

  constructor(name: string) {
    this.name = name;
  }

  get alive(): boolean {
    return this.#alive;
  }

  /** Has it been asked to stop? */
  get isClosing(): boolean {
    return !this.#open;
  }

  /** Runs `task` when the process dies. */
  whenOver(task: () => void): void {
    this.#watchers.add(task);
  }

  end(): void {
    this.#alive = false;
    for (const mourn of [...this.#mourners]) mourn();
    this.#mourners.clear();
    for (const tell of [...this.#watchers]) tell();
  }

  /** Takes no more requests; resolves once all that were taken have been answered. */
  async closeDoors(): Promise<void> {
    this.#open = false;
    if (this.#mourners.size > 0)
      await new Promise<void>((resolve) => {
        this.#allAnswered = resolve;
      });
  }

  /** Work of the process itself: resolves with true when it is done, with false if the process dies first. */
  during(work: () => Promise<void>): Promise<boolean> {
    return new Promise((resolve, reject) => {
      const died = (): void => resolve(false);
      this.#watchers.add(died);
      work()
        .then(() => resolve(this.#alive), reject)
        .finally(() => this.#watchers.delete(died));
    });
  }

  /**
   * Work asked for from outside: rejects with `ConnectionLost` if the process dies first, or takes no more requests.
   */
  serve<Value>(work: () => Promise<Value>): Promise<Value> {
    return new Promise((resolve, reject) => {
      const lost = (): void => reject(new ConnectionLost(`${this.name} is gone`));
      if (!this.#alive || !this.#open) return lost();
      this.#mourners.add(lost);
      work()
        .then(resolve, reject)
        .finally(() => {
          this.#mourners.delete(lost);
          if (this.#mourners.size === 0) this.#allAnswered?.();
        });
    });
  }
}
