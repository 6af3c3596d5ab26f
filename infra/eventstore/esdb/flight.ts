// Limits what is in flight: the number of appends, their bytes, and the number that wait for their turn.
import { EventStoreError } from '@railhead/commands/ports/event-store.ts';
import type { EsdbSettings } from './settings.ts';

type Limits = Pick<EsdbSettings, 'maxInFlight' | 'maxInFlightBytes' | 'maxWaiting'>;

export class Flight {
  readonly #limits: Limits;
  readonly #onChange: (inFlight: number) => void;
  #waiting: { readonly bytes: number; readonly go: () => void }[] = [];
  #inFlight = 0;
  #bytes = 0;

  constructor(limits: Limits, onChange: (inFlight: number) => void) {
    this.#limits = limits;
    this.#onChange = onChange;
  }

  /** Throws `STORE_OVERLOADED` unless `more` appends have a place, in flight or waiting. */
  assertRoom(more: number): void {
    const { maxInFlight, maxWaiting } = this.#limits;
    if (this.#inFlight + this.#waiting.length + more > maxInFlight + maxWaiting)
      throw new EventStoreError('STORE_OVERLOADED', `${this.#waiting.length} appends are waiting already`);
  }

  async enter(bytes: number): Promise<void> {
    if (this.#waiting.length > 0 || !this.#fits(bytes))
      await new Promise<void>((go) => {
        this.#waiting.push({ bytes, go });
      });
    else this.#take(bytes);
  }

  leave(bytes: number): void {
    this.#inFlight -= 1;
    this.#bytes -= bytes;
    let admitted = 0;
    for (const { bytes: next, go } of this.#waiting) {
      if (!this.#fits(next)) break;
      this.#take(next);
      admitted += 1;
      go();
    }
    if (admitted > 0) this.#waiting = this.#waiting.slice(admitted);
    this.#onChange(this.#inFlight);
  }

  /** One that is larger than the whole limit goes alone. */
  #fits(bytes: number): boolean {
    if (this.#inFlight === 0) return true;
    return this.#inFlight < this.#limits.maxInFlight && this.#bytes + bytes <= this.#limits.maxInFlightBytes;
  }

  #take(bytes: number): void {
    this.#inFlight += 1;
    this.#bytes += bytes;
    this.#onChange(this.#inFlight);
  }
}
