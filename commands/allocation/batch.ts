// A batch: operations of one class that are decided together. What it is decided on, and what came of writing it.
import type { Selling } from '@railhead/domain/allocation/choose-legs.ts';
import type { ClassStock } from '@railhead/domain/class-stock/class-stock.ts';
import type { Clock } from '../ports/clock.ts';
import type { EventStore } from '../ports/event-store.ts';
import { metaOf, ownOrigin } from '../streams/append.ts';
import type { ClassStreams } from './class-streams.ts';
import type { Serving } from './draft.ts';
import type { LockOutcome } from './operation.ts';

/** The result of one attempt: answers in the order of the operations, or what to do before the next attempt. */
export type BatchOutcome =
  | {
      readonly kind: 'done';
      readonly answers: readonly (LockOutcome | 'again')[];
      /** Somebody who waits was to be served, and lost the seats to another writer. */
      readonly servesAgain?: boolean;
    }
  | { readonly kind: 'conflict' }
  | { readonly kind: 'takeOver' };

export type BatchContext = {
  readonly store: EventStore;
  /** How seats are chosen in the batch that is being decided. */
  readonly choosing: () => Selling;
  readonly stock: ClassStock;
  readonly streams: ClassStreams;
  /** Makes the meta of what the class does by itself. */
  readonly clock: Clock;
  /** Requests that are known to have ended, although the book does not say so yet. */
  readonly gone: Set<string>;
  /** Called when another writer is detected and the batch continues nevertheless. */
  readonly metAnother: () => void;
};

/** Who waits is served as things are now. */
export const servingIn = ({ clock, gone }: BatchContext): Serving => ({
  nowMs: clock.now(),
  gone,
  metaFor: (waitlistNo) => metaOf(clock, ownOrigin(`${waitlistNo}/serve`, waitlistNo)),
});
