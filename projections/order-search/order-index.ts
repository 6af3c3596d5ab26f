// Where orders are searched: the port of the read model `orderSearch`. tests/contract/order-index.contract.ts says what is
// expected of an adapter.
import type { Position } from '@railhead/commands/ports/event-store.ts';
import type { Beat, Lease } from '../engine/model-lease.ts';
import type { Place } from '../engine/model-place.ts';
import type { Stranger } from '../engine/sorted-batch.ts';
import type { OrderDocument } from './order-document.ts';
import type { FoundOrders, OrderQuestion } from './order-question.ts';

export type StoredPlace = Place & { readonly setAside: readonly Stranger[] };

export interface OrderIndex {
  /** Absent: nobody else writes into it. */
  readonly leaseWith?: (beat: Beat) => Lease;
  /** Does the failure say nothing of the documents? It is then waited out. */
  isPassing(error: unknown): boolean;
  /** Where the documents are; position 0 if there are none, or if what was there is gone. */
  place(): Promise<StoredPlace>;
  /** Throws all documents away. The place is the beginning. */
  clear(): Promise<void>;
  documents(orderNos: readonly string[]): Promise<ReadonlyMap<string, OrderDocument>>;
  /**
   * Stores each document that is newer than the one that is there, and then the place. Whoever looks meets a place only
   * with all documents up to it. Throws if the place is not where this process left it.
   */
  put(documents: readonly OrderDocument[], place: Place, strangers: readonly Stranger[]): Promise<void>;
  /** Moves the place alone, and shows that the owner lives. False: somebody else is the owner. */
  beat(place: Place): Promise<boolean>;
  /** Sees everything that had been put when a place at `upTo` was there; where it is not given, perhaps a moment less. */
  search(question: OrderQuestion, upTo?: Position): Promise<FoundOrders>;
}
