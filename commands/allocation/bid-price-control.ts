// Sells a seat only for what it is worth to the demand still to come: bid prices of a forecast, worked out anew as the
// seats go and the departure comes near.

import { bestUse } from '@railhead/domain/allocation/best-use.ts';
import { freeCount, type Occupancy } from '@railhead/domain/allocation/bitmap.ts';
import { allowedByBidPrice, type BidPrices, type Limit } from '@railhead/domain/allocation/limits.ts';
import type { ExpectedDemand } from './quota-rules.ts';

/** A forecast has parts of requests; seats and requests are counted in parts of one. */
const PARTS = 16;
/** Prices hold until so much of the seats has been sold, or of the demand has passed. */
const STEP = 0.025;
/** The seats are counted again once in so many requests. */
const LOOK_EVERY = 32;

const freeSeats = (occupancy: Occupancy): readonly number[] =>
  Array.from({ length: occupancy.segments }, (_, segment) => freeCount(occupancy, segment, segment + 1));

export class BidPriceControl {
  readonly #demand: readonly ExpectedDemand[];
  readonly #fareOf: (from: number, to: number) => number;
  #prices: BidPrices | undefined;
  #pricedAt = { shareLeft: Number.NaN, free: Number.NaN };
  #asked = 0;

  /** `fareOf` is the fare of one adult, fen. */
  constructor(demand: readonly ExpectedDemand[], fareOf: (from: number, to: number) => number) {
    this.#demand = demand;
    this.#fareOf = fareOf;
  }

  /** `shareLeft` of the forecast demand is still to come, 0 to 1. */
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
    // Without a free seat, or with nobody to come, there is nothing to weigh.
    const weigh = room.some((seats) => seats > 0) && demand.some(({ count }) => count > 0);
    this.#prices = weigh ? bestUse(room, demand).prices : [];
    this.#pricedAt = { shareLeft, free: free.reduce((sum, seats) => sum + seats, 0) };
  }
}
