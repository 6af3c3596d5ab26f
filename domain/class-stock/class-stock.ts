// The stock of one class of a run, folded from its segment streams and its lock book. Seat decisions are taken on it.
import { emptyOccupancy, grown, type Occupancy, occupySegment, vacateSegment } from '../allocation/bitmap.ts';
import { layoutOf, type SeatLayout } from '../allocation/layout.ts';
import type { SeatLockEvent } from '../seat-lock/events.ts';
import {
  evolve as evolveBook,
  keptOnSegment,
  type LockBook,
  occupies,
  type SeatLock,
  unopenedBook,
} from '../seat-lock/fold.ts';
import { segmentsOf } from '../seat-lock/plan.ts';
import { epochOfLock } from '../seat-lock/stream.ts';
import type { SeatHold, SegmentInventoryEvent } from '../segment-inventory/events.ts';
import { evolve as evolveSegment, restore, type SegmentInventory, unopenedSegment } from '../segment-inventory/fold.ts';
import type { Seat } from '../train-run/composition.ts';

/** `seats`, `layout` and `occupancy` grow together when coaches are added; see `extendStock`. */
export type ClassStock = {
  seats: readonly Seat[];
  layout: SeatLayout;
  readonly segments: SegmentInventory[];
  occupancy: Occupancy;
  book: LockBook;
};

const layouts = new WeakMap<readonly Seat[], SeatLayout>();

/** Classes with the same seats share one layout. It never changes, and no two decisions run at the same time. */
const sharedLayout = (seats: readonly Seat[]): SeatLayout => {
  const known = layouts.get(seats);
  if (known !== undefined) return known;
  const layout = layoutOf(seats);
  layouts.set(seats, layout);
  return layout;
};

/** A class nobody has bought from yet. A run of n stops has n - 1 segments. */
export const untouchedStock = (seats: readonly Seat[], segments: number): ClassStock => ({
  seats,
  layout: sharedLayout(seats),
  segments: Array.from({ length: segments }, unopenedSegment),
  occupancy: emptyOccupancy(segments, seats.length),
  book: unopenedBook(),
});

/** Takes in added coaches. `seats` are the seats the class had, in the same order, followed by the new ones. */
export const extendStock = (stock: ClassStock, seats: readonly Seat[]): void => {
  if (seats.length <= stock.layout.size) return;
  stock.seats = seats;
  stock.layout = sharedLayout(seats);
  stock.occupancy = grown(stock.occupancy, seats.length);
};

/** Does the log know more seats than the layout? Then no seat can be chosen before `extendStock`. */
export const isOutgrown = ({ layout, occupancy }: ClassStock): boolean => layout.size < occupancy.seats;

export const segmentAt = (stock: ClassStock, seq: number): SegmentInventory => {
  const segment = stock.segments[seq];
  if (segment === undefined) throw new RangeError(`no segment ${seq}`);
  return segment;
};

/** Applies one event of a segment. After a contradiction the segment's bitmap is no longer changed. */
export const applyToSegment = (stock: ClassStock, seq: number, event: SegmentInventoryEvent): void => {
  const segment = segmentAt(stock, seq);
  evolveSegment(segment, event);
  if (segment.contradiction !== undefined) return;
  if (segment.seats > stock.occupancy.seats) stock.occupancy = grown(stock.occupancy, segment.seats);
  if (event.type === 'SeatsHeld') for (const { seats } of event.data.holds) occupySegment(stock.occupancy, seq, seats);
  if (event.type === 'SeatsReleased')
    for (const { seats } of event.data.releases) vacateSegment(stock.occupancy, seq, seats);
};

/** A segment's state before an event: its number of seats (-1: not open), and the holds of which the event released seats. */
export type SegmentBefore = { readonly seats: number; readonly released: readonly (SeatHold | undefined)[] };

const NOTHING_RELEASED: readonly undefined[] = [];

export const beforeOnSegment = (stock: ClassStock, seq: number, event: SegmentInventoryEvent): SegmentBefore => {
  const segment = segmentAt(stock, seq);
  const released =
    event.type === 'SeatsReleased'
      ? event.data.releases.map(({ lockId }) => segment.holds.get(lockId))
      : NOTHING_RELEASED;
  return { seats: segment.seats, released };
};

