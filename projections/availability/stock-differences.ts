// How a class as it is shown differs from what the log has of it: in which of its seats, and in what that makes of its
// free, held and sold ones.
import { type Occupancy, wordAt } from '@railhead/domain/allocation/bitmap.ts';
import type { LockPlan } from '@railhead/domain/seat-lock/plan.ts';
import type { ClassId } from '@railhead/domain/train-run/stream.ts';
import type { ClassState, ClassStock, RunState } from './class-state.ts';
import { ShownClass, type StockCount } from './shown-stock.ts';

/** A class and its run, on one side. */
export type Side = { readonly run: RunState | undefined; readonly class: ClassState | undefined };

const MARKS = ['taken', 'sold', 'withdrawn'] as const;

export const isSameRun = (one: RunState | undefined, other: RunState | undefined): boolean =>
  one === undefined || other === undefined
    ? one === other
    : one.segments === other.segments &&
      one.isOver === other.isOver &&
      one.counted.length === other.counted.length &&
      one.counted.every((seatClass) => other.counted.includes(seatClass));

export const isSameClass = (one: ClassState | undefined, other: ClassState | undefined): boolean => {
  if (one === undefined || other === undefined) return one === other;
  if (one.isClosed !== other.isClosed) return false;
  const [a, b] = [one.stock, other.stock];
  if (a === undefined || b === undefined) return a === b;
  return MARKS.every((mark) => isSameBitmap(a[mark], b[mark])) && locksApart(a, b).length === 0;
};

const isSameBitmap = (a: Occupancy, b: Occupancy): boolean =>
  a.seats === b.seats && a.segments === b.segments && a.bits.every((word, index) => word === b.bits[index]);

/**
 * How many seats are shown otherwise than the log has them: free, held, sold, withdrawn, or not there at all. Seats of
 * locks that one side does not know count as well, because they will be shown wrong when the lock is paid. Where one side
 * sells the class and the other does not, all seats count. `size`: the seats of the class by the coaches of its run.
 */
export const seatsOtherwise = (shown: Side, logged: Side, size: number): number => {
  const [a, b] = [shown.class?.stock, logged.class?.stock];
  const seats = Math.max(a?.taken.seats ?? 0, b?.taken.seats ?? 0);
  const all = Math.max(size, seats);
  if (isOffSale(shown) !== isOffSale(logged) || isCountedApart(shown, logged)) return all;
  if (a !== undefined && b !== undefined && a.taken.segments !== b.taken.segments) return all;
  const apart = new Set<number>(a === undefined || b === undefined ? [] : locksApart(a, b));
  for (let seat = 0; seat < seats; seat += 1)
    if (MARKS.some((mark) => isMarkedOtherwise(a?.[mark], b?.[mark], seat))) apart.add(seat);
  // Of a class that is not there nobody says how many seats it has.
  if (a !== undefined && b !== undefined)
    for (let seat = Math.min(a.taken.seats, b.taken.seats); seat < seats; seat += 1) apart.add(seat);
  return logged.run === undefined ? Math.max(seats, apart.size) : apart.size;
};

const isOffSale = ({ run, class: known }: Side): boolean => run?.isOver === true || known?.isClosed === true;

const isCountedApart = ({ run: a }: Side, { run: b }: Side): boolean =>
  [...(a?.counted ?? [])].sort().join() !== [...(b?.counted ?? [])].sort().join() ||
  (a !== undefined && b !== undefined && a.segments !== b.segments);

const isMarkedOtherwise = (a: Occupancy | undefined, b: Occupancy | undefined, seat: number): boolean => {
  const segments = Math.max(a?.segments ?? 0, b?.segments ?? 0);
  for (let segment = 0; segment < segments; segment += 1)
    if (isMarked(a, segment, seat) !== isMarked(b, segment, seat)) return true;
  return false;
};

const isMarked = (occupancy: Occupancy | undefined, segment: number, seat: number): boolean => {
  if (occupancy === undefined || seat >= occupancy.seats || segment >= occupancy.segments) return false;
  const { bits, words } = occupancy;
  return ((wordAt(bits, segment * words + (seat >>> 5)) >>> (seat & 31)) & 1) === 1;
};

/** Seats of locks that only one of the two has, or has otherwise. */
const locksApart = (a: ClassStock, b: ClassStock): readonly number[] => {
  const seats: number[] = [];
  for (const lockId of new Set([...a.pending.keys(), ...b.pending.keys(), ...a.givenBack, ...b.givenBack])) {
    const [one, other] = [a.pending.get(lockId), b.pending.get(lockId)];
    const isSame = textOf(one) === textOf(other) && a.givenBack.has(lockId) === b.givenBack.has(lockId);
    if (!isSame) for (const { seats: ofLeg } of [...(one?.legs ?? []), ...(other?.legs ?? [])]) seats.push(...ofLeg);
  }
  return seats;
};

const textOf = (plan: LockPlan | undefined): string => JSON.stringify(plan ?? null);

/** What is shown of it over the whole way. */
export const countOver = (id: ClassId, { run, class: known }: Side, size: number): StockCount => {
  const stock = known?.stock;
  return new ShownClass(id, run, known).count(size, 0, stock?.taken.segments ?? 1);
};
