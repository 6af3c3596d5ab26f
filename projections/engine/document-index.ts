// Where a model keeps documents: the writing half of a port such as `OrderIndex`.
import type { Position } from '@railhead/commands/ports/event-store.ts';
import type { Beat, Lease } from './model-lease.ts';
import type { Place } from './model-place.ts';
import type { Stranger } from './sorted-batch.ts';

export type StoredPlace = Place & { readonly setAside: readonly Stranger[] };

export interface DocumentIndex<Document> {
  /** Absent: nobody else writes into it. */
  readonly leaseWith?: (beat: Beat) => Lease;
  /** Does the failure say nothing of the documents? It is then waited out. */
  isPassing(error: unknown): boolean;
  /** Where the documents are; position 0 if there are none, or if what was there is gone. */
  place(): Promise<StoredPlace>;
  /** Throws all documents away. The place is the beginning. */
  clear(): Promise<void>;
  documents(ids: readonly string[]): Promise<ReadonlyMap<string, Document>>;
  /**
   * Stores each document that is newer than the one that is there, and then the place. Whoever looks meets a place only
   * with all documents up to it. Throws if the place is not where this process left it.
   */
  put(documents: readonly Document[], place: Place, strangers: readonly Stranger[]): Promise<void>;
  /** Moves the place alone, and shows that the owner lives. False: somebody else is the owner. */
  beat(place: Place): Promise<boolean>;
}

/** One of which everything can be removed, when nobody feeds it any more. */
export interface RemovableIndex {
  /** From now on each answer has everything up to here: somebody may have seen it elsewhere. */
  showFrom(position: Position): void;
  size(): Promise<{ readonly rows: number; readonly bytes: number }>;
  remove(): Promise<void>;
  close(): Promise<void>;
}

/** `isWhole`: is what it is found by what the document says? */
export type ExaminedDocument<Document> = { readonly document: Document; readonly isWhole: boolean };

/**
 * Every event up to the place is in the documents. Later ones may be: up to which, each says by its version.
 */
export type Examined<Document> = {
  readonly place: Place;
  readonly documents: ReadonlyMap<string, ExaminedDocument<Document>>;
};

/** One whose documents are compared with the log. */
export interface RewritableIndex<Document> extends DocumentIndex<Document> {
  /** Documents as they are, also for a process that does not own them. One of which nothing can be read is not there. */
  examine(ids: readonly string[]): Promise<Examined<Document>>;
  /**
   * Writes documents anew, whatever is there, removes those of other names, and then moves the place. Throws if the place
   * is not where this process left it.
   */
  rewrite(documents: readonly Document[], gone: readonly string[], place: Place): Promise<void>;
}
