// The cost of deciding one request after another: refusals although seats were free in parts, and seat-km left unsold.

import { assignSeats, type CountedLock } from '@railhead/domain/allocation/assign-seats.ts';
import { bestUse, type OfferedDemand } from '@railhead/domain/allocation/best-use.ts';
import { emptyOccupancy, freeCount, type Occupancy, occupy } from '@railhead/domain/allocation/bitmap.ts';
import { counted } from '@railhead/domain/allocation/choose-legs.ts';
import { bestFit } from '@railhead/domain/allocation/choose-seats.ts';
import { bidPriceLimit, quotaLimit } from '@railhead/domain/allocation/limits.ts';
import { coverWithSeatChange } from '@railhead/domain/allocation/seat-change.ts';
import { firstFit } from '@railhead/domain/allocation/seat-policies.ts';
import type { SeatPolicy } from '@railhead/domain/allocation/seat-request.ts';
import { type DemandedJourney, drawDemand, longestRoutes, type Route } from './allocation-demand.ts';
import { layoutOfSize, limitedBy } from './allocation-policies.ts';
import type { BenchResult } from './benchmark.ts';

const TRAINS = 40;
const SEATS = 600;
const layout = layoutOfSize(SEATS);

type Sale = { readonly refusedInParts: number; readonly soldKm: number };

const freeInParts = (occupancy: Occupancy, from: number, to: number): boolean => {
  for (let segment = from; segment < to; segment += 1)
    if (freeCount(occupancy, segment, segment + 1) === 0) return false;
  return true;
};

const unsold = ({ km }: Route): Occupancy => emptyOccupancy(km.length - 1, SEATS);

/**
 * Sells to one passenger after another; with `change`, offers two seats with one change where there is no other way.
 */
const sell = (occupancy: Occupancy, journeys: readonly DemandedJourney[], policy: SeatPolicy, change = false): Sale => {
  let refusedInParts = 0;
  let soldKm = 0;
  for (const { from, to, km } of journeys) {
    const request = { from, to, wants: [undefined] };
    const seats = policy(layout, occupancy, request);
    if (seats !== undefined) {
      occupy(occupancy, from, to, seats);
      soldKm += km;
      continue;
    }
    if (!freeInParts(occupancy, from, to)) continue;
    const cover = change ? coverWithSeatChange(layout, occupancy, request) : undefined;
    if (cover === undefined) {
      refusedInParts += 1;
      continue;
    }
    occupy(occupancy, from, cover.at, cover.first);
    occupy(occupancy, cover.at, to, cover.second);
    soldKm += km;
  }
  return { refusedInParts, soldKm };
};

/** Sells places by count, assigns the seats at the end, and counts refusals; nobody may be left without a seat. */
const sellByCount = (occupancy: Occupancy, journeys: readonly DemandedJourney[]): number => {
  let refusedInParts = 0;
  const locks: CountedLock[] = [];
  for (const [index, { from, to }] of journeys.entries()) {
    const legs = counted()(layout, occupancy, { from, to, wants: [undefined], acceptSeatChange: false });
    if (legs === undefined) {
      if (freeInParts(occupancy, from, to)) refusedInParts += 1;
      continue;
    }
    for (const leg of legs) occupy(occupancy, leg.from, leg.to, leg.seats);
    locks.push({ lockId: String(index), plan: { orderNo: String(index), epoch: 1, legs } });
  }
  const assigned = assignSeats(layout, occupancy.segments, [], locks);
  if (assigned.some(({ legs }) => legs.length !== 1)) throw new Error('somebody would have to change seats');
  return refusedInParts;
};

const shortFirst = (journeys: readonly DemandedJourney[]): readonly DemandedJourney[] =>
  journeys.toSorted((a, b) => a.km - b.km);

