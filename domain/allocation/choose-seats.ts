// Chooses the seats of a request. The default policy is best fit: the free seat that leaves the smallest gaps.

import { freeWord, type Occupancy, wordAt } from './bitmap.ts';
import { leastGapInWord, NO_GAP } from './gap.ts';
import { seatParty } from './party.ts';
import { assertRequest, type SeatPolicy } from './seat-request.ts';

/** The free seat with the least gap, the first of equals. With `mask`, only its seats count. -1 when none is free. */
const bestSeat = (occupancy: Occupancy, from: number, to: number, mask: Uint32Array | undefined): number => {
  let least = NO_GAP;
  let seat = -1;
  for (let word = 0; word < occupancy.words; word += 1) {
    const free = freeWord(occupancy, from, to, word) & (mask === undefined ? -1 : wordAt(mask, word));
    if (free === 0) continue;
    const found = leastGapInWord(occupancy, from, to, word, free, least);
    if (found >>> 5 >= least) continue;
    least = found >>> 5;
    seat = word * 32 + (found & 31);
    if (least === 0) break;
  }
  return seat;
};

/**
 * A single passenger gets the wanted kind of seat if one is free, and of those the one with the least gap around
 * the journey. A party sits in one row if any has room, else in two neighbouring rows, else in one coach, else
 * anywhere; of equally close places it takes the one that meets the most wants, then the one that wastes least.
 */
export const bestFit: SeatPolicy = (layout, occupancy, request) => {
  assertRequest(layout, occupancy, request);
  const { from, to, wants } = request;
  if (wants.length > 1) return seatParty(layout, occupancy, request, 0, layout.size);
  const want = wants[0];
  let seat = -1;
  if (want !== undefined) seat = bestSeat(occupancy, from, to, layout.masks[want]);
  if (seat < 0) seat = bestSeat(occupancy, from, to, undefined);
  return seat < 0 ? undefined : [seat];
};
