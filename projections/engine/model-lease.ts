// Who feeds a model, where several processes could. The lease stands in the model's own row, so that a batch is written
// only by its owner, and whoever takes the lease over meets either all of a batch or nothing of it.
//
// No clock is trusted. The owner raises a number again and again, and each batch moves the position; whoever sees the row
// unchanged for long enough, by its own timers, takes the lease over, unless the row has changed at that very moment.
import { pause } from '@railhead/commands/ports/clock.ts';
import type { Position } from '@railhead/commands/ports/event-store.ts';
import type { EngineTables, ReadDatabase, Shared } from './read-database.ts';

export type LeaseRow = Pick<EngineTables['model_places'], 'owner' | 'epoch' | 'beat' | 'position' | 'fingerprint'>;

export const NOBODY = { owner: '', epoch: 0, beat: 0 } as const;

/** How often the owner shows that it lives. The others look twice as often. */
const BEAT_MS = 500;
/** How often they look where somebody waits for a position. */
const LOOK_SOON_MS = 40;
/** For so many beats the row of an owner that lives is never unchanged. */
const SILENT_BEATS = 3;

/** How far the owner has come, and which ownership it is. */
export type SeenPlace = { readonly position: Position; readonly fingerprint: string; readonly epoch: number };

export type Lease = {
  /**
   * Waits until this process is the owner. `seen` is told the place of the model each time it is read; it says whether
   * somebody waits for the next one. `lost` is called if the owner finds at a beat that it is the owner no more, or that
   * its row cannot be found. False: `signal` was aborted before.
   */
  acquire(signal: AbortSignal, seen: (place: SeenPlace) => Promise<boolean>, lost: () => void): Promise<boolean>;
  /** Why its row could not be written at the owner's last beat; undefined if it could. */
  readonly failure: string | undefined;
  /** Gives it up, so that another need not wait. */
  release(): Promise<void>;
  /** Has this process the lease, as far as it knows? What it writes is fenced all the same. */
  readonly isOwner: boolean;
};

/** What the owner does at each beat; false: it is the owner no more. */
export type Beat = () => Promise<boolean>;

/** The row of one model, wherever it stands. Each call is atomic. */
export type LeaseRows = {
  read(): Promise<LeaseRow>;
  /** Makes `owner` the owner, by the next epoch. False: the row is not as it was `seen`. */
  take(seen: LeaseRow, owner: string): Promise<boolean>;
  /** Leaves the model to nobody, if it is still this ownership. */
  free(owner: string, epoch: number): Promise<void>;
  /** Does this failure of a beat say nothing of the row? */
  isPassing(error: unknown): boolean;
};

export class ModelLease implements Lease {
  /** The number of the ownership that this process has, or had last. */
  epoch = 0;
  failure: string | undefined;
  readonly #rows: LeaseRows;
  readonly #shared: Shared;
  readonly #beat: Beat;
  readonly #beatMs: number;
  /** Called first by whoever wants the lease. */
  readonly #prepared: (() => Promise<void>) | undefined;
  #isOwner = false;

  constructor(rows: LeaseRows, shared: Shared, beat: Beat, prepared?: () => Promise<void>) {
    this.#rows = rows;
    this.#shared = shared;
    this.#beat = beat;
    this.#prepared = prepared;
    this.#beatMs = shared.beatMs ?? BEAT_MS;
  }

  get isOwner(): boolean {
    return this.#isOwner;
  }

  async acquire(signal: AbortSignal, seen: (place: SeenPlace) => Promise<boolean>, lost: () => void): Promise<boolean> {
    this.#isOwner = false;
    this.failure = undefined;
    await this.#prepared?.();
    let [last, unchangedMs]: [LeaseRow | undefined, number] = [undefined, 0];
    while (!signal.aborted) {
      const row = await this.#rows.read();
      const isAwaited = await seen(row);
      if (last === undefined || !isSame(row, last)) [last, unchangedMs] = [row, 0];
      // Also what it had itself: it writes nothing while it waits.
      const isFree = row.owner === '' || row.owner === this.#shared.owner || unchangedMs >= SILENT_BEATS * this.#beatMs;
      if (isFree && (await this.#rows.take(row, this.#shared.owner))) {
        this.#begin(row.epoch + 1, lost);
        return true;
      }
      const lookMs = isAwaited ? LOOK_SOON_MS : this.#beatMs / 2;
      await pause(this.#shared.clock, lookMs);
      unchangedMs += lookMs;
    }
    return false;
  }

  async release(): Promise<void> {
    if (!this.#isOwner) return;
    this.#isOwner = false;
    await this.#rows.free(this.#shared.owner, this.epoch);
  }

  #begin(epoch: number, lost: () => void): void {
    this.epoch = epoch;
    this.#isOwner = true;
    this.#keep(epoch, lost);
  }

  /** Beats until the lease is given up or lost. A beat that fails is followed by another: the database may come back. */
  #keep(epoch: number, lost: () => void): void {
    const isOwner = (): boolean => this.#isOwner && this.epoch === epoch;
    this.#shared.clock.after(this.#beatMs, () => {
      if (!isOwner()) return;
      this.#beat()
        .then((goesOn) => {
          if (isOwner()) this.failure = undefined;
          return goesOn;
        })
        .catch((error: unknown) => {
          if (isOwner()) this.failure = error instanceof Error ? error.message : String(error);
          return this.#rows.isPassing(error);
        })
        .then((goesOn) => {
          if (!isOwner()) return;
          if (goesOn) this.#keep(epoch, lost);
          else lost();
        });
    });
  }
}

/** In the model's row of a database. */
export const sqlLeaseRows = (
  { db, dialect }: ReadDatabase,
  { name, version }: { readonly name: string; readonly version: number },
): LeaseRows => ({
  async read() {
    const row = await db
      .selectFrom('model_places')
      .select(['owner', 'epoch', 'beat', 'position', 'fingerprint'])
      .where('model', '=', name)
      .where('version', '=', version)
      .executeTakeFirst();
    if (row === undefined) throw notThisVersion(name, version);
    return row;
  },
  async take(seen, owner) {
    const taken = await db
      .updateTable('model_places')
      .set({ owner, epoch: seen.epoch + 1 })
      .where('model', '=', name)
      .where('version', '=', version)
      .where('owner', '=', seen.owner)
      .where('epoch', '=', seen.epoch)
      .where('beat', '=', seen.beat)
      .where('position', '=', seen.position)
      .executeTakeFirst();
    return taken.numUpdatedRows > 0n;
  },
  async free(owner, epoch) {
    await db
      .updateTable('model_places')
      .set({ owner: NOBODY.owner })
      .where('model', '=', name)
      .where('owner', '=', owner)
      .where('epoch', '=', epoch)
      .execute();
  },
  isPassing: (error) => dialect.isPassing(error),
});

const isSame = (one: LeaseRow, other: LeaseRow): boolean =>
  one.owner === other.owner && one.epoch === other.epoch && one.beat === other.beat && one.position === other.position;

export const notThisVersion = (name: string, version: number): Error =>
  new Error(`the tables of read model ${name} are not of version ${version}`);
