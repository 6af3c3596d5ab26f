// Refuses a fare that is below the value of its seats to the demand still to come. The values are bid prices, computed
// from a forecast, and computed again as seats are sold and the departure comes near.

import { bestUse } from '@railhead/domain/allocation/best-use.ts';
import { freeCount, type Occupancy } from '@railhead/domain/allocation/bitmap.ts';
import { allowedByBidPrice, type BidPrices, type Limit } from '@railhead/domain/allocation/limits.ts';
import type { ExpectedDemand } from './quota-rules.ts';

/** Forecasts contain fractions of requests, so seats and requests are counted in sixteenths. */
const PARTS = 16;
/** Prices are computed again when this share of the seats has been sold, or this share of the demand is over. */
const STEP = 0.025;
/** The free seats are counted once in so many requests. */
const LOOK_EVERY = 32;

const freeSeats = (occupancy: Occupancy): readonly number[] =>
  Array.from({ length: occupancy.segments }, (_, segment) => freeCount(occupancy, segment, segment + 1));

export class BidPriceControl {
  readonly #demand: readonly ExpectedDemand[];
  readonly #fareOf: (from: number, to: number) => number;
  #prices: BidPrices | undefined;
  #pricedAt = { shareLeft: Number.NaN, free: Number.NaN };
  #asked = 0;

  /** `fareOf` gives the fare of one adult in fen. */
  constructor(demand: readonly ExpectedDemand[], fareOf: (from: number, to: number) => number) {
    this.#demand = demand;
    this.#fareOf = fareOf;
  }

  /** `shareLeft`: the share of the forecast demand that is still to come, 0 to 1. */
  limit(shareLeft: number): Limit {
    return (occupancy, { from, to }) => {
      if (this.#isOld(occupancy, shareLeft)) this.#price(occupancy, shareLeft);
      return allowedByBidPrice(this.#prices ?? [], { from, to }, this.#fareOf(from, to));
    };
  }

  #isOld(occupancy: Occupancy, shareLeft: number): boolean {
    if (this.#prices === undefined || Math.abs(shareLeft - this.#pricedAt.shareLeft) > STEP) return true;
    this.#asked += 1;
    if (this.#asked % LOOK_EVERY !== 0) return false;
    const free = freeSeats(occupancy).reduce((sum, seats) => sum + seats, 0);
    return Math.abs(free - this.#pricedAt.free) > STEP * occupancy.seats * occupancy.segments;
  }

  #price(occupancy: Occupancy, shareLeft: number): void {
    const free = freeSeats(occupancy);
    const demand = this.#demand.map(({ from, to, requests, fareFen }) => ({
      from,
      to,
      worth: fareFen,
      count: Math.round(requests * shareLeft * PARTS),
    }));
    const room = free.map((seats) => seats * PARTS);
    // Without free seats or without demand every price is zero.
    const weigh = room.some((seats) => seats > 0) && demand.some(({ count }) => count > 0);
    this.#prices = weigh ? bestUse(room, demand).prices : [];
    this.#pricedAt = { shareLeft, free: free.reduce((sum, seats) => sum + seats, 0) };
  }
}
