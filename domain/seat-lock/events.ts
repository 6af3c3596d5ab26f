// The book of a run's locks in one class. Whichever of Acquired (or Withdrawn) and Aborted comes first decides a lock.
import type { DomainEvent } from '../kernel/event.ts';
import type { Leg, LockPlan } from './plan.ts';

/** A new owner begins; from here on holds of earlier epochs without a commit record are void. */
export type BookOpened = DomainEvent<'BookOpened', { readonly owner: string; readonly epoch: number }>;
/** The commit record: the order has these seats. */
export type SeatLockAcquired = DomainEvent<'SeatLockAcquired', { readonly lockId: string; readonly plan: LockPlan }>;
export type SeatLockAborted = DomainEvent<'SeatLockAborted', { readonly lockId: string; readonly reason: string }>;
export type SeatLockConfirmed = DomainEvent<'SeatLockConfirmed', { readonly lockId: string }>;
export type SeatLockReleased = DomainEvent<'SeatLockReleased', { readonly lockId: string; readonly reason: string }>;
export type SeatLockExpired = DomainEvent<'SeatLockExpired', { readonly lockId: string }>;

/**
 * The commit record of a lock that no traveller holds: an operator has taken these seats out of sale. Where places are
 * sold by count, the plan holds as many of them, and `seats` says which seats are meant.
 */
export type SeatsWithdrawn = DomainEvent<
  'SeatsWithdrawn',
  { readonly lockId: string; readonly plan: LockPlan; readonly reason: string; readonly seats?: readonly Leg[] }
>;
/** They are on sale again. */
export type SeatsReturned = DomainEvent<'SeatsReturned', { readonly lockId: string }>;
/** Nothing is sold from this book any more; locks there are can still be confirmed and released. */
export type BookClosed = DomainEvent<'BookClosed', { readonly reason: BookCloseReason }>;
/**
 * Who sits where, for places that were sold by count. What the segments hold stays as it is: as many seats on each.
 * A class of many journeys takes several of these.
 */
export type SeatsAssigned = DomainEvent<
  'SeatsAssigned',
  { readonly seats: readonly { readonly lockId: string; readonly legs: readonly Leg[] }[] }
>;
/** Why a book was closed: the run was cancelled, or its seats have been given out by name (late assignment). */
export type BookCloseReason = 'RUN_CANCELLED' | 'SEATS_ASSIGNED';

export type SeatLockEvent =
  | BookOpened
  | SeatsWithdrawn
  | SeatsReturned
  | BookClosed
  | SeatsAssigned
  | SeatLockAcquired
  | SeatLockAborted
  | SeatLockConfirmed
  | SeatLockReleased
  | SeatLockExpired;
