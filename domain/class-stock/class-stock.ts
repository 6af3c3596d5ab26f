// The stock of one class of a run, folded from its segment streams and its lock book: what a seat decision looks at.
import { emptyOccupancy, type Occupancy, occupySegment, vacateSegment } from '../allocation/bitmap.ts';
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

export type ClassStock = {
  readonly seats: readonly Seat[];
  readonly layout: SeatLayout;
  readonly segments: SegmentInventory[];
  readonly occupancy: Occupancy;
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
  if (event.type === 'SeatsHeld') occupySegment(stock.occupancy, seq, event.data.seats);
  if (released !== undefined) vacateSegment(stock.occupancy, seq, released);
};

/**
 * Takes back an event that was applied but never written; newest first. `released` is the hold a release removed.
 */
export const revertOnSegment = (
  stock: ClassStock,
  seq: number,
  event: SegmentInventoryEvent,
  released: SegmentHold | undefined,
): void => {
  const segment = segmentAt(stock, seq);
  const { lockId, seats } = event.type === 'SegmentOpened' ? { lockId: '', seats: [] } : event.data;
  switch (event.type) {
    case 'SegmentOpened':
      segment.seats = -1;
      return;
    case 'SeatsHeld':
      segment.holds.delete(lockId);
      for (const seat of seats) segment.holderOf.delete(seat);
      vacateSegment(stock.occupancy, seq, seats);
      return;
    case 'SeatsReleased':
      if (released === undefined) throw new Error(`the hold that ${lockId} released is not known`);
      segment.holds.set(lockId, released);
      for (const seat of seats) segment.holderOf.set(seat, lockId);
      occupySegment(stock.occupancy, seq, seats);
      return;
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
