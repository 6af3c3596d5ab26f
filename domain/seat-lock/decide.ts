// The life of a lock: acquired or aborted, then confirmed, released or expired; never back.
import { type Decision, emit, refuse, unchanged } from '../kernel/decision.ts';
import type { SeatLockEvent } from './events.ts';
import type { LockBook } from './fold.ts';
import type { LockPlan } from './plan.ts';

export type SeatLockCommand =
  | { readonly type: 'OpenBook'; readonly owner: string }
  | { readonly type: 'Acquire'; readonly lockId: string; readonly plan: LockPlan }
  | { readonly type: 'Abort'; readonly lockId: string; readonly reason: string }
  | { readonly type: 'Confirm'; readonly lockId: string }
  | { readonly type: 'Release'; readonly lockId: string; readonly reason: string }
  | { readonly type: 'Expire'; readonly lockId: string };

export type SeatLockRefusal = 'LOCK_DECIDED' | 'LOCK_NOT_HELD' | 'EPOCH_OVER';

export const decide = (book: LockBook, command: SeatLockCommand): Decision<SeatLockEvent, SeatLockRefusal> => {
  if (command.type === 'OpenBook')
    return emit({ type: 'BookOpened', version: 1, data: { owner: command.owner, epoch: book.epoch + 1 } });
  const { lockId } = command;
  const status = book.locks.get(lockId)?.status;
  switch (command.type) {
    case 'Acquire':
      if (status !== undefined || book.lockOf.has(command.plan.orderNo))
        return refuse('LOCK_DECIDED', `order ${command.plan.orderNo} has a lock, or ${lockId} is ${status}`);
      if (command.plan.epoch !== book.epoch) return refuse('EPOCH_OVER', `the book is in epoch ${book.epoch}`);
      return emit({ type: 'SeatLockAcquired', version: 1, data: { lockId, plan: command.plan } });
    case 'Abort':
      if (status === 'aborted') return unchanged;
      if (status !== undefined) return refuse('LOCK_DECIDED', `${lockId} is ${status}`);
      return emit({ type: 'SeatLockAborted', version: 1, data: { lockId, reason: command.reason } });
    case 'Confirm':
      if (status === 'confirmed') return unchanged;
      if (status !== 'acquired') return refuse('LOCK_NOT_HELD', `${lockId} is ${status ?? 'unknown'}`);
      return emit({ type: 'SeatLockConfirmed', version: 1, data: { lockId } });
    case 'Release':
      if (status === 'released' || status === 'expired') return unchanged;
      if (status !== 'acquired' && status !== 'confirmed')
        return refuse('LOCK_NOT_HELD', `${lockId} is ${status ?? 'unknown'}`);
      return emit({ type: 'SeatLockReleased', version: 1, data: { lockId, reason: command.reason } });
    case 'Expire':
      if (status === 'released' || status === 'expired') return unchanged;
      if (status !== 'acquired') return refuse('LOCK_NOT_HELD', `${lockId} is ${status ?? 'unknown'}`);
      return emit({ type: 'SeatLockExpired', version: 1, data: { lockId } });
  }
};
