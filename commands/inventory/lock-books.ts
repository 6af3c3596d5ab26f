// The lock books of a run as the log has them now: withdrawals, and locks of travellers.

import type { SeatClass } from '@railhead/domain/kernel/seat-class.ts';
import { type LockBook, occupies, type SeatLock } from '@railhead/domain/seat-lock/fold.ts';
import type { Leg } from '@railhead/domain/seat-lock/plan.ts';
import { lockBookCategory } from '@railhead/domain/seat-lock/stream.ts';
import { classSizes } from '@railhead/domain/train-run/composition.ts';
import type { OpenedRun } from '@railhead/domain/train-run/fold.ts';
import type { EventStore } from '../ports/event-store.ts';
import { load } from '../streams/load.ts';

export const readBook = async (
  store: EventStore,
  { train, date }: Pick<OpenedRun, 'train' | 'date'>,
  seatClass: SeatClass,
): Promise<LockBook> => {
  const { state } = await load(store, lockBookCategory, { train, date, seatClass });
  return state;
};

export const classesOf = ({ composition }: Pick<OpenedRun, 'composition'>): readonly SeatClass[] =>
  classSizes(composition).map(({ seatClass }) => seatClass);

/** An operator's withdrawal; `legs` names the seats by index of the class. */
export type Withdrawal = {
  readonly withdrawalNo: string;
  readonly seatClass: SeatClass;
  readonly reason: string;
  readonly legs: readonly Leg[];
  /** The coach that has left the composition by it. */
  readonly coach?: string;
};

/** The withdrawals in force, in the order in which they were made. */
export const withdrawalsOf = async (store: EventStore, run: OpenedRun): Promise<readonly Withdrawal[]> => {
  const found: Withdrawal[] = [];
  for (const seatClass of classesOf(run))
    found.push(...withdrawalsIn(await readBook(store, run, seatClass), seatClass));
  return found;
};

export const withdrawalsIn = ({ locks }: LockBook, seatClass: SeatClass): readonly Withdrawal[] => {
  const found: Withdrawal[] = [];
  for (const { status, plan, assigned, reason = '', coach } of locks.values())
    if (status === 'withdrawn' && plan !== undefined)
      found.push({
        withdrawalNo: plan.orderNo,
        seatClass,
        reason,
        legs: assigned ?? plan.legs,
        ...(coach === undefined ? {} : { coach }),
      });
  return found;
};

/** Locks of travellers that occupy seats. */
export const heldLocks = (book: LockBook): readonly (SeatLock & { readonly plan: NonNullable<SeatLock['plan']> })[] =>
  [...book.locks.values()].flatMap((lock) =>
    occupies(lock) && lock.status !== 'withdrawn' && lock.plan !== undefined ? [{ ...lock, plan: lock.plan }] : [],
  );
