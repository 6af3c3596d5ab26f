// One change of seats, for when no seat is free all the way: one seat up to a stop, another from there.

import type { Occupancy } from './bitmap.ts';
import type { Ranges, SeatLayout } from './layout.ts';
import { seatParty } from './party.ts';
import { assertRequest, type SeatRequest } from './seat-request.ts';

/** Each passenger sits in `first` up to stop `at`, and in `second` (same order) from there. */
export type SeatChange = { readonly at: number; readonly first: readonly number[]; readonly second: readonly number[] };

/** Stops inside the journey, the nearest to its middle first; of two equally near, the later one first. */
const changeStops = (from: number, to: number): readonly number[] => {
  const offCentre = (stop: number) => Math.abs(2 * stop - from - to);
  return Array.from({ length: to - from - 1 }, (_, index) => to - 1 - index).sort(
    (a, b) => offCentre(a) - offCentre(b),
  );
};

const changeWithin = (layout: SeatLayout, occupancy: Occupancy, request: SeatRequest, ranges: Ranges) => {
  for (const at of changeStops(request.from, request.to))
    for (const [index, start] of ranges.starts.entries()) {
      const end = ranges.ends[index] ?? start;
      const first = seatParty(layout, occupancy, { ...request, to: at }, start, end);
      if (first === undefined) continue;
      const second = seatParty(layout, occupancy, { ...request, from: at }, start, end);
      if (second !== undefined) return { at, first, second };
    }
  return undefined;
};

/**
 * Covers a journey by two parts with one change of seats, for the whole party at the same stop; undefined when no stop
 * allows it. Prefers a change within one coach. For use after the seat policy has found nothing.
 */
export const coverWithSeatChange = (
  layout: SeatLayout,
  occupancy: Occupancy,
  request: SeatRequest,
): SeatChange | undefined => {
  assertRequest(layout, occupancy, request);
  return (
    changeWithin(layout, occupancy, request, layout.coaches) ?? changeWithin(layout, occupancy, request, layout.train)
  );
};
