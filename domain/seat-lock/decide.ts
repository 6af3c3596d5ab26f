// Decides the life of a lock: acquired or aborted, then confirmed, released or expired; it never goes back. An
// operator's lock is withdrawn, then returned.
import { type Decision, emit, refuse, unchanged } from '../kernel/decision.ts';
import type { BookCloseReason, JoinedWaiting, SeatLockEvent, SeatsAssigned } from './events.ts';
import { type LockBook, occupies, partyOf } from './fold.ts';
import type { Leg, LockPlan } from './plan.ts';

export type SeatLockCommand =
  | { readonly type: 'OpenBook'; readonly owner: string }
  | { readonly type: 'Acquire'; readonly lockId: string; readonly plan: LockPlan }
  | {
      readonly type: 'Withdraw';
      readonly lockId: string;
      readonly plan: LockPlan;
      readonly reason: string;
      readonly seats?: readonly Leg[];
      readonly coach?: string;
    }
  | { readonly type: 'Return'; readonly lockId: string }
  | { readonly type: 'Wait'; readonly waiting: JoinedWaiting }
  | { readonly type: 'StopWaiting'; readonly waitlistNo: string }
  | { readonly type: 'CloseBook'; readonly reason: BookCloseReason }
  | { readonly type: 'AssignSeats'; readonly seats: SeatsAssigned['data']['seats'] }
  | { readonly type: 'Abort'; readonly lockId: string; readonly reason: string }
  | { readonly type: 'Confirm'; readonly lockId: string }
  | { readonly type: 'Release'; readonly lockId: string; readonly reason: string }
  /** Travellers are counted from 0. With the last of them the lock is released. */
  | {
      readonly type: 'GiveBack';
      readonly lockId: string;
      readonly travellers: readonly number[];
      readonly reason: string;
    }
  | { readonly type: 'Expire'; readonly lockId: string };

export type SeatLockRefusal = 'LOCK_DECIDED' | 'LOCK_NOT_HELD' | 'EPOCH_OVER' | 'BOOK_CLOSED' | 'BOOK_OPEN';

