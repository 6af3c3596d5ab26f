// What an allocator is asked to do, and what it answers. One operation, one lock, one outcome.

import type { Want } from '@railhead/domain/allocation/layout.ts';
import type { Result } from '@railhead/domain/kernel/decision.ts';
import type { EventMeta } from '@railhead/domain/kernel/event.ts';
import type { BookCloseReason, JoinedWaiting } from '@railhead/domain/seat-lock/events.ts';
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
  | 'COACH_WITHDRAWN'
  | 'CONTENDED'
  | 'QUEUE_FULL';

/** `plan`: the seats that the lock has or had. It is empty where there is no lock: who waits, asks, or closes a book. */
export type LockOutcome = Result<{ readonly lockId: string; readonly plan: LockPlan }, HoldRefusal>;

/** The order for which seats are held or a lock is confirmed, as its process knows it when it is asked. */
export type OrderBehind = {
  /**
   * Asked when the hold is decided: does the order still wait for it? An order that ended while its hold was queued may
   * have released its seats already, and nothing would release these.
   */
  isWaiting(): boolean;
  /**
   * The order's own event for an outcome; undefined if there is none. It is written together with the lock where the
   * store can write several streams atomically, otherwise right after it. May be called several times, and must then
   * return the same.
   */
  eventFor(outcome: LockOutcome): StreamAppend | undefined;
};

/** `orderNo`: whose lock it is. For an operator's withdrawal it is the withdrawal's number. */
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
  /** The traveller accepts one change of seats where no seat is free all the way. */
  readonly acceptSeatChange?: boolean;
  /** Late assignment: the passengers' wants are kept in the plan. */
  readonly assignedLater?: boolean;
};

/** Confirms, releases or expires the order's lock, whichever attempt got it. */
export type LockOperation = Common & {
  readonly kind: 'confirm' | 'release' | 'expire';
  readonly reason?: string;
};

/** Travellers of a confirmed lock, counted from 0, give their seats back; the others keep theirs. */
export type GiveBackOperation = Common & {
  readonly kind: 'giveBack';
  readonly travellers: readonly number[];
  readonly reason: string;
};

/** An operator takes exactly these seats out of sale, all or none. Refused where somebody has one of them. */
export type WithdrawOperation = Common & {
  readonly kind: 'withdraw';
  readonly from: number;
  readonly to: number;
  readonly seats: readonly number[];
  readonly reason: string;
  /** The coach that leaves the composition by it. */
  readonly coach?: string;
};

/** Puts the seats of a withdrawal back on sale. */
export type ReturnOperation = Common & { readonly kind: 'return' };

/** Ends the sale of the class for good. With `SEATS_ASSIGNED`, every lock that was sold by count gets its seats. */
export type CloseOperation = Common & { readonly kind: 'close'; readonly reason: BookCloseReason };

/** A waitlist request waits for seats of the class from now on. One that waits, or has seats, waits or has them. */
export type WaitOperation = Common & { readonly kind: 'wait'; readonly waiting: JoinedWaiting };

/** It waits no more. Where it got seats that it has no use for any more, they are free again. */
export type LeaveOperation = Common & { readonly kind: 'leave' };

/** Are there seats for it now? Nothing is held. */
export type AskOperation = Common & Pick<HoldOperation, 'from' | 'to' | 'wants'> & { readonly kind: 'ask' };

/** There may be seats now for those who wait: the stock has grown, or a rule has lapsed. */
export type ServeOperation = Common & { readonly kind: 'serve' };

/** Whoever decides operations, for those who ask: an `AllocatorPool`. */
export interface Allocators {
  /** Rejects only for failures of the store; whether the operation was written may then be unknown. */
  submit(id: ClassId, operation: Operation): Promise<LockOutcome>;
  /** The run got more coaches: they are sold from the next batch on. */
  extend(train: string, date: string): Promise<void>;
}

export type Operation =
  | HoldOperation
  | LockOperation
  | GiveBackOperation
  | WithdrawOperation
  | ReturnOperation
  | CloseOperation
  | WaitOperation
  | LeaveOperation
  | AskOperation
  | ServeOperation;