/** Demand as large as the train: requests refused although each segment had a free seat, of all requests. */
export function* refusedThoughFree(dataDir: string | undefined): Generator<BenchResult> {
  const drawn = longestRoutes(dataDir, TRAINS).map((route, index) => ({
    route,
    journeys: drawDemand(route, SEATS, 1, index + 1),
  }));
  const requests = drawn.reduce((sum, { journeys }) => sum + journeys.length, 0);
  for (const order of ['random order', 'short journeys first'] as const) {
    const refusedBy = (policy: SeatPolicy, change: boolean): number => {
      const refused = drawn.reduce((sum, { route, journeys }) => {
        const inOrder = order === 'random order' ? journeys : shortFirst(journeys);
        return sum + sell(unsold(route), inOrder, policy, change).refusedInParts;
      }, 0);
      return (100 * refused) / requests;
    };
    const value = refusedBy(bestFit, false);
    const byCount = drawn.reduce((sum, { route, journeys }) => {
      const inOrder = order === 'random order' ? journeys : shortFirst(journeys);
      return sum + sellByCount(unsold(route), inOrder);
    }, 0);
    const first = refusedBy(firstFit, false);
    yield {
      name: `refused though free in parts, ${order}`,
      value,
      unit: '% of requests',
      references: [{ name: 'first fit', value: first, ratio: value / first }],
      details: {
        trains: TRAINS,
        seats: SEATS,
        load: 1,
        requests,
        routes: dataDir === undefined ? 'synthetic' : 'real',
        withOneSeatChange: refusedBy(bestFit, true),
      },
    };
    const counting = (100 * byCount) / requests;
    yield {
      name: `refused though free in parts, ${order}, seats given out before departure`,
      value: counting,
      unit: '% of requests',
      references: [{ name: 'best fit, seats given at once', value, ratio: counting / value }],
      details: { trains: TRAINS, seats: SEATS, load: 1, requests },
    };
  }
}

const offered = (journeys: readonly DemandedJourney[]): readonly OfferedDemand[] => {
  const counts = new Map<string, OfferedDemand>();
  for (const { from, to, km } of journeys) {
    const key = `${from}/${to}`;
    counts.set(key, { from, to, worth: km, count: (counts.get(key)?.count ?? 0) + 1 });
  }
  return [...counts.values()];
};

const LOAD = 1.2;
const REFRESHES = 40;
/** A forecast contains fractions of requests and the optimum needs whole ones, so both are counted in sixteenths. */
const PARTS = 16;

type Seller = (route: Route, journeys: readonly DemandedJourney[], forecast: readonly OfferedDemand[]) => number;

const sellBy =
  (policyOf: (route: Route) => SeatPolicy): Seller =>
  (route, journeys) =>
    sell(unsold(route), journeys, policyOf(route)).soldKm;

/** A quota of a tenth of the seats for journeys that cover the whole middle half of the route. */
const middleQuota = ({ km }: Route) => ({
  fromSeq: Math.floor((km.length - 1) / 4),
  toSeq: Math.ceil(((km.length - 1) * 3) / 4),
  seats: SEATS / 10,
});

/** Computes prices again during the sale: what the free seats would earn from the demand still forecast. */
const sellByBidPrice: Seller = ({ km }, journeys, forecast) => {
  const occupancy = emptyOccupancy(km.length - 1, SEATS);
  const portion = Math.ceil(journeys.length / REFRESHES);
  let soldKm = 0;
  for (let done = 0; done < journeys.length; done += portion) {
    const left = 1 - done / journeys.length;
    const free = Array.from(
      { length: km.length - 1 },
      (_, segment) => freeCount(occupancy, segment, segment + 1) * PARTS,
    );
    const expected = forecast.map((demand) => ({ ...demand, count: Math.round(demand.count * left * PARTS) }));
    const { prices } = bestUse(free, expected);
    const limit = bidPriceLimit(prices, (from, to) => (km[to] ?? 0) - (km[from] ?? 0));
    soldKm += sell(occupancy, journeys.slice(done, done + portion), limitedBy(bestFit, [limit])).soldKm;
  }
  return soldKm;
};

const SELLERS: Readonly<Record<string, Seller>> = {
  'best fit': sellBy(() => bestFit),
  'best fit, bid prices of a forecast': sellByBidPrice,
  'best fit, quota for long journeys': sellBy((route) => limitedBy(bestFit, [quotaLimit([middleQuota(route)])])),
  'first fit': sellBy(() => firstFit),
};

/** Demand a fifth larger than the train: seat-km sold as a share of the optimum with all requests known. */
export function* soldOfOptimum(dataDir: string | undefined): Generator<BenchResult> {
  const sold = new Map<string, number>();
  let optimum = 0;
  for (const [index, route] of longestRoutes(dataDir, TRAINS).entries()) {
    const journeys = drawDemand(route, SEATS, LOAD, index + 1);
    const free = route.km.slice(1).map(() => SEATS);
    optimum += bestUse(free, offered(journeys)).worth;
    const forecast = offered(drawDemand(route, SEATS, LOAD, index + 1_001));
    for (const [name, seller] of Object.entries(SELLERS))
      sold.set(name, (sold.get(name) ?? 0) + seller(route, journeys, forecast));
  }
  for (const [name, km] of sold)
    yield {
      name: `seat-km sold, ${name}`,
      value: km,
      unit: 'seat-km',
      references: [{ name: 'offline optimum', value: optimum, ratio: km / optimum }],
      details: { trains: TRAINS, seats: SEATS, load: LOAD },
    };
}
