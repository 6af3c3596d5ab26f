// The ways to choose seats, by the names that operators give them.
import { freeWord, lowestBit } from './bitmap.ts';
import { bestFit } from './choose-seats.ts';
import type { SeatPolicy } from './seat-request.ts';

/** The first seats that are free all the way, wherever they are, and whatever is wanted: what best fit is compared with. */
export const firstFit: SeatPolicy = (_, occupancy, { from, to, wants }) => {
  const seats: number[] = [];
  for (let word = 0; word < occupancy.words; word += 1)
    for (let free = freeWord(occupancy, from, to, word); free !== 0; free &= free - 1) {
      seats.push(word * 32 + lowestBit(free));
      if (seats.length === wants.length) return seats;
    }
  return undefined;
};

/** Every sale uses `bestFit`. */
export const SEAT_POLICIES = { bestFit, firstFit } as const satisfies Readonly<Record<string, SeatPolicy>>;
export type SeatPolicyName = keyof typeof SEAT_POLICIES;
