// A request for seats: one party, one journey. And the type of a policy that chooses them.
import { assertJourney, type Occupancy } from './bitmap.ts';
import type { SeatLayout, Want } from './layout.ts';

/** A journey [from, to) over stops counted from 0, with one want (or none) for each passenger, 1 to `MAX_PARTY`. */
export type SeatRequest = {
  readonly from: number;
  readonly to: number;
  readonly wants: readonly (Want | undefined)[];
};

/**
 * One seat for each passenger, all different and free over the whole journey; undefined exactly when fewer seats are
 * free than there are passengers. A policy does not change the occupancy: the caller occupies what was chosen.
 */
export type SeatPolicy = (
  layout: SeatLayout,
  occupancy: Occupancy,
  request: SeatRequest,
) => readonly number[] | undefined;

/** The largest party of one request. */
export const MAX_PARTY = 5;

/** Throws unless the request fits this class of this run. */
export const assertRequest = (layout: SeatLayout, occupancy: Occupancy, { from, to, wants }: SeatRequest): void => {
  assertJourney(occupancy, from, to);
  if (layout.size !== occupancy.seats)
    throw new RangeError(`a layout of ${layout.size} seats for ${occupancy.seats} seats`);
  if (wants.length < 1 || wants.length > MAX_PARTY) throw new RangeError(`a party of ${wants.length}`);
};
