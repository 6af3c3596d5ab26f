// What a policy is asked: seats for one party over one journey.
import { assertJourney, type Occupancy } from './bitmap.ts';
import type { SeatLayout, Want } from './layout.ts';

/** A journey [from, to) over stops counted from 0, with one want (or none) for each passenger, 1 to `MAX_PARTY`. */
export type SeatRequest = {
  readonly from: number;
  readonly to: number;
  readonly wants: readonly (Want | undefined)[];
};

/**
 * One seat for each passenger, all different and free over the whole journey; undefined exactly when fewer are
 * free than there are passengers. A policy only reads: the caller occupies what was chosen.
 */
export type SeatPolicy = (
  layout: SeatLayout,
  occupancy: Occupancy,
  request: SeatRequest,
) => readonly number[] | undefined;

/** One request seats at most so many. */
export const MAX_PARTY = 5;

/** Throws unless the request can be put to this class of this run. */
export const assertRequest = (layout: SeatLayout, occupancy: Occupancy, { from, to, wants }: SeatRequest): void => {
  assertJourney(occupancy, from, to);
  if (layout.size !== occupancy.seats)
    throw new RangeError(`a layout of ${layout.size} seats for ${occupancy.seats} seats`);
  if (wants.length < 1 || wants.length > MAX_PARTY) throw new RangeError(`a party of ${wants.length}`);
};
