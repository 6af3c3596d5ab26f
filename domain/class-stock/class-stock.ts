// The stock of one class of a run, folded from its segment streams and its lock book: what a seat decision looks at.
import { emptyOccupancy, grown, type Occupancy, occupySegment, vacateSegment } from '../allocation/bitmap.ts';
import { layoutOf, type SeatLayout } from '../allocation/layout.ts';
import type { SeatLockEvent } from '../seat-lock/events.ts';
import { evolve as evolveBook, type LockBook, occupies, unopenedBook } from '../seat-lock/fold.ts';
import { segmentsOf } from '../seat-lock/plan.ts';
import type { SegmentInventoryEvent } from '../segment-inventory/events.ts';
import {
  evolve as evolveSegment,
  type SegmentHold,
  type SegmentInventory,
  unopenedSegment,
} from '../segment-inventory/fold.ts';
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

/** Classes of the same seats share their layout: it never changes, and decisions on it never overlap. */
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

/** Coaches were added: `seats` are those there were, in their order, and the new ones. */
export const extendStock = (stock: ClassStock, seats: readonly Seat[]): void => {
  if (seats.length <= stock.layout.size) return;
  stock.seats = seats;
  stock.layout = sharedLayout(seats);
  stock.occupancy = grown(stock.occupancy, seats.length);
};

/** Has the log seats that this stock does not know the places of? Then nothing can be chosen before `extendStock`. */
export const isOutgrown = ({ layout, occupancy }: ClassStock): boolean => layout.size < occupancy.seats;

export const segmentAt = (stock: ClassStock, seq: number): SegmentInventory => {
  const segment = stock.segments[seq];
  if (segment === undefined) throw new RangeError(`no segment ${seq}`);
  return segment;
};

/** Applies what a segment's stream says; the bitmaps follow. From its first contradiction on they stand still. */
export const applyToSegment = (stock: ClassStock, seq: number, event: SegmentInventoryEvent): void => {
  const segment = segmentAt(stock, seq);
  const released = event.type === 'SeatsReleased' ? segment.holds.get(event.data.lockId)?.seats : undefined;
  evolveSegment(segment, event);
  if (segment.contradiction !== undefined) return;
  if (segment.seats > stock.occupancy.seats) stock.occupancy = grown(stock.occupancy, segment.seats);
  if (event.type === 'SeatsHeld') occupySegment(stock.occupancy, seq, event.data.seats);
  if (released !== undefined) vacateSegment(stock.occupancy, seq, released);
};

/** What a segment was like before an event: its number of seats (-1: not open), and the hold that a release removed. */
export type SegmentBefore = { readonly seats: number; readonly released: SegmentHold | undefined };

export const beforeOnSegment = (stock: ClassStock, seq: number, event: SegmentInventoryEvent): SegmentBefore => {
  const segment = segmentAt(stock, seq);
  const released = event.type === 'SeatsReleased' ? segment.holds.get(event.data.lockId) : undefined;
  return { seats: segment.seats, released };
};

/** Takes back an event that was applied but never written; newest first. */
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
    case 'SeatsHeld': {
      const { lockId, seats } = event.data;
      segment.holds.delete(lockId);
      for (const seat of seats) segment.holderOf.delete(seat);
      vacateSegment(stock.occupancy, seq, seats);
      return;
    }
    case 'SeatsReleased': {
      const { lockId, seats } = event.data;
      if (before.released === undefined) throw new Error(`the hold that ${lockId} released is not known`);
      segment.holds.set(lockId, before.released);
      for (const seat of seats) segment.holderOf.set(seat, lockId);
      occupySegment(stock.occupancy, seq, seats);
      return;
    }
  }
};

export const applyToBook = (stock: ClassStock, event: SeatLockEvent): void => {
  stock.book = evolveBook(stock.book, event);
};

/** The first contradiction in any segment: the run's log is damaged and must not be sold from. */
export const contradictionOf = (stock: ClassStock): string | undefined => {
  for (const [seq, segment] of stock.segments.entries())
    if (segment.contradiction !== undefined) return `segment ${seq}: ${segment.contradiction}`;
  return undefined;
};

/**
 * What recovery must mend: holds that no lock stands behind. `toAbort`: never committed, and of an epoch that is over
 * (every epoch before `epoch`). `toRelease`: decided in the book, but still occupying these segments.
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
      if (occupies(lock)) continue;
      if (lock === undefined && hold.plan.epoch >= epoch) continue;
      if (lock === undefined) toAbort.add(lockId);
      const segments = toRelease.get(lockId) ?? [];
      segments.push(seq);
      toRelease.set(lockId, segments);
    }
  return { toAbort: [...toAbort], toRelease };
};

/** Is every lock whole: all its segments held by it, and nothing else held? Names the first that is not. */
export const brokenLock = (stock: ClassStock): string | undefined => {
  for (const [lockId, lock] of stock.book.locks) {
    if (!occupies(lock) || lock.plan === undefined) continue;
    for (const seq of segmentsOf(lock.plan))
      if (!stock.segments[seq]?.holds.has(lockId)) return `${lockId} does not hold segment ${seq}`;
  }
  for (const [seq, segment] of stock.segments.entries())
    for (const lockId of segment.holds.keys())
      if (!occupies(stock.book.locks.get(lockId))) return `${lockId} occupies segment ${seq} without a lock`;
  return undefined;
};

/** No seat may be given out to two of those who bought by count. Names the first that is. */
export const assignedTwice = ({ book }: ClassStock): string | undefined => {
  const holderOf = new Map<string, string>();
  for (const [lockId, lock] of book.locks) {
    if (!occupies(lock)) continue;
    for (const { from, to, seats } of lock.assigned ?? [])
      for (let seq = from; seq < to; seq += 1)
        for (const seat of seats) {
          const other = holderOf.get(`${seq}/${seat}`);
          if (other !== undefined) return `seat ${seat} on segment ${seq} is assigned to ${other} and ${lockId}`;
          holderOf.set(`${seq}/${seat}`, lockId);
        }
  }
  return undefined;
};
