// Keeps a snapshot of a class, so that the next opening reads only the events after it.

import { type ClassStock, contradictionOf } from '@railhead/domain/class-stock/class-stock.ts';
import type { Seat } from '@railhead/domain/train-run/composition.ts';
import type { ClassId } from '@railhead/domain/train-run/stream.ts';
import type { Snapshots } from '../ports/snapshots.ts';
import { parseSnapshot, snapshotText, stateText, stockFrom } from './class-snapshot.ts';
import type { ClassStreams } from './class-streams.ts';

export type SnapshotDeps = {
  /** Where snapshots are kept. Without it, opening a class reads its whole history. */
  readonly snapshots?: Snapshots;
  /** Holds, locks and other decisions between two snapshots at rest; ten times as many under load. */
  readonly snapshotEvery?: number;
  readonly onSnapshotFailed?: (key: ClassId, error: unknown) => void;
};

/** Reading so many decisions again takes less than ten milliseconds. */
const SNAPSHOT_EVERY = 4_000;
/** When the process ends, a snapshot is taken after fewer decisions. */
const WORTH_SAVING = 500;
/** Under load a snapshot costs a pause between two batches, so it is taken less often. */
const LOADED_FACTOR = 10;

/** A class while no batch is in flight, so its stock is what the log says. */
type AtRest = { readonly stock: ClassStock; readonly streams: ClassStreams };

export class SnapshotKeeper {
  readonly #deps: SnapshotDeps;
  readonly #key: ClassId;
  /** What the streams had counted when the last snapshot was taken or loaded. */
  #decisions = 0;
  #saving: Promise<void> = Promise.resolve();

  constructor(deps: SnapshotDeps, key: ClassId) {
    this.#deps = deps;
    this.#key = key;
  }

  /** Is a snapshot due? `streams` is undefined while the class is not open. */
  isDue(when: 'atRest' | 'underLoad' | 'atTheEnd', streams: ClassStreams | undefined): boolean {
    const { snapshots, snapshotEvery = SNAPSHOT_EVERY } = this.#deps;
    if (snapshots === undefined || streams === undefined) return false;
    const due = {
      atRest: snapshotEvery,
      underLoad: snapshotEvery * LOADED_FACTOR,
      atTheEnd: Math.min(snapshotEvery, WORTH_SAVING),
    };
    return streams.decisions - this.#decisions > due[when];
  }

  /** Serialises the state at once. Saving it goes on while the sale continues. */
  take({ stock, streams }: AtRest): void {
    const { snapshots, onSnapshotFailed } = this.#deps;
    if (snapshots === undefined) return;
    this.#decisions = streams.decisions;
    if (contradictionOf(stock) !== undefined) return;
    const { revisions } = streams;
    const state = stateText(stock);
    const save = async (): Promise<void> => {
      const marks = await streams.marksAt(revisions);
      if (marks === undefined) throw new Error(`the log lacks events of ${streams.bookName} that were written`);
      await snapshots.save(streams.bookName, snapshotText(state, marks));
    };
    // One after another, so that an older snapshot never replaces a newer one.
    this.#saving = this.#saving.then(save).catch((error: unknown) => onSnapshotFailed?.(this.#key, error));
  }

  /** The stock of the last snapshot, if the log has the events it was folded from. `streams` then continues there. */
  async load(streams: ClassStreams, seats: readonly Seat[], segments: number): Promise<ClassStock | undefined> {
    const snapshot = parseSnapshot(await this.#deps.snapshots?.load(streams.bookName));
    const stock = snapshot === undefined ? undefined : stockFrom(snapshot, seats, segments);
    const isBorneOut = snapshot !== undefined && stock !== undefined && (await streams.resumeAt(snapshot));
    this.#decisions = streams.decisions;
    return isBorneOut ? stock : undefined;
  }

  /** Resolves when every snapshot that was taken is saved. */
  saved(): Promise<void> {
    return this.#saving;
  }
}
