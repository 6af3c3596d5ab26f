// The life of one process. When it ends, whatever it waited for never comes: its memory is garbage, as after SIGKILL.

/** What a caller outside gets when the process that served it dies. */
export class ConnectionLost extends Error {
  readonly code = 'CONNECTION_LOST';
}

export class Life {
  readonly name: string;
  #alive = true;
  readonly #mourners = new Set<() => void>();

  constructor(name: string) {
    this.name = name;
  }

  get alive(): boolean {
    return this.#alive;
  }

  end(): void {
    this.#alive = false;
    for (const mourn of [...this.#mourners]) mourn();
    this.#mourners.clear();
  }

  /** Work asked for from outside: rejects with `ConnectionLost` if the process dies first. */
  serve<Value>(work: () => Promise<Value>): Promise<Value> {
    return new Promise((resolve, reject) => {
      const lost = (): void => reject(new ConnectionLost(`${this.name} is gone`));
      if (!this.#alive) return lost();
      this.#mourners.add(lost);
      work()
        .then(resolve, reject)
        .finally(() => this.#mourners.delete(lost));
    });
  }
}
