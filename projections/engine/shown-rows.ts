// May anybody be answered from the rows of a model? Only while they are known to be of this log, and had all of it at least
// once since they were begun.
import { bearsOut, type EventStore, type Position } from '@railhead/commands/ports/event-store.ts';
import type { SeenPlace } from './model-lease.ts';

/** What a look at the place of a model that another process feeds has found. */
export type Looked = { readonly kind: 'proven' | 'unchanged' } | { readonly kind: 'unproven'; readonly why: string };

export class ShownRows {
  readonly #store: Pick<EventStore, 'fingerprintAt' | 'lastPosition'>;
  #wasWhole = false;
  /** The rows are of this log: as this process has loaded them, or as another has them by this ownership. */
  #isProven = false;
  #provenEpoch: number | undefined;
  #seenEpoch = 0;
  /** The place that was proven last since this process began to look. */
  #lastProven: SeenPlace | undefined;
  /** Had the rows everything that was in the log, at least once since they were begun? */
  #isComplete = false;
  /** The last position that could be answered from. */
  #upTo: Position = 0;

  constructor(store: Pick<EventStore, 'fingerprintAt' | 'lastPosition'>) {
    this.#store = store;
  }

  /** Why nobody may be answered from them; undefined where they may, even if they are behind. */
  get unreadable(): string | undefined {
    if (!this.#isProven) return 'its rows are not known to be of this log';
    return this.#isComplete ? undefined : 'it is being built';
  }

  /** Had they everything that was in the log, at least once since the model was started? */
  get wasWhole(): boolean {
    return this.#wasWhole;
  }

  /** There are none. */
  begin(): void {
    [this.#isComplete, this.#upTo] = [false, 0];
  }

  /** The model begins as if it had just been started. */
  forget(): void {
    this.#wasWhole = false;
    this.begin();
  }

  /** This process has loaded them, by the ownership that follows the one that was seen. */
  loaded(): void {
    [this.#isProven, this.#provenEpoch] = [true, this.#seenEpoch + 1];
  }

  reach(position: Position): void {
    if (this.#isComplete) this.#upTo = Math.max(this.#upTo, position);
  }

  beWhole(): void {
    [this.#wasWhole, this.#isComplete] = [true, true];
  }

  /** From now on another process feeds the model, and this one looks. */
  beginToLook(): void {
    this.#lastProven = undefined;
  }

  async look(place: SeenPlace): Promise<Looked> {
    const { position, epoch } = place;
    this.#seenEpoch = epoch;
    if (position === this.#lastProven?.position && epoch === this.#lastProven.epoch) return { kind: 'unchanged' };
    // Whoever takes a model over, or builds it again, begins another epoch.
    if (epoch !== this.#provenEpoch) this.#isProven = false;
    // What this process cannot see yet it cannot prove either.
    if (position > (await this.#store.lastPosition()))
      return this.#isProven ? { kind: 'unchanged' } : { kind: 'unproven', why: 'its rows go further than this log' };
    this.#isProven = await bearsOut(this.#store, place);
    if (!this.#isProven) {
      this.#lastProven = undefined;
      return { kind: 'unproven', why: 'its rows are of another log' };
    }
    [this.#lastProven, this.#provenEpoch] = [place, epoch];
    return { kind: 'proven' };
  }

  /** The owner is at this position. False: the rows are built again, and have less than they had. */
  seeOwnerAt(position: Position): boolean {
    if (position >= this.#upTo) return true;
    this.#isComplete = false;
    return false;
  }
}
