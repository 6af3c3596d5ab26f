// What the availability model knows of a run and of a class, and how it is kept: as JSON, with bitmaps by what differs
// from empty ones, since most seats are free for long.
import type { Position } from '@railhead/commands/ports/event-store.ts';
import { copy, emptyOccupancy, type Occupancy } from '@railhead/domain/allocation/bitmap.ts';
import type { LockPlan } from '@railhead/domain/seat-lock/plan.ts';

export type RunState = {
  /** Of the last event in it. */
  position: Position;
  readonly segments: number;
  /** Classes with late assignment. As for standing, a traveller needs any place, on each segment perhaps another. */
  readonly counted: readonly string[];
  /** Cancelled, or not understood any more: nothing of it is for sale. */
  isOver: boolean;
};

export type ClassStock = {
  taken: Occupancy;
  sold: Occupancy;
  /** Withdrawn by an operator: neither free nor sold, and not part of the total. */
  withdrawn: Occupancy;
  /** Acquired locks that are not confirmed yet. Confirming them turns their seats into sold ones. */
  readonly pending: Map<string, LockPlan>;
  /**
   * Pending locks whose seats have been released. In one append the segments come before the book, which ends the lock.
   */
  readonly givenBack: Set<string>;
};

export type ClassState = {
  /** Of the last event in it. */
  position: Position;
  /** Undefined before the first segment is opened: every seat is free. */
  stock: ClassStock | undefined;
  /** Nothing is for sale any more: the book is closed, or the log contradicts itself or is not understood. */
  isClosed: boolean;
  /** Not shown until somebody repairs it: too many of its seats were not as the log has them. */
  isWithheld?: true;
};

/** The words of a bitmap that differ from those of an empty one, and the bits in which they do. */
type KeptBits = readonly (readonly [word: number, differs: number])[];

type KeptStock = {
  readonly segments: number;
  readonly seats: number;
  readonly taken: KeptBits;
  readonly sold: KeptBits;
  readonly withdrawn: KeptBits;
  readonly pending: readonly (readonly [lockId: string, plan: LockPlan])[];
  readonly givenBack: readonly string[];
};

type KeptClass = { readonly stock: KeptStock | null; readonly isClosed: boolean; readonly isWithheld?: true };
export type KeptAvailability = { readonly run: Omit<RunState, 'position'> } | { readonly class: KeptClass };

const keptBits = ({ segments, seats, bits }: Occupancy): KeptBits => {
  const empty = emptyOccupancy(segments, seats).bits;
  const differences: [number, number][] = [];
  for (const [word, value] of bits.entries()) {
    const differs = value ^ (empty[word] ?? 0);
    if (differs !== 0) differences.push([word, differs]);
  }
  return differences;
};

const occupancyOf = (segments: number, seats: number, kept: KeptBits): Occupancy => {
  const occupancy = emptyOccupancy(segments, seats);
  for (const [word, differs] of kept) occupancy.bits[word] = (occupancy.bits[word] ?? 0) ^ differs;
  return occupancy;
};

/** A copy that stays as it is. */
export const copyOfClass = ({ stock, ...state }: ClassState): ClassState => {
  if (stock === undefined) return { ...state, stock };
  const { taken, sold, withdrawn, pending, givenBack } = stock;
  const bitmaps = { taken: copy(taken), sold: copy(sold), withdrawn: copy(withdrawn) };
  return { ...state, stock: { ...bitmaps, pending: new Map(pending), givenBack: new Set(givenBack) } };
};

export const keptClass = ({ stock, isClosed, isWithheld }: ClassState): KeptClass => {
  const withheld = isWithheld === true ? { isWithheld } : {};
  if (stock === undefined) return { stock: null, isClosed, ...withheld };
  const { taken, sold, withdrawn, pending, givenBack } = stock;
  return {
    stock: {
      segments: taken.segments,
      seats: taken.seats,
      taken: keptBits(taken),
      sold: keptBits(sold),
      withdrawn: keptBits(withdrawn),
      pending: [...pending],
      givenBack: [...givenBack],
    },
    isClosed,
    ...withheld,
  };
};

export const classOf = ({ stock, isClosed, isWithheld }: KeptClass, position: Position): ClassState => {
  const withheld = isWithheld === true ? { isWithheld } : {};
  if (stock === null) return { position, stock: undefined, isClosed, ...withheld };
  const { segments, seats } = stock;
  return {
    position,
    stock: {
      taken: occupancyOf(segments, seats, stock.taken),
      sold: occupancyOf(segments, seats, stock.sold),
      withdrawn: occupancyOf(segments, seats, stock.withdrawn),
      pending: new Map(stock.pending),
      givenBack: new Set(stock.givenBack),
    },
    isClosed,
    ...withheld,
  };
};
