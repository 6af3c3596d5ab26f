// Who feeds the documents on a search server that other processes use too. As with the lease of models in SQL, no clock is
// trusted: the place moves at each beat and each batch, and whoever sees it unmoved for long enough, by its own timers,
// takes it over, unless it has moved at that very moment.
import { type Clock, pause } from '@railhead/commands/ports/clock.ts';
import type { Beat, Lease, SeenPlace } from '@railhead/projections/engine/model-lease.ts';
import { PlaceMoved } from '@railhead/projections/engine/model-place.ts';
import type { ReadPlace, StoredPlaceOf } from './stored-place.ts';

const BEAT_MS = 500;
/** How often others look where somebody waits for a position. */
const LOOK_SOON_MS = 40;
/** For so many beats the place of an owner that lives is never unmoved. */
const SILENT_BEATS = 3;

export type LeaseDeps = {
  readonly stored: StoredPlaceOf;
  readonly clock: Pick<Clock, 'after'>;
  /** This process, as the others see it. */
  readonly owner: string;
  /** Told of each place that is read or taken. */
  readonly at: (place: ReadPlace) => void;
  /** The place where this process has left it. */
  readonly now: () => ReadPlace | undefined;
  readonly isPassing: (error: unknown) => boolean;
};

export class IndexLease implements Lease {
  readonly #deps: LeaseDeps;
  readonly #beat: Beat;
  #epoch = 0;
  #isOwner = false;

  constructor(deps: LeaseDeps, beat: Beat) {
    this.#deps = deps;
    this.#beat = beat;
  }

  async acquire(signal: AbortSignal, seen: (place: SeenPlace) => Promise<boolean>, lost: () => void): Promise<boolean> {
    this.#isOwner = false;
    const { stored, clock, owner, at } = this.#deps;
    let [last, unchangedMs]: [ReadPlace | undefined, number] = [undefined, 0];
    while (!signal.aborted) {
      const place = await stored.read();
      at(place);
      const isAwaited = await seen(place);
      if (last === undefined || !isSame(place, last)) [last, unchangedMs] = [place, 0];
      const isFree = place.owner === '' || place.owner === owner || unchangedMs >= SILENT_BEATS * BEAT_MS;
      if (isFree && (await this.#take(place, lost))) return true;
      const lookMs = isAwaited ? LOOK_SOON_MS : BEAT_MS / 2;
      await pause(clock, lookMs);
      unchangedMs += lookMs;
    }
    return false;
  }

  async #take(place: ReadPlace, lost: () => void): Promise<boolean> {
    const { stored, owner, at } = this.#deps;
    try {
      const taken = await stored.move(place, { owner, epoch: place.epoch + 1 });
      at(taken);
      this.#epoch = taken.epoch;
      this.#isOwner = true;
      this.#keep(taken.epoch, lost);
      return true;
    } catch (error) {
      if (error instanceof PlaceMoved) return false;
      throw error;
    }
  }

  async release(): Promise<void> {
    const place = this.#deps.now();
    if (!this.#isOwner || place === undefined) return;
    this.#isOwner = false;
    this.#deps.at(await this.#deps.stored.move(place, { owner: '' }));
  }

  /** Beats until the lease is given up or lost. A beat that fails is followed by another: the server may come back. */
  #keep(epoch: number, lost: () => void): void {
    const isOwner = (): boolean => this.#isOwner && this.#epoch === epoch;
    this.#deps.clock.after(BEAT_MS, () => {
      if (!isOwner()) return;
      this.#beat()
        .catch((error: unknown) => this.#deps.isPassing(error))
        .then((goesOn) => {
          if (!isOwner()) return;
          if (goesOn) this.#keep(epoch, lost);
          else lost();
        });
    });
  }
}

const isSame = (one: ReadPlace, other: ReadPlace): boolean =>
  one.seqNo === other.seqNo && one.primaryTerm === other.primaryTerm && one.index === other.index;
