import type { BookCloseReason, NamedLock, SeatLockEvent } from './events.ts';
import { type Leg, type LockPlan, seatsOnSegment, withGone } from './plan.ts';
import { joinLine, leaveLine, newLine, type WaitingLine } from './waiting.ts';

export type LockStatus = 'acquired' | 'aborted' | 'confirmed' | 'released' | 'expired' | 'withdrawn' | 'returned';

/**
 * `plan` is absent for a lock that was aborted before it was acquired. `assigned`: the seats that late assignment gave
 * to a plan sold by count.
 */
export type SeatLock = {
  readonly status: LockStatus;
  readonly plan?: LockPlan;
  readonly assigned?: readonly Leg[];
  /** Travellers of the plan, from 0, who have given their seats back. `assigned` has `NO_SEAT` for those gone before. */
  readonly gone?: readonly number[];
  /** Why seats were withdrawn. */
  readonly reason?: string;
  /** The coach that has left the composition by it. */
  readonly coach?: string;
};

/**
 * `epoch` is 0 and `owner` is empty until an owner opens the book. `lockOf`: the lock of each order, by order number;
 * an order gets at most one, whoever tries. Operators' withdrawals are in it too, by their own number. `line`: who waits
 * for seats that come free.
 */
export type LockBook = {
  owner: string;
  epoch: number;
  closed: BookCloseReason | undefined;
  readonly locks: Map<string, SeatLock>;
  readonly lockOf: Map<string, string>;
  readonly line: WaitingLine;
};

export const unopenedBook = (): LockBook => ({
  owner: '',
  epoch: 0,
  closed: undefined,
  locks: new Map(),
  lockOf: new Map(),
  line: newLine(),
});

/** Does a lock in this state occupy its seats? */
export const occupies = (lock: SeatLock | undefined): boolean =>
  lock?.status === 'acquired' || lock?.status === 'confirmed' || lock?.status === 'withdrawn';

/** The seats that a lock still has on one segment of its plan. */
export const keptOnSegment = ({ plan, gone = [] }: SeatLock, segment: number): readonly number[] => {
  const seats = plan === undefined ? [] : seatsOnSegment(plan, segment);
  return gone.length === 0 ? seats : seats.filter((_, traveller) => !gone.includes(traveller));
};

/** How many travellers the plan is for. */
export const partyOf = ({ plan }: Pick<SeatLock, 'plan'>): number => plan?.legs[0]?.seats.length ?? 0;

const moved = (book: LockBook, locks: readonly NamedLock[], status: LockStatus): LockBook => {
  for (const { lockId } of locks) book.locks.set(lockId, { ...book.locks.get(lockId), status });
  return book;
};

/** Changes the state in place, as the fold of a segment does. */
export const evolve = (book: LockBook, event: SeatLockEvent): LockBook => {
  switch (event.type) {
    case 'BookOpened':
      book.owner = event.data.owner;
      book.epoch = event.data.epoch;
      return book;
    case 'SeatLocksAcquired':
      for (const { lockId, plan } of event.data.locks) {
        book.locks.set(lockId, { status: 'acquired', plan });
        book.lockOf.set(plan.orderNo, lockId);
        leaveLine(book.line, plan.orderNo);
      }
      return book;
    case 'WaitingJoined':
      for (const waiting of event.data.waiting) joinLine(book.line, waiting);
      return book;
    case 'WaitingLeft':
      for (const { waitlistNo } of event.data.waiting) leaveLine(book.line, waitlistNo);
      return book;
    case 'SeatsWithdrawn': {
      const { lockId, plan, reason, seats, coach } = event.data;
      book.locks.set(lockId, {
        status: 'withdrawn',
        plan,
        reason,
        ...(seats === undefined ? {} : { assigned: seats }),
        ...(coach === undefined ? {} : { coach }),
      });
      book.lockOf.set(plan.orderNo, lockId);
      return book;
    }
    case 'SeatsReturned':
      return moved(book, [event.data], 'returned');
    case 'SeatsAssigned':
      for (const { lockId, legs } of event.data.seats) {
        const lock = book.locks.get(lockId);
        book.locks.set(lockId, { status: 'acquired', ...lock, assigned: withGone(legs, lock?.gone ?? []) });
      }
      return book;
    case 'BookClosed':
      book.closed = event.data.reason;
      return book;
    case 'SeatLockAborted':
      return moved(book, [event.data], 'aborted');
    case 'SeatLocksConfirmed':
      return moved(book, event.data.locks, 'confirmed');
    case 'SeatLocksReleased':
      return moved(book, event.data.locks, 'released');
    case 'SeatsGivenBack': {
      const { lockId, travellers } = event.data;
      const lock = book.locks.get(lockId);
      if (lock !== undefined) book.locks.set(lockId, { ...lock, gone: [...(lock.gone ?? []), ...travellers] });
      return book;
    }
    case 'SeatLocksExpired':
      return moved(book, event.data.locks, 'expired');
  }
};
