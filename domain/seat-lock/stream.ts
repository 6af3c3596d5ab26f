import { category } from '../kernel/category.ts';
import { type ClassId, className, parseClassName } from '../train-run/stream.ts';
import type { SeatLockEvent } from './events.ts';
import { evolve, type LockBook, unopenedBook } from './fold.ts';

/** One lock book a class of a run. */
export const lockBookCategory = category<ClassId, LockBook, SeatLockEvent>({
  name: 'seatLock',
  nameOf: className,
  parse: parseClassName,
  initial: unopenedBook,
  evolve,
  versions: {
    BookOpened: 1,
    SeatsWithdrawn: 1,
    SeatsReturned: 1,
    BookClosed: 1,
    SeatsAssigned: 1,
    SeatLockAcquired: 1,
    SeatLockAborted: 1,
    SeatLockConfirmed: 1,
    SeatLockReleased: 1,
    SeatLockExpired: 1,
  },
});

/**
 * One attempt to lock seats for an order, `attempt` from 1. Each epoch has its own ids, so that two owners who try the
 * same order never take the other's hold for their own; the book says which of them got it.
 */
export const lockIdOf = (orderNo: string, epoch: number, attempt: number): string => `${orderNo}.${epoch}.${attempt}`;
