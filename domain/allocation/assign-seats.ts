// Seats by name for places that were sold by count: who sits where once nothing more is sold.

import type { Leg, LockPlan } from '../seat-lock/plan.ts';
import { emptyOccupancy, type Occupancy, occupy } from './bitmap.ts';
import { counted, type LegsRequest, seated } from './choose-legs.ts';
import { bestFit } from './choose-seats.ts';
import { parseWant, type SeatLayout } from './layout.ts';

/** A plan sold by count; it needs seats for its first passenger's journey from the first leg to the last. */
export type CountedLock = { readonly lockId: string; readonly plan: LockPlan };

const wholeSeats = seated(bestFit);
const anySeats = counted();

const journeyOf = ({ legs }: LockPlan): { readonly from: number; readonly to: number } => ({
  from: legs[0]?.from ?? 0,
  to: legs.at(-1)?.to ?? 0,
});

/**
 * Gives every lock seats, in the order of boarding (then of larger parties first). In that order a seat that is free
 * where somebody boards is free for the rest of the way, so as long as no segment was sold beyond its seats, nobody
 * has to change. Only seats that are `taken` on a part of the way (withdrawn there) can make a change necessary.
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
