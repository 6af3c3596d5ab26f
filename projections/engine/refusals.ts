// How often in a row a model has refused a batch, or the event that is found to be the reason.
import type { Position } from '@railhead/commands/ports/event-store.ts';

/** Retries of an event that the model refuses; then the model stops. A log, disk or database out of reach is waited for without limit. */
const MAX_RETRIES = 8;

export class Refusals {
  #count = 0;
  #at: Position | undefined;

  get areSome(): boolean {
    return this.#count > 0;
  }

  /** Is it the last try? */
  get areMany(): boolean {
    return this.#count >= MAX_RETRIES;
  }

  get areTooMany(): boolean {
    return this.#count > MAX_RETRIES;
  }

  end(): void {
    [this.#count, this.#at] = [0, undefined];
  }

  /** `at`: the event, once it is known. */
  add(at: Position | undefined): void {
    // It has taken the event that it refused before, and is further in the batch.
    if (at !== undefined && this.#at !== undefined && at > this.#at) this.#count = 0;
    this.#count += 1;
    this.#at = at;
  }
}
