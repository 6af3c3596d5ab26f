// Which places an event of the lock book frees.
import type { SeatLockEvent } from './events.ts';
import { type LockBook, occupies, partyOf, type SeatLock } from './fold.ts';

/** What one traveller has: a seat, or several one after another where they change seats on the way. */
export type Place = readonly { readonly from: number; readonly to: number; readonly seat: number }[];

/** `travellers`: whose places they are, counted from 0, as in the lock's plan. `reason`: a code. */
export type FreedPlaces = {
  readonly lockId: string;
  readonly reason: string;
  readonly travellers: readonly number[];
  readonly places: readonly Place[];
};

/**
 * `book` is as it was before the event. A closed book frees nothing: nobody can have its places any more. An aborted lock
 * frees nothing either: the book never said that its places were taken.
 */
export const freedBy = (book: LockBook, event: SeatLockEvent): readonly FreedPlaces[] => {
  if (book.closed !== undefined) return [];
  switch (event.type) {
    case 'SeatLocksReleased':
      return event.data.locks.map(({ lockId, reason }) => freedOf(book, lockId, reason));
    case 'SeatLocksExpired':
      return event.data.locks.map(({ lockId }) => freedOf(book, lockId, 'EXPIRED'));
    case 'SeatsReturned':
      return [freedOf(book, event.data.lockId, 'WITHDRAWAL_LIFTED')];
    case 'SeatsGivenBack':
      return [freedOf(book, event.data.lockId, 'GIVEN_BACK', event.data.travellers)];
    default:
      return [];
  }
};

const freedOf = ({ locks }: LockBook, lockId: string, reason: string, of?: readonly number[]): FreedPlaces => {
  const lock = locks.get(lockId);
  if (lock === undefined || !occupies(lock)) return { lockId, reason, travellers: [], places: [] };
  const travellers = stillThere(lock).filter((one) => of?.includes(one) ?? true);
  return { lockId, reason, travellers, places: travellers.map((one) => placeOf(lock, one)) };
};

const stillThere = (lock: SeatLock): readonly number[] =>
  Array.from({ length: partyOf(lock) }, (_, traveller) => traveller).filter((one) => !lock.gone?.includes(one));

const placeOf = ({ plan }: SeatLock, traveller: number): Place =>
  (plan?.legs ?? []).map(({ from, to, seats }) => ({ from, to, seat: seats[traveller] ?? -1 }));
