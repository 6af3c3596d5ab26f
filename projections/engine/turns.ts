// Pieces of work, one after the other, in the order in which they were asked for.

export class Turns {
  #last: Promise<unknown> = Promise.resolve();
  #taken = 0;

  /** Is something under way, or waiting? */
  get isTaken(): boolean {
    return this.#taken > 0;
  }

  async take<Value>(work: () => Promise<Value>): Promise<Value> {
    this.#taken += 1;
    const done = this.#last.then(work);
    this.#last = done.catch(() => {});
    try {
      return await done;
    } finally {
      this.#taken -= 1;
    }
  }
}
