// A store that processes have together, for the states of models that are no rows of a database: values by name, which
// move in one step with the place of their model.
import type { Position } from '@railhead/commands/ports/event-store.ts';
import { EventStoreError } from '@railhead/commands/ports/event-store.ts';
import type { LeaseRow } from './model-lease.ts';
import type { Place } from './model-place.ts';
import type { Shared } from './read-database.ts';
import type { Stranger } from './sorted-batch.ts';

/** Where a model's states are in the log, in which version they are written, and who feeds them. */
export type StatePlace = LeaseRow & { readonly version: number };

/** Who moves a place, and from where. Nothing is written if either is not as it says. */
export type Fence = {
  readonly version: number;
  readonly owner: string;
  readonly epoch: number;
  readonly from: Position;
};

export type StateChanges = {
  /** By name; an empty value removes it. */
  readonly states: ReadonlyMap<string, Uint8Array>;
  readonly strangers: readonly Stranger[];
};

/** A page of the names of states. `next` asks for the page after it; undefined: there is none. */
export type NamesPage = { readonly names: readonly string[]; readonly next: string | undefined };

export type StatesRead = {
  /** Undefined: nothing is stored of the model. */
  readonly place: StatePlace | undefined;
  /** In the order asked; undefined where nothing is stored under the name. */
  readonly values: readonly (Uint8Array | undefined)[];
};

/** Every call is one step, and rejects with `StatesAway` while the store cannot be used. */
export interface StateStore {
  /** This process among those that have the store. */
  readonly shared: Shared;
  /** Why the store could not be used when it was last asked; undefined if it could. */
  readonly failure: string | undefined;
  /**
   * Makes the place of a model that has none. What an older version has stored is dropped; what a newer one has stored is
   * left alone. Gives the version that was found, undefined for none.
   */
  prepare(model: string, version: number): Promise<number | undefined>;
  read(model: string, names: readonly string[]): Promise<StatesRead>;
  strangers(model: string): Promise<readonly Stranger[]>;
  /**
   * Names of states in no order: each that is there from the first page to the last at least once, others perhaps.
   */
  names(model: string, after?: string): Promise<NamesPage>;
  /** Makes this process the owner, by the next epoch. False: the place is not as it was `seen`. */
  take(model: string, seen: StatePlace): Promise<boolean>;
  /** Leaves the model to nobody, if this ownership still has it. */
  free(model: string, epoch: number): Promise<void>;
  /** Moves the place, and the states with it; without `changes` the owner only shows that it lives. False: fenced. */
  move(model: string, fence: Fence, place: Place, changes?: StateChanges): Promise<boolean>;
  /** Drops all states, and puts the place before the first event. False: fenced. */
  drop(model: string, fence: Fence): Promise<boolean>;
  size(model: string): Promise<{ readonly rows: number; readonly bytes: number }>;
  /** Removes all that is stored of a model that nobody feeds any more. */
  remove(model: string): Promise<void>;
  close(): Promise<void>;
}

/** The store does not answer, has no room, or keeps us out: everything else may go on, and the next try may succeed. */
export class StatesAway extends EventStoreError {
  constructor(why: string, cause?: unknown) {
    super('STORE_UNAVAILABLE', `the shared read models cannot be used at the moment: ${why}`, { cause });
  }
}