/** Takes back an event that was applied but not written. Events must be taken back in reverse order. */
export const revertOnSegment = (
  stock: ClassStock,
  seq: number,
  event: SegmentInventoryEvent,
  before: SegmentBefore,
): void => {
  const segment = segmentAt(stock, seq);
  switch (event.type) {
    case 'SegmentOpened':
    case 'SegmentExtended':
      segment.seats = before.seats;
      return;
    case 'SeatsHeld':
      for (const { lockId, seats } of event.data.holds) {
        segment.holds.delete(lockId);
        for (const seat of seats) segment.holderOf.delete(seat);
        vacateSegment(stock.occupancy, seq, seats);
      }
      return;
    case 'SeatsReleased':
      for (const [index, { lockId, seats }] of event.data.releases.entries()) {
        const was = before.released[index];
        if (was === undefined) throw new Error(`the hold that ${lockId} released is not known`);
        restore(segment, was, seats);
        occupySegment(stock.occupancy, seq, seats);
      }
      return;
  }
};

export const applyToBook = (stock: ClassStock, event: SeatLockEvent): void => {
  stock.book = evolveBook(stock.book, event);
};

/** The first contradiction of any segment. With one, the run's log is damaged and nothing may be sold from it. */
export const contradictionOf = (stock: ClassStock): string | undefined => {
  for (const [seq, segment] of stock.segments.entries())
    if (segment.contradiction !== undefined) return `segment ${seq}: ${segment.contradiction}`;
  return undefined;
};

/**
 * The seats that no lock in the book backs; recovery releases them. `toAbort`: locks of an earlier epoch than `epoch`
 * about which the book says nothing. `toRelease`: for each lock, the segments on which it holds more than it has (with
 * those of `toAbort`).
 */
export const leftovers = (
  stock: ClassStock,
  epoch: number,
): { readonly toAbort: readonly string[]; readonly toRelease: ReadonlyMap<string, readonly number[]> } => {
  const toAbort = new Set<string>();
  const toRelease = new Map<string, number[]>();
  for (const [seq, segment] of stock.segments.entries())
    for (const [lockId, hold] of segment.holds) {
      const lock = stock.book.locks.get(lockId);
      if (lock !== undefined && occupies(lock) && unbacked(lock, seq, hold.seats).length === 0) continue;
      if (lock === undefined && epochOfLock(lockId) >= epoch) continue;
      if (lock === undefined) toAbort.add(lockId);
      const segments = toRelease.get(lockId) ?? [];
      segments.push(seq);
      toRelease.set(lockId, segments);
    }
  return { toAbort: [...toAbort], toRelease };
};

/** Held seats that the lock does not have any more: all of them, or those that travellers gave back. */
export const unbacked = (lock: SeatLock | undefined, seq: number, held: readonly number[]): readonly number[] => {
  if (lock === undefined || !occupies(lock)) return held;
  if (lock.gone === undefined) return [];
  const kept = keptOnSegment(lock, seq);
  return held.filter((seat) => !kept.includes(seat));
};

/** Names the first lock that does not hold all its segments, or the first hold without a lock; undefined if none. */
export const brokenLock = (stock: ClassStock): string | undefined => {
  for (const [lockId, lock] of stock.book.locks) {
    if (!occupies(lock) || lock.plan === undefined) continue;
    for (const seq of segmentsOf(lock.plan))
      if (keptOnSegment(lock, seq).length > 0 && !stock.segments[seq]?.holds.has(lockId))
        return `${lockId} does not hold segment ${seq}`;
  }
  for (const [seq, segment] of stock.segments.entries())
    for (const [lockId, { seats }] of segment.holds)
      if (unbacked(stock.book.locks.get(lockId), seq, seats).length > 0)
        return `${lockId} occupies segment ${seq} without a lock`;
  return undefined;
};

/** Names the first seat that late assignment has given to two locks on the same segment; undefined if none. */
export const assignedTwice = ({ book }: ClassStock): string | undefined => {
  const holderOf = new Map<string, string>();
  for (const [lockId, lock] of book.locks) {
    if (!occupies(lock)) continue;
    const { gone = [] } = lock;
    for (const { from, to, seats } of lock.assigned ?? [])
      for (let seq = from; seq < to; seq += 1)
        for (const [traveller, seat] of seats.entries()) {
          if (gone.includes(traveller)) continue;
          const other = holderOf.get(`${seq}/${seat}`);
          if (other !== undefined) return `seat ${seat} on segment ${seq} is assigned to ${other} and ${lockId}`;
          holderOf.set(`${seq}/${seat}`, lockId);
        }
  }
  return undefined;
};
