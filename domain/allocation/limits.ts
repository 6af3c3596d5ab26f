// Limits on a sale while seats are still free: quotas keep seats for some journeys, bid prices refuse low fares.

import { accept, type Result, refuse } from '../kernel/decision.ts';
import type { Fen } from '../kernel/money.ts';
import { assertJourney, freeCount, type Occupancy } from './bitmap.ts';

/**
 * Keeps the last `seats` free seats of each segment in [fromSeq, toSeq). `covering` keeps them for journeys that cover
 * all of it; `boarding`, a station's own quota, for journeys that begin at `fromSeq`. Stops count from 0.
 */
export type Quota = {
  readonly fromSeq: number;
  readonly toSeq: number;
  readonly seats: number;
  readonly keptFor?: 'covering' | 'boarding';
};

/** For each segment the value of one seat, in fen. A fare must reach the sum over its journey. */
export type BidPrices = readonly Fen[];

/** Segments [from, to). */
type Journey = { readonly from: number; readonly to: number };

/**
 * Does one rule allow this journey for so many passengers? Pure; says nothing about whether seats are free. Monotonic:
 * what is allowed for some passengers is allowed for fewer.
 */
export type Limit = (occupancy: Occupancy, journey: Journey, passengers: number) => boolean;

/** Does every quota that this journey may not use stay whole when `passengers` seats are sold? */
export const allowedByQuota = (
  occupancy: Occupancy,
  quotas: readonly Quota[],
  { from, to }: Journey,
  passengers: number,
): boolean => {
  assertJourney(occupancy, from, to);
  return quotas.every(({ fromSeq, toSeq, seats, keptFor = 'covering' }) => {
    if (keptFor === 'covering' ? from <= fromSeq && to >= toSeq : from === fromSeq) return true;
    for (let segment = Math.max(from, fromSeq); segment < Math.min(to, toSeq); segment += 1)
      if (freeCount(occupancy, segment, segment + 1) - passengers < seats) return false;
    return true;
  });
};

/** Does the fare of one passenger reach the sum of the bid prices of the journey's segments? */
export const allowedByBidPrice = (prices: BidPrices, { from, to }: Journey, fareFen: Fen): boolean => {
  let sum = 0;
  for (let segment = from; segment < to; segment += 1) sum += prices[segment] ?? 0;
  return fareFen >= sum;
};

export const quotaLimit =
  (quotas: readonly Quota[]): Limit =>
  (occupancy, journey, passengers) =>
    allowedByQuota(occupancy, quotas, journey, passengers);

/** `fareOf` is the fare of one passenger for a journey. */
export const bidPriceLimit =
  (prices: BidPrices, fareOf: (from: number, to: number) => Fen): Limit =>
  (_, journey) =>
    allowedByBidPrice(prices, journey, fareOf(journey.from, journey.to));

/** The greatest number of passengers, `most` at the most, for whom every limit allows this journey (binary search). */
export const mostAllowed = (occupancy: Occupancy, limits: readonly Limit[], journey: Journey, most: number): number => {
  let allowed = 0;
  let refused = most + 1;
  while (refused - allowed > 1) {
    const passengers = (allowed + refused) >>> 1;
    if (limits.every((allows) => allows(occupancy, journey, passengers))) allowed = passengers;
    else refused = passengers;
  }
  return allowed;
};

const isCount = (value: number): boolean => Number.isSafeInteger(value) && value >= 0;

/** Checks an operator's quotas: each must lie on the route and keep back no more seats than the class has. */
export const validateQuotas = (
  quotas: readonly Quota[],
  route: { readonly segments: number; readonly seats: number },
): Result<readonly Quota[], 'QUOTA_INVALID'> => {
  const invalid = (index: number, reason: string) => refuse('QUOTA_INVALID', `quota ${index}: ${reason}`, { index });
  for (const [index, { fromSeq, toSeq, seats }] of quotas.entries()) {
    if (!isCount(fromSeq) || !isCount(toSeq) || fromSeq >= toSeq || toSeq > route.segments)
      return invalid(index, `stops ${fromSeq} to ${toSeq} are not a part of a route of ${route.segments} segments`);
    if (!isCount(seats) || seats > route.seats)
      return invalid(index, `${seats} of ${route.seats} seats cannot be kept back`);
  }
  return accept(quotas);
};
