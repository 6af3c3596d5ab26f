// What an allocator is asked to do, and what it answers. One operation, one lock, one outcome.

import type { Want } from '@railhead/domain/allocation/layout.ts';
import type { Result } from '@railhead/domain/kernel/decision.ts';
import type { EventMeta } from '@railhead/domain/kernel/event.ts';
import type { BookCloseReason } from '@railhead/domain/seat-lock/events.ts';
import type { LockPlan } from '@railhead/domain/seat-lock/plan.ts';
import type { ClassId } from '@railhead/domain/train-run/stream.ts';
import type { StreamAppend } from '../ports/event-store.ts';

export type HoldRefusal =
  | 'SOLD_OUT'
  | 'LOCK_ENDED'
  | 'LOCK_NOT_HELD'
  | 'ORDER_MOVED'
  | 'SALE_STOPPED'
  | 'RUN_CANCELLED'
  | 'SALE_CLOSED'
  | 'SEATS_SOLD'
  | 'NO_SUCH_SEAT'
  | 'CONTENDED'
  | 'QUEUE_FULL';

/** `plan`: the seats the lock has, or had; none for the closing of a book, which is no lock. */
export type LockOutcome = Result<{ readonly lockId: string; readonly plan: LockPlan }, HoldRefusal>;

/** The order for which seats are held or a lock is confirmed, as its process knows it at the moment it is asked. */
export type OrderBehind = {
  /**
   * Asked when a hold is decided: is the order still waiting for it? An order that ended while its hold was queued has
   * been through its release already, and nobody would come for the seats.
   */
  isWaiting(): boolean;
  /**
   * The order's own event for an outcome; undefined where there is none. It is written with the lock where the store
   * can write several streams at once, else right after it. May be asked several times, and must then answer alike.
   */
  eventFor(outcome: LockOutcome): StreamAppend | undefined;
};

/** `orderNo`: whose lock it is; an operator's withdrawal has its own number there. */
type Common = {
  readonly orderNo: string;
  readonly meta: EventMeta;
  readonly order?: OrderBehind;
};

/** `from` and `to` are stop sequence numbers; `wants` has one entry per passenger. */
export type HoldOperation = Common & {
  readonly kind: 'hold';
  readonly from: number;
  readonly to: number;
  readonly wants: readonly (Want | undefined)[];
  /** The traveller would rather change seats once on the way than not travel. */
  readonly acceptSeatChange?: boolean;
  /** Seats are given out by name later, so what is wanted is kept with the plan. */
  readonly assignedLater?: boolean;
};

/** Of the order's lock, whichever of its attempts got it. */
export type LockOperation = Common & {
  readonly kind: 'confirm' | 'release' | 'expire';
  readonly reason?: string;
};

/** An operator takes just these seats out of sale, all or none; refused where a traveller has one of them. */
export type WithdrawOperation = Common & {
  readonly kind: 'withdraw';
  readonly from: number;
  readonly to: number;
  readonly seats: readonly number[];
  readonly reason: string;
};

/** The seats of a withdrawal go back on sale. */
export type ReturnOperation = Common & { readonly kind: 'return' };

/**
 * Ends the sale of the class for good. With `SEATS_ASSIGNED` everybody who bought a place by count is given a seat
 * by name.
 */
export type CloseOperation = Common & { readonly kind: 'close'; readonly reason: BookCloseReason };

/** Whoever decides operations, for those who ask: an `AllocatorPool`. */
export interface Allocators {
  /** Rejects only for failures of the store; whether the operation was written may then be unknown. */
  submit(id: ClassId, operation: Operation): Promise<LockOutcome>;
  /** The run got more coaches: they are sold from the next batch on. */
  extend(train: string, date: string): Promise<void>;
}

export type Operation = HoldOperation | LockOperation | WithdrawOperation | ReturnOperation | CloseOperation;
