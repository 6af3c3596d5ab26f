// Late assignment: gives seats to the places that were sold by count, once nothing more of the class is sold.

import type { Leg, LockPlan } from '../seat-lock/plan.ts';
import { emptyOccupancy, type Occupancy, occupy } from './bitmap.ts';
import { counted, type LegsRequest, seated } from './choose-legs.ts';
import { bestFit } from './choose-seats.ts';
import { parseWant, type SeatLayout } from './layout.ts';

/** A lock whose plan was sold by count. Each passenger needs a seat from the first leg to the last. */
export type CountedLock = { readonly lockId: string; readonly plan: LockPlan };

const wholeSeats = seated(bestFit);
const anySeats = counted();

const journeyOf = ({ legs }: LockPlan): { readonly from: number; readonly to: number } => ({
  from: legs[0]?.from ?? 0,
  to: legs.at(-1)?.to ?? 0,
});

/**
 * Gives every lock seats. Locks are taken in the order of boarding, larger parties first. In that order a seat that is
 * free where a traveller boards is free for the rest of the way. So nobody has to change seats, as long as no segment
 * was sold beyond its seats. Only a seat in `taken` (withdrawn on a part of the way) can make a change necessary.
 */
export const assignSeats = (
  layout: SeatLayout,
  segments: number,
  taken: readonly { readonly legs: readonly Leg[] }[],
  locks: readonly CountedLock[],
): readonly { readonly lockId: string; readonly legs: readonly Leg[] }[] => {
  const occupancy: Occupancy = emptyOccupancy(segments, layout.size);
  for (const { legs } of taken) for (const { from, to, seats } of legs) occupy(occupancy, from, to, seats);
  const size = ({ plan }: CountedLock): number => plan.legs[0]?.seats.length ?? 0;
  const order = [...locks].sort(
    (a, b) => journeyOf(a.plan).from - journeyOf(b.plan).from || size(b) - size(a) || (a.lockId < b.lockId ? -1 : 1),
  );
  return order.map((lock) => {
    const { lockId, plan } = lock;
    const wants = Array.from({ length: size(lock) }, (_, index) => parseWant(plan.wants?.[index] ?? undefined));
    const request: LegsRequest = { ...journeyOf(plan), wants, acceptSeatChange: true };
    const legs = wholeSeats(layout, occupancy, request) ?? anySeats(layout, occupancy, request);
    if (legs === undefined) throw new Error(`more places were sold than there are seats: ${lockId} has none`);
    for (const { from, to, seats } of legs) occupy(occupancy, from, to, seats);
    return { lockId, legs };
  });
};
