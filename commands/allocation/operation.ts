// What an allocator is asked to do, and what it answers. One operation, one lock, one outcome.
import type { Want } from '@railhead/domain/allocation/layout.ts';
import type { Result } from '@railhead/domain/kernel/decision.ts';
import type { EventMeta } from '@railhead/domain/kernel/event.ts';
import type { LockPlan } from '@railhead/domain/seat-lock/plan.ts';
import type { StreamAppend } from '../ports/event-store.ts';

export type HoldRefusal = 'SOLD_OUT' | 'LOCK_ENDED' | 'LOCK_NOT_HELD' | 'ORDER_MOVED' | 'SALE_STOPPED' | 'CONTENDED';

/** `plan` of a hold, confirm or release: the seats the lock has, or had. */
export type LockOutcome = Result<{ readonly lockId: string; readonly plan: LockPlan }, HoldRefusal>;

/**
 * `follow` turns the outcome into the order's own event. It is written with the lock where the store can write
 * several streams at once, else right after it; it may be called several times, and must then answer alike.
 */
type Common = {
  readonly orderNo: string;
  readonly meta: EventMeta;
  readonly follow?: (outcome: LockOutcome) => StreamAppend | undefined;
};

/** `from` and `to` are stop sequence numbers; `wants` has one entry per passenger. */
export type HoldOperation = Common & {
  readonly kind: 'hold';
  readonly from: number;
  readonly to: number;
  readonly wants: readonly (Want | undefined)[];
  /** The traveller would rather change seats once on the way than not travel. */
  readonly acceptSeatChange?: boolean;
};

/** Of the order's lock, whichever of its attempts got it. */
export type LockOperation = Common & {
  readonly kind: 'confirm' | 'release' | 'expire';
  readonly reason?: string;
};

export type Operation = HoldOperation | LockOperation;
