// One class of a run as the log has it: who has which seat, what the book says, and who waits.
import type { SeatClass } from '@railhead/domain/kernel/seat-class.ts';
import type { OrderRequested } from '@railhead/domain/order/events.ts';
import type { JoinedWaiting } from '@railhead/domain/seat-lock/events.ts';
import { type LockPlan, stillTravelling } from '@railhead/domain/seat-lock/plan.ts';
import { Violation } from '../world/violation.ts';
import type { SoldOrder } from './after-sales.ts';
import { keepsQuotas, type QuotaTruth } from './quotas.ts';

/** `gone`: travellers who gave their seats back. */
export type LockTruth = { status: string; readonly plan: LockPlan | undefined; readonly gone?: readonly number[] };

type Request = OrderRequested['data']['request'];

export type OrderTruth = SoldOrder & {
  readonly request: Request;
  readonly requestedMs: number;
  /** The class asked for, or `standing` after that was offered. */
  seatClass: SeatClass;
  faresFen: readonly number[];
  lockId: string;
  paymentNo: string;
  closeReason: string;
  closedMs: number;
  /** At some moment since its request, no seat could have been given. */
  unseatable: boolean;
  /** Seats of its class that every process knew at its request; new coaches are not known everywhere at once. */
  seatsKnown: number;
};

/** One class of a run. `taken[segment]` tells for each seat which lock has it. */
export type ClassTruth = {
  readonly key: string;
  readonly train: string;
  readonly date: string;
  readonly seatClass: string;
  /** Grows when coaches are added; `grown` has the positions. */
  seats: number;
  readonly grown: { readonly position: number; readonly seats: number }[];
  /** Why nothing is sold any more; empty while the class is on sale. */
  closed: string;
  readonly counted: boolean;
  readonly quotas: readonly QuotaTruth[];
  readonly taken: (string | undefined)[][];
  /**
   * Seats that were released on a segment since the book last began locks, and when. Where streams are written one after
   * another, a batch may be refused an order before it releases, and write the release first.
   */
  readonly freed: Map<number, Map<number, number>>;
  /** Places that the book has given away on each segment, whatever the segments say. */
  readonly booked: number[];
  readonly locks: Map<string, LockTruth>;
  readonly queued: Set<OrderTruth>;
  /** Who waits for seats that come free, by number. */
  readonly line: Map<string, JoinedWaiting>;
};

export const isHeld = (lock: LockTruth | undefined): boolean =>
  lock?.status === 'acquired' || lock?.status === 'confirmed' || lock?.status === 'withdrawn';

/** `since`: seats that were released later, in a batch whose locks have not begun yet, count as taken. */
export const freeSeats = (
  { taken, freed, seats: all }: ClassTruth,
  from: number,
  to: number,
  { seats = all, since = Number.POSITIVE_INFINITY } = {},
): number => {
  let free = 0;
  for (let seat = 0; seat < seats; seat += 1) {
    let isFree = true;
    for (let seq = from; seq < to && isFree; seq += 1)
      isFree = taken[seq]?.[seat] === undefined && !((freed.get(seq)?.get(seat) ?? Number.NEGATIVE_INFINITY) > since);
    if (isFree) free += 1;
  }
  return free;
};

export const book = ({ booked }: ClassTruth, { legs }: LockPlan, sign: 1 | -1): void => {
  for (const { from, to, seats } of legs)
    for (let seq = from; seq < to; seq += 1) booked[seq] = (booked[seq] ?? 0) + sign * seats.length;
};

/** The book gives the order in which locks were decided, and with it what was free for each. */
export const assertQuotas = (truth: ClassTruth, lockId: string, { legs }: LockPlan): void => {
  const [from, to] = [legs[0]?.from ?? 0, legs.at(-1)?.to ?? 0];
  if (!keepsQuotas(truth.quotas, from, to, (seq) => truth.seats - (truth.booked[seq] ?? 0)))
    throw new Violation('QUOTA_BROKEN', `${lockId} took seats of ${truth.key} that a quota keeps for others`);
};

const couldBeSeated = (truth: ClassTruth, { request, seatsKnown, requestedMs }: OrderTruth): boolean => {
  const { from, to, passengers, acceptSeatChange } = request;
  const free = (first: number, last: number): number =>
    freeSeats(truth, first, last, { seats: seatsKnown, since: requestedMs });
  const party = passengers.length;
  if (truth.closed !== '') return false;
  if (!keepsQuotas(truth.quotas, from, to, (seq) => free(seq, seq + 1) - party)) return false;
  if (truth.counted) {
    for (let seq = from; seq < to; seq += 1) if (free(seq, seq + 1) < party) return false;
    return true;
  }
  if (free(from, to) >= party) return true;
  if (!acceptSeatChange) return false;
  for (let at = from + 1; at < to; at += 1) if (free(from, at) >= party && free(at, to) >= party) return true;
  return false;
};

export const noteUnseatable = (truth: ClassTruth): void => {
  for (const order of truth.queued) if (!order.unseatable && !couldBeSeated(truth, order)) order.unseatable = true;
};

export const assertWhole = (truth: ClassTruth, lockId: string): void => {
  const lock = truth.locks.get(lockId);
  if (!isHeld(lock) || lock?.plan === undefined) return;
  for (const { from, to, seats } of stillTravelling(lock.plan, lock.gone ?? []).legs)
    for (let seq = from; seq < to; seq += 1)
      for (const seat of seats)
        if (truth.taken[seq]?.[seat] !== lockId)
          throw new Violation('LOCK_NOT_WHOLE', `${lockId} is ${lock.status} and lacks seat ${seat} on segment ${seq}`);
};
