// The gap a choice leaves: the free segments beside the journey on the same seat. Best fit takes the smallest.

import { lowestBit, type Occupancy, wordAt } from './bitmap.ts';

/** Larger than any gap: a train has at most a hundred stops. */
export const NO_GAP = 1 << 20;

/** Free segments directly before and after [from, to), on a seat that is free over all of it. */
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
 * The least gap below `limit` among the `free` seats of a word, and the first seat (0..31) that has it, as `gap * 32 +
 * seat`; `limit * 32` when there is none. Works on all 32 seats at once: it first settles those with no free segment
 * before the journey, then those with one, and so on, until no seat is left that could do better.
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
