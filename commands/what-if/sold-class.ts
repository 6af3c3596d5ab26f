// One class of a run as its lock book has it: which orders got seats, and what happened to those.
import type { Recorded } from '@railhead/domain/kernel/event.ts';
import type { Fen } from '@railhead/domain/kernel/money.ts';
import type { SeatClass } from '@railhead/domain/kernel/seat-class.ts';
import type { SeatLockEvent } from '@railhead/domain/seat-lock/events.ts';
import { evolve, type LockBook, partyOf, type SeatLock, unopenedBook } from '@railhead/domain/seat-lock/fold.ts';
import type { Leg } from '@railhead/domain/seat-lock/plan.ts';
import { orderNoOfLock } from '@railhead/domain/seat-lock/stream.ts';
import { DecidedPlaces } from './decided-places.ts';
import { FreedInBatch, type Movable } from './freed-in-batch.ts';
import type { Ask, Inventory, Later, Outcome } from './sold-run.ts';

type Move = Ask | Later | Inventory;

export class SoldClass {
  readonly seatClass: SeatClass;
  readonly places = new DecidedPlaces();
  readonly freed = new FreedInBatch();
  #book: LockBook = unopenedBook();

  constructor(seatClass: SeatClass) {
    this.seatClass = seatClass;
  }

  hasLock(orderNo: string): boolean {
    return lockOf(this.#book, orderNo) !== undefined;
  }

  outcomeOf(orderNo: string, faresFen: readonly Fen[]): Outcome | undefined {
    const lock = lockOf(this.#book, orderNo);
    return lock && outcomeOfLock(lock, this.seatClass, faresFen);
  }

  /** Takes an event of the book in. Returns what it means for the run: one entry for each lock that it is about. */
  add(event: Recorded<SeatLockEvent> & { readonly position: number }): readonly Move[] {
    const moves = this.#movesOf(event);
    this.#book = evolve(this.#book, event);
    if (event.type === 'SeatLocksAcquired')
      this.places.onAcquired(
        event.position,
        event.data.locks.map(({ plan }) => plan.orderNo),
      );
    return moves;
  }

  /** The `index`th move of the event that was added last is this step. */
  place(step: Movable, move: Move, index: number): void {
    switch (move.kind) {
      case 'ask':
        this.freed.take(this.#legsOf(move.orderNo), index);
        return;
      case 'expire':
      case 'release':
      case 'giveBack':
        this.freed.free(step, this.#legsOf(move.orderNo));
        return;
      case 'withdraw':
      case 'close':
        this.freed.keep();
        return;
    }
  }

  #legsOf(orderNo: string): readonly Leg[] {
    return lockOf(this.#book, orderNo)?.plan?.legs ?? [];
  }

  #movesOf(event: SeatLockEvent): readonly Move[] {
    const { seatClass } = this;
    const toStand = seatClass === 'standing';
    switch (event.type) {
      case 'SeatLocksAcquired':
        return event.data.locks.map(({ plan }) => ({ kind: 'ask', orderNo: plan.orderNo, toStand }));
      case 'SeatLocksConfirmed':
        return event.data.locks.map(({ lockId }) => ({ kind: 'confirm', orderNo: orderNoOfLock(lockId) }));
      case 'SeatLocksExpired':
        return event.data.locks.map(({ lockId }) => ({ kind: 'expire', orderNo: orderNoOfLock(lockId) }));
      case 'SeatLocksReleased':
        return event.data.locks.map(({ lockId, reason }) => this.#release(lockId, reason));
      case 'SeatsGivenBack': {
        const { lockId, travellers } = event.data;
        return [{ kind: 'giveBack', orderNo: orderNoOfLock(lockId), travellers }];
      }
      case 'SeatsWithdrawn': {
        const { plan, reason, seats, coach } = event.data;
        const coachToo = coach === undefined ? {} : { coach };
        return [
          { kind: 'withdraw', seatClass, withdrawalNo: plan.orderNo, legs: seats ?? plan.legs, reason, ...coachToo },
        ];
      }
      case 'SeatsReturned':
        return [{ kind: 'return', seatClass, withdrawalNo: orderNoOfLock(event.data.lockId) }];
      case 'BookClosed':
        return [{ kind: 'close', seatClass, reason: event.data.reason }];
      case 'BookOpened':
      case 'WaitingJoined':
      case 'WaitingLeft':
      case 'SeatLockAborted':
      case 'SeatsAssigned':
        return [];
    }
  }

  /** The last travellers of a lock who give their seats back release it. */
  #release(lockId: string, reason: string): Later {
    const orderNo = orderNoOfLock(lockId);
    const lock = this.#book.locks.get(lockId);
    return lock?.status === 'confirmed' && GIVEN_BACK.includes(reason)
      ? { kind: 'giveBack', orderNo, travellers: keptBy(lock) }
      : { kind: 'release', orderNo, reason };
  }
}

const GIVEN_BACK: readonly string[] = ['REFUNDED', 'CHANGED'];

const lockOf = ({ lockOf: idOf, locks }: LockBook, orderNo: string): SeatLock | undefined => {
  const lockId = idOf.get(orderNo);
  return lockId === undefined ? undefined : locks.get(lockId);
};

/** Travellers, from 0, who have not given their seats back. */
const keptBy = (lock: SeatLock): readonly number[] =>
  Array.from({ length: partyOf(lock) }, (_, traveller) => traveller).filter(
    (traveller) => lock.gone?.includes(traveller) !== true,
  );

/** What a lock means for its order; undefined for a lock without seats. */
export const outcomeOfLock = (lock: SeatLock, seatClass: SeatClass, faresFen: readonly Fen[]): Outcome | undefined => {
  const { plan, status } = lock;
  if (plan === undefined) return undefined;
  const { legs } = plan;
  if (status === 'confirmed') return { kind: 'sold', seatClass, legs, faresFen, kept: keptBy(lock) };
  return status === 'acquired'
    ? { kind: 'held', seatClass, legs, faresFen, kept: keptBy(lock) }
    : { kind: 'ended', seatClass, legs, faresFen, kept: [] };
};
