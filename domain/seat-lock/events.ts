// The book of a run's locks in one class. Whichever of Acquired and Aborted comes first decides a lock.
import type { DomainEvent } from '../kernel/event.ts';
import type { LockPlan } from './plan.ts';

/** A new owner begins; from here on holds of earlier epochs without a commit record are void. */
export type BookOpened = DomainEvent<'BookOpened', { readonly owner: string; readonly epoch: number }>;
/** The commit record: the order has these seats. */
export type SeatLockAcquired = DomainEvent<'SeatLockAcquired', { readonly lockId: string; readonly plan: LockPlan }>;
export type SeatLockAborted = DomainEvent<'SeatLockAborted', { readonly lockId: string; readonly reason: string }>;
export type SeatLockConfirmed = DomainEvent<'SeatLockConfirmed', { readonly lockId: string }>;
export type SeatLockReleased = DomainEvent<'SeatLockReleased', { readonly lockId: string; readonly reason: string }>;
export type SeatLockExpired = DomainEvent<'SeatLockExpired', { readonly lockId: string }>;

export type SeatLockEvent =
  | BookOpened
  | SeatLockAcquired
  | SeatLockAborted
  | SeatLockConfirmed
  | SeatLockReleased
  | SeatLockExpired;
