import { category, remembered } from '../kernel/category.ts';
import { type ClassId, className, parseClassName } from '../train-run/stream.ts';
import type { SeatLockEvent } from './events.ts';
import { evolve, type LockBook, unopenedBook } from './fold.ts';

/** One lock book for each class of a run. */
export const lockBookCategory = category<ClassId, LockBook, SeatLockEvent>({
  name: 'seatLock',
  nameOf: className,
  parse: remembered(parseClassName),
  initial: unopenedBook,
  evolve,
  versions: {
    BookOpened: 1,
    SeatsWithdrawn: 2,
    SeatsReturned: 1,
    BookClosed: 1,
    WaitingJoined: 1,
    WaitingLeft: 1,
    SeatsAssigned: 1,
    SeatLocksAcquired: 2,
    SeatLockAborted: 1,
    SeatLocksConfirmed: 2,
    SeatLocksReleased: 2,
    SeatsGivenBack: 1,
    SeatLocksExpired: 2,
  },
});

/**
 * Names one attempt to lock seats for an order; `attempt` counts from 1. The epoch is part of the id, so two owners who
 * try the same order never mistake the other's hold for their own. The book decides which of them gets it.
 */
export const lockIdOf = (orderNo: string, epoch: number, attempt: number): string => `${orderNo}.${epoch}.${attempt}`;

/** The order, or the operator's withdrawal, that the lock is for. */
export const orderNoOfLock = (lockId: string): string => lockId.split('.').slice(0, -2).join('.');

/** The owner's epoch in which the seats were chosen; 0, which is before any, for a text that is no id of a lock. */
export const epochOfLock = (lockId: string): number => {
  const epoch = Number(lockId.split('.').at(-2));
  return Number.isInteger(epoch) ? epoch : 0;
};
