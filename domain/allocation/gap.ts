// What a choice wastes: the free segments left beside a journey on the same seat. Best fit leaves the fewest.

import { lowestBit, type Occupancy, wordAt } from './bitmap.ts';

/** More than any gap: a train has at most a hundred stops. */
export const NO_GAP = 1 << 20;

/** Free segments adjoining [from, to) on the left and on the right of a seat that is free over it. */
export const gapOf = ({ bits, words, segments }: Occupancy, from: number, to: number, seat: number): number => {
  const mask = 1 << (seat & 31);
  const word = seat >>> 5;
  let first = from;
  while (first > 0 && (wordAt(bits, (first - 1) * words + word) & mask) === 0) first -= 1;
  let end = to;
  while (end < segments && (wordAt(bits, end * words + word) & mask) === 0) end += 1;
  return from - first + (end - to);
};

/**
 * The least gap below `limit` among the `free` seats of a word, and the first seat (0..31) that has it, as
 * `gap * 32 + seat`; `limit * 32` when there is none. All 32 seats are tried at once: those whose gap ends after
 * no segment, after one, and so on, until every seat is placed or can no longer win.
 */
export const leastGapInWord = (
  { bits, words, segments }: Occupancy,
  from: number,
  to: number,
  word: number,
  free: number,
  limit: number,
): number => {
  let best = limit - 1;
  let seat = 32;
  let wide = free;
  for (let left = 0; wide !== 0 && left <= best; left += 1) {
    const before = from - left - 1;
    let begin = before < 0 ? wide : wide & wordAt(bits, before * words + word);
    wide &= ~begin;
    for (let gap = left; begin !== 0 && gap <= best; gap += 1) {
      const after = to + gap - left;
      const exact = after === segments ? begin : begin & wordAt(bits, after * words + word);
      if (exact === 0) continue;
      const first = lowestBit(exact);
      if (gap < best || first < seat) seat = first;
      best = gap;
      begin &= ~exact;
    }
  }
  return seat === 32 ? limit * 32 : best * 32 + seat;
};
