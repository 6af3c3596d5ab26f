// The policies that best fit is compared with, and the trains for it.

import { layoutOf, type SeatLayout } from '@railhead/domain/allocation/layout.ts';
import type { Limit } from '@railhead/domain/allocation/limits.ts';
import type { SeatPolicy } from '@railhead/domain/allocation/seat-request.ts';
import { type Coach, seatsOfClass } from '@railhead/domain/train-run/composition.ts';

/** Second-class coaches of 17 rows of 3+2, cut off at `seats`. */
export const layoutOfSize = (seats: number): SeatLayout => {
  const coaches = Array.from(
    { length: Math.ceil(seats / 85) },
    (_, index): Coach => ({
      coach: String(index + 1).padStart(2, '0'),
      seatClass: 'second',
      layout: { kind: 'rows', rows: 17, letters: 'ABCDF' },
    }),
  );
  return layoutOf(seatsOfClass(coaches, 'second').slice(0, seats));
};

/** The policy, for requests that pass every limit; the others get no seats. */
export const limitedBy =
  (policy: SeatPolicy, limits: readonly Limit[]): SeatPolicy =>
  (layout, occupancy, request) =>
    limits.every((allows) => allows(occupancy, request, request.wants.length))
      ? policy(layout, occupancy, request)
      : undefined;
