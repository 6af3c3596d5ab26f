// Seats for a party: first as close together as possible, then the most wants met, then the smallest gaps.

import { freeWord, lowestBit, type Occupancy, popcount, wordAt } from './bitmap.ts';
import { gapOf, leastGapInWord, NO_GAP } from './gap.ts';
import type { Ranges, SeatLayout, Want } from './layout.ts';
import type { SeatRequest } from './seat-request.ts';

/** The cost of an unmet want: more than any gap. */
const UNMET = NO_GAP;

/** A letter names few seats, so letters choose first; many seats are by a window or an aisle. */
const isLetter = (want: Want): boolean => want.length === 1;

const at = (list: Int32Array, index: number): number => list[index] as number; // indexes come from the layout

/** Bits `start` up to `end` of one word of a bitmap; the rest cleared. */
const cut = (word: number, index: number, start: number, end: number): number => {
  const low = start - index * 32;
  const high = end - index * 32;
  const above = low > 0 ? word & (-1 << low) : word;
  return high < 32 ? above & ~(-1 << high) : above;
};

/** This word's least gap has not been computed yet. */
const UNKNOWN = -1;

/** Stores for each word which seats from `start` to `end` are free over the whole journey. Returns their number. */
const survey = (
  layout: SeatLayout,
  occupancy: Occupancy,
  { from, to }: SeatRequest,
  start: number,
  end: number,
): number => {
  const { free, leastGap } = layout.workspace;
  let total = 0;
  for (let word = 0; word < layout.words; word += 1) {
    const outside = word * 32 >= end || word * 32 + 32 <= start;
    const bits = outside ? 0 : cut(freeWord(occupancy, from, to, word), word, start, end);
    free[word] = bits;
    leastGap[word] = UNKNOWN;
    total += popcount(bits);
  }
  return total;
};

const countFree = (free: Int32Array, start: number, end: number): number => {
  let count = 0;
  for (let word = start >>> 5; word * 32 < end; word += 1) {
    const bits = at(free, word);
    if (bits !== 0) count += popcount(cut(bits, word, start, end));
  }
  return count;
};

/** A lower bound: no free seat of the range has a smaller gap. */
const leastGapIn = (
  { workspace }: SeatLayout,
  occupancy: Occupancy,
  { from, to }: SeatRequest,
  start: number,
  end: number,
): number => {
  const { free, leastGap } = workspace;
  let least = NO_GAP;
  for (let word = start >>> 5; word * 32 < end; word += 1) {
    if (at(leastGap, word) === UNKNOWN)
      leastGap[word] = leastGapInWord(occupancy, from, to, word, at(free, word), NO_GAP) >>> 5;
    least = Math.min(least, at(leastGap, word));
  }
  return least;
};

/** Puts the free seats of a range and their gaps in the workspace. */
const gather = (
  { workspace }: SeatLayout,
  occupancy: Occupancy,
  { from, to }: SeatRequest,
  start: number,
  end: number,
): void => {
  const { free, seats, gaps } = workspace;
  let count = 0;
  for (let word = start >>> 5; word * 32 < end; word += 1)
    for (let bits = cut(at(free, word), word, start, end); bits !== 0; bits &= bits - 1) {
      const seat = word * 32 + lowestBit(bits);
      seats[count] = seat;
      gaps[count] = gapOf(occupancy, from, to, seat);
      count += 1;
    }
};

/** Moves the gathered seat with the least gap (of those in `mask`, if given) to `chosen[who]`; returns its gap. */
const take = (layout: SeatLayout, count: number, mask: Uint32Array | undefined, chosen: number[], who: number) => {
  const { seats, gaps } = layout.workspace;
  let best = -1;
  let least = NO_GAP;
  for (let index = 0; index < count; index += 1) {
    const seat = at(seats, index);
    if (at(gaps, index) >= least || (mask !== undefined && ((wordAt(mask, seat >>> 5) >>> (seat & 31)) & 1) === 0))
      continue;
    best = index;
    least = at(gaps, index);
  }
  if (best < 0) return NO_GAP;
  chosen[who] = at(seats, best);
  gaps[best] = NO_GAP;
  return least;
};

/** Gives the party the gathered seats. Returns the sum of their gaps, plus `UNMET` for each want that is not met. */
const assign = (layout: SeatLayout, count: number, { wants }: SeatRequest, chosen: number[]): number => {
  chosen.fill(-1);
  let cost = 0;
  for (const letters of [true, false])
    for (let who = 0; who < wants.length; who += 1) {
      const want = wants[who];
      if (want === undefined || isLetter(want) !== letters) continue;
      const gap = take(layout, count, layout.masks[want], chosen, who);
      cost += gap === NO_GAP ? UNMET : gap;
    }
  for (let who = 0; who < wants.length; who += 1)
    if (chosen[who] === -1) cost += take(layout, count, undefined, chosen, who);
  return cost;
};

/** The seats of the range with the lowest cost (`assign`) that has room for the party; undefined when none has room. */
const bestRange = (layout: SeatLayout, occupancy: Occupancy, request: SeatRequest, ranges: Ranges) => {
  const party = request.wants.length;
  let chosen: number[] = new Array(party).fill(-1);
  let best: number[] | undefined;
  let least = UNMET * (party + 1);
  for (let index = 0; index < ranges.starts.length && least > 0; index += 1) {
    const start = at(ranges.starts, index);
    const end = at(ranges.ends, index);
    const count = countFree(layout.workspace.free, start, end);
    if (count < party || leastGapIn(layout, occupancy, request, start, end) * party >= least) continue;
    gather(layout, occupancy, request, start, end);
    const cost = assign(layout, count, request, chosen);
    if (cost >= least) continue;
    least = cost;
    [best, chosen] = [chosen, best ?? new Array(party).fill(-1)];
  }
  return best;
};

/** Seats for the whole party among the seats from `start` to `end`; undefined when there are too few. */
export const seatParty = (
  layout: SeatLayout,
  occupancy: Occupancy,
  request: SeatRequest,
  start: number,
  end: number,
): readonly number[] | undefined => {
  if (survey(layout, occupancy, request, start, end) < request.wants.length) return undefined;
  return (
    bestRange(layout, occupancy, request, layout.rows) ??
    bestRange(layout, occupancy, request, layout.rowPairs) ??
    bestRange(layout, occupancy, request, layout.coaches) ??
    bestRange(layout, occupancy, request, layout.train)
  );
};