export const decide = (book: LockBook, command: SeatLockCommand): Decision<SeatLockEvent, SeatLockRefusal> => {
  if (command.type === 'OpenBook')
    return emit({ type: 'BookOpened', version: 1, data: { owner: command.owner, epoch: book.epoch + 1 } });
  if (command.type === 'CloseBook')
    return book.closed === undefined
      ? emit({ type: 'BookClosed', version: 1, data: { reason: command.reason } })
      : unchanged;
  if (command.type === 'AssignSeats') return assign(book, command.seats);
  if (command.type === 'Wait') return wait(book, command.waiting);
  if (command.type === 'StopWaiting')
    return book.line.waiting.has(command.waitlistNo)
      ? emit({ type: 'WaitingLeft', version: 1, data: { waiting: [{ waitlistNo: command.waitlistNo }] } })
      : unchanged;
  const { lockId } = command;
  const status = book.locks.get(lockId)?.status;
  switch (command.type) {
    case 'Acquire':
    case 'Withdraw':
      if (status !== undefined || book.lockOf.has(command.plan.orderNo))
        return refuse('LOCK_DECIDED', `order ${command.plan.orderNo} has a lock, or ${lockId} is ${status}`);
      if (command.plan.epoch !== book.epoch) return refuse('EPOCH_OVER', `the book is in epoch ${book.epoch}`);
      if (book.closed !== undefined) return refuse('BOOK_CLOSED', `the book was closed: ${book.closed}`);
      if (command.type === 'Withdraw') {
        const { type: _, ...data } = command;
        return emit({ type: 'SeatsWithdrawn', version: 2, data });
      }
      return emit({ type: 'SeatLocksAcquired', version: 2, data: { locks: [{ lockId, plan: command.plan }] } });
    case 'Return':
      if (status === 'returned') return unchanged;
      if (status !== 'withdrawn') return refuse('LOCK_NOT_HELD', `${lockId} is ${status ?? 'unknown'}`);
      return emit({ type: 'SeatsReturned', version: 1, data: { lockId } });
    case 'Abort':
      if (status === 'aborted') return unchanged;
      if (status !== undefined) return refuse('LOCK_DECIDED', `${lockId} is ${status}`);
      return emit({ type: 'SeatLockAborted', version: 1, data: { lockId, reason: command.reason } });
    case 'Confirm':
      if (status === 'confirmed') return unchanged;
      if (status !== 'acquired') return refuse('LOCK_NOT_HELD', `${lockId} is ${status ?? 'unknown'}`);
      return emit({ type: 'SeatLocksConfirmed', version: 2, data: { locks: [{ lockId }] } });
    case 'Release':
      if (status === 'released' || status === 'expired') return unchanged;
      if (status !== 'acquired' && status !== 'confirmed')
        return refuse('LOCK_NOT_HELD', `${lockId} is ${status ?? 'unknown'}`);
      return emit(released(lockId, command.reason));
    case 'GiveBack': {
      const lock = book.locks.get(lockId);
      if (status === 'released') return unchanged;
      if (lock === undefined || status !== 'confirmed')
        return refuse('LOCK_NOT_HELD', `${lockId} is ${status ?? 'unknown'}`);
      const { gone = [] } = lock;
      const party = partyOf(lock);
      const named = [...new Set(command.travellers)];
      const travellers = named.filter((one) => one >= 0 && one < party && !gone.includes(one));
      if (travellers.length === 0) return unchanged;
      return gone.length + travellers.length === party
        ? emit(released(lockId, command.reason))
        : emit({ type: 'SeatsGivenBack', version: 1, data: { lockId, travellers } });
    }
    case 'Expire':
      if (status === 'released' || status === 'expired') return unchanged;
      if (status !== 'acquired') return refuse('LOCK_NOT_HELD', `${lockId} is ${status ?? 'unknown'}`);
      return emit({ type: 'SeatLocksExpired', version: 2, data: { locks: [{ lockId }] } });
  }
};

const wait = (book: LockBook, waiting: JoinedWaiting): Decision<SeatLockEvent, SeatLockRefusal> => {
  const { waitlistNo } = waiting;
  if (book.line.waiting.has(waitlistNo)) return unchanged;
  if (book.closed !== undefined) return refuse('BOOK_CLOSED', `the book was closed: ${book.closed}`);
  if (book.lockOf.has(waitlistNo)) return refuse('LOCK_DECIDED', `${waitlistNo} has a lock`);
  return emit({ type: 'WaitingJoined', version: 1, data: { waiting: [waiting] } });
};

const released = (lockId: string, reason: string): SeatLockEvent => ({
  type: 'SeatLocksReleased',
  version: 2,
  data: { locks: [{ lockId, reason }] },
});

/** Locks in one event. A party's legs take about fifty bytes, and the size of an event is limited. */
const LOCKS_AN_EVENT = 1_000;

/** Allowed only once nothing more is sold. A lock that already has seats keeps them. */
const assign = (book: LockBook, seats: SeatsAssigned['data']['seats']): Decision<SeatLockEvent, SeatLockRefusal> => {
  if (book.closed !== 'SEATS_ASSIGNED') return refuse('BOOK_OPEN', 'seats are assigned when the sale is over');
  const open = seats.filter(({ lockId }) => {
    const lock = book.locks.get(lockId);
    return occupies(lock) && lock?.assigned === undefined;
  });
  const events: SeatLockEvent[] = [];
  for (let start = 0; start < open.length; start += LOCKS_AN_EVENT)
    events.push({ type: 'SeatsAssigned', version: 1, data: { seats: open.slice(start, start + LOCKS_AN_EVENT) } });
  return emit(...events);
};
