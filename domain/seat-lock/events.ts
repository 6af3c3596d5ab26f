// The lock book of one class of a run. Whichever comes first decides a lock: Acquired (or Withdrawn), or Aborted. An
// event may be about many locks that were decided together.
import type { DomainEvent } from '../kernel/event.ts';
import type { WaitlistPriority } from '../waitlist-priorities/priority.ts';
import type { Leg, LockPlan } from './plan.ts';

/** Starts a new owner's epoch. From here on, holds of earlier epochs without a commit record are void. */
export type BookOpened = DomainEvent<'BookOpened', { readonly owner: string; readonly epoch: number }>;
/** The commit record of each of these locks, decided together in this order: its order has the seats of the plan. */
export type SeatLocksAcquired = DomainEvent<'SeatLocksAcquired', { readonly locks: readonly AcquiredLock[] }, 2>;
export type AcquiredLock = { readonly lockId: string; readonly plan: LockPlan };
export type SeatLockAborted = DomainEvent<'SeatLockAborted', { readonly lockId: string; readonly reason: string }>;
export type SeatLocksConfirmed = DomainEvent<'SeatLocksConfirmed', { readonly locks: readonly NamedLock[] }, 2>;
export type SeatLocksReleased = DomainEvent<
  'SeatLocksReleased',
  { readonly locks: readonly (NamedLock & { readonly reason: string })[] },
  2
>;
export type SeatLocksExpired = DomainEvent<'SeatLocksExpired', { readonly locks: readonly NamedLock[] }, 2>;
export type NamedLock = { readonly lockId: string };

/**
 * The commit record of a lock that no traveller holds: an operator has taken these seats out of sale. Where places are
 * sold by count, the plan holds as many of them, and `seats` says which seats are meant. `coach`: its number, where the
 * whole coach goes by a change of the composition, until another change brings it back.
 */
export type SeatsWithdrawn = DomainEvent<
  'SeatsWithdrawn',
  {
    readonly lockId: string;
    readonly plan: LockPlan;
    readonly reason: string;
    readonly seats?: readonly Leg[];
    readonly coach?: string;
  },
  2
>;
/**
 * Some travellers of a confirmed lock gave their seats back; the others keep theirs. Travellers are counted from 0, as in
 * the lock's plan, which stays what it was.
 */
export type SeatsGivenBack = DomainEvent<
  'SeatsGivenBack',
  { readonly lockId: string; readonly travellers: readonly number[] }
>;
/** The withdrawn seats are on sale again. */
export type SeatsReturned = DomainEvent<'SeatsReturned', { readonly lockId: string }>;
/** Nothing more is sold from this book. Existing locks can still be confirmed and released. */
export type BookClosed = DomainEvent<'BookClosed', { readonly reason: BookCloseReason }>;
/**
 * Late assignment: the seats of locks that were sold by count. The holds on the segments do not change. A class with
 * many locks needs several of these events.
 */
export type SeatsAssigned = DomainEvent<
  'SeatsAssigned',
  { readonly seats: readonly { readonly lockId: string; readonly legs: readonly Leg[] }[] }
>;
/**
 * These wait for seats of the class that come free, in the order of `since`, when they were submitted, and of `priority`
 * where there is one (`compare` in waiting.ts). Whoever waits is served before the public: their lock, in the name of the
 * order that the request becomes, is decided together with what frees the seats. `revision`: of the request's stream, which does not change before it is served or over.
 */
export type WaitingJoined = DomainEvent<'WaitingJoined', { readonly waiting: readonly JoinedWaiting[] }>;
export type JoinedWaiting = {
  readonly waitlistNo: string;
  /** The choice of the request, from 0, that this is. */
  readonly choice: number;
  readonly from: number;
  readonly to: number;
  /** What each traveller would like; as many as there are travellers. */
  readonly wants: readonly (string | null)[];
  /** RFC 3339. */
  readonly since: string;
  /** That of the request; absent where only the time counts. */
  readonly priority?: WaitlistPriority;
  /** Nothing is given out to it after this instant, RFC 3339. */
  readonly until: string;
  readonly revision: number;
};
/** These wait no more: they were served elsewhere, or are over. */
export type WaitingLeft = DomainEvent<'WaitingLeft', { readonly waiting: readonly { readonly waitlistNo: string }[] }>;
/** Why a book was closed: the run was cancelled, or its seats have been given out by name (late assignment). */
export type BookCloseReason = 'RUN_CANCELLED' | 'SEATS_ASSIGNED';

export type SeatLockEvent =
  | BookOpened
  | SeatsWithdrawn
  | SeatsReturned
  | BookClosed
  | WaitingJoined
  | WaitingLeft
  | SeatsAssigned
  | SeatLocksAcquired
  | SeatLockAborted
  | SeatLocksConfirmed
  | SeatLocksReleased
  | SeatsGivenBack
  | SeatLocksExpired;

/**
 * The locks whose commit record the event is. A commit record and an abort of the same lock exclude each other; the
 * first one counts.
 */
export const commitsOf = (event: SeatLockEvent): readonly AcquiredLock[] => {
  if (event.type === 'SeatLocksAcquired') return event.data.locks;
  return event.type === 'SeatsWithdrawn' ? [event.data] : [];
};
