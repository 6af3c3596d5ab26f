// Turns a request into the legs of a plan: seats for the whole way, seats with one change, or places by count.

import type { Leg } from '../seat-lock/plan.ts';
import { assertJourney, freeWord, lowestBit, type Occupancy } from './bitmap.ts';
import type { SeatLayout } from './layout.ts';
import type { Limit } from './limits.ts';
import { coverWithSeatChange } from './seat-change.ts';
import type { SeatPolicy, SeatRequest } from './seat-request.ts';

/** `acceptSeatChange`: the traveller accepts one change of seats where no seat is free all the way. */
export type LegsRequest = SeatRequest & { readonly acceptSeatChange: boolean };

/**
 * Finds legs that cover the journey one after another, each with a free seat for every passenger; undefined where there
 * are none. Pure: the caller occupies what was chosen.
 */
export type ChooseLegs = (layout: SeatLayout, occupancy: Occupancy, request: LegsRequest) => readonly Leg[] | undefined;

/** How a class is sold. `counted`: places are sold by number, and get their seats later or never. */
export type Selling = { readonly counted: boolean; readonly choose: ChooseLegs };

/** Seats by name: one leg where the policy finds seats; two where it finds none and the traveller accepts a change. */
export const seated =
  (policy: SeatPolicy, limits: readonly Limit[] = []): ChooseLegs =>
  (layout, occupancy, request) => {
    const { from, to, wants, acceptSeatChange } = request;
    if (!limits.every((allows) => allows(occupancy, request, wants.length))) return undefined;
    const seats = policy(layout, occupancy, request);
    if (seats !== undefined) return [{ from, to, seats }];
    if (!acceptSeatChange || wants.length > layout.size) return undefined;
    const change = coverWithSeatChange(layout, occupancy, request);
    if (change === undefined) return undefined;
    const { at, first, second } = change;
    return [
      { from, to: at, seats: first },
      { from: at, to, seats: second },
    ];
  };

/**
 * Places by count: for standing, and for seats that are assigned late. Sold as long as every segment has enough free
 * places, whichever they are. A place is kept from segment to segment while it is free, so that a plan has few legs;
 * its number means nothing to the traveller.
 */
export const counted =
  (limits: readonly Limit[] = []): ChooseLegs =>
  (_, occupancy, request) => {
    const { from, to, wants } = request;
    assertJourney(occupancy, from, to);
    if (!limits.every((allows) => allows(occupancy, request, wants.length))) return undefined;
    const legs: Leg[] = [];
    let seats: readonly number[] = [];
    let begin = from;
    for (let segment = from; segment < to; segment += 1) {
      const free = seats.filter((seat) => isFreeOn(occupancy, segment, seat));
      if (seats.length > 0 && free.length === seats.length) continue;
      const next = refill(occupancy, segment, free, wants.length);
      if (next === undefined) return undefined;
      if (segment > from) legs.push({ from: begin, to: segment, seats });
      seats = next;
      begin = segment;
    }
    legs.push({ from: begin, to, seats });
    return legs;
  };

const isFreeOn = (occupancy: Occupancy, segment: number, seat: number): boolean =>
  ((freeWord(occupancy, segment, segment + 1, seat >>> 5) >>> (seat & 31)) & 1) === 1;

/** The places that are kept, filled up with the first free ones; undefined if the segment has too few. */
const refill = (
  occupancy: Occupancy,
  segment: number,
  kept: readonly number[],
  count: number,
): readonly number[] | undefined => {
  const seats = [...kept];
  for (let word = 0; word < occupancy.words && seats.length < count; word += 1) {
    let free = freeWord(occupancy, segment, segment + 1, word);
    while (free !== 0 && seats.length < count) {
      const seat = word * 32 + lowestBit(free);
      free &= free - 1;
      if (!seats.includes(seat)) seats.push(seat);
    }
  }
  return seats.length === count ? seats : undefined;
};
