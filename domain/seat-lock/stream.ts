import type { SeatClass } from '../train-run/composition.ts';

export const LOCK_CATEGORY = 'seatLock';

/** One book per class of a run. */
export const lockBookStream = (train: string, date: string, seatClass: SeatClass): string =>
  `${LOCK_CATEGORY}-${train}_${date}_${seatClass}`;

/**
 * One attempt to lock seats for an order, `attempt` from 1. Each epoch has its own ids, so that two owners who try the
 * same order never take the other's hold for their own; the book says which of them got it.
 */
export const lockIdOf = (orderNo: string, epoch: number, attempt: number): string => `${orderNo}.${epoch}.${attempt}`;
