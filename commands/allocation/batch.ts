// A batch: operations of one class that are decided together. What it is decided on, and what came of writing it.
import type { Selling } from '@railhead/domain/allocation/choose-legs.ts';
import type { ClassStock } from '@railhead/domain/class-stock/class-stock.ts';
import type { EventStore } from '../ports/event-store.ts';
import type { ClassStreams } from './class-streams.ts';
import type { LockOutcome } from './operation.ts';

/** The result of one attempt: answers in the order of the operations, or what to do before the next attempt. */
export type BatchOutcome =
  | { readonly kind: 'done'; readonly answers: readonly (LockOutcome | 'again')[] }
  | { readonly kind: 'conflict' }
  | { readonly kind: 'takeOver' };

export type BatchContext = {
  readonly store: EventStore;
  /** How seats are chosen in the batch that is being decided. */
  readonly choosing: () => Selling;
  readonly stock: ClassStock;
  readonly streams: ClassStreams;
  /** Called when another writer is detected and the batch continues nevertheless. */
  readonly metAnother: () => void;
};
