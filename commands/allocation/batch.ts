// A batch of operations of one class, decided together: what it is decided on, and what writing it came to.
import type { Selling } from '@railhead/domain/allocation/choose-legs.ts';
import type { ClassStock } from '@railhead/domain/class-stock/class-stock.ts';
import type { EventStore } from '../ports/event-store.ts';
import type { ClassStreams } from './class-streams.ts';
import type { LockOutcome } from './operation.ts';

/** One attempt to write a batch: answers in the order of the operations, or what to do before the next attempt. */
export type BatchOutcome =
  | { readonly kind: 'done'; readonly answers: readonly (LockOutcome | 'again')[] }
  | { readonly kind: 'conflict' }
  | { readonly kind: 'takeOver' };

export type BatchContext = {
  readonly store: EventStore;
  /** How seats are chosen in the batch that is decided now. */
  readonly choosing: () => Selling;
  readonly stock: ClassStock;
  readonly streams: ClassStreams;
  /** Told when another writer was met and the batch goes on all the same. */
  readonly metAnother: () => void;
};
