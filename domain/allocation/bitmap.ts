// Occupancy of one class of a train run: one bitmap for each segment, one bit for each seat.
// No bit is ever set twice or cleared twice: such a change throws, and leaves the bitmaps as they were.

/**
 * Segment `s` runs from stop `s` to stop `s + 1`; stops count from 0. `bits` holds the bitmaps one after another,
 * `words` each; a set bit is an occupied seat, and the bits past the last seat of a bitmap are always set.
 */
export type Occupancy = {
  readonly seats: number;
  readonly words: number;
  readonly segments: number;
  readonly bits: Uint32Array;
};

/** A held seat was to be held again, or a free one released. The log is damaged, or its reader has a bug. */
export class OccupancyContradiction extends Error {
  readonly seat: number;
  readonly segment: number;

  constructor(seat: number, segment: number, wanted: 'free' | 'occupied') {
    super(`seat ${seat} on segment ${segment} is not ${wanted}`);
    this.name = 'OccupancyContradiction';
    this.seat = seat;
    this.segment = segment;
  }
}

/** The word at `index` of a bitmap. */
export const wordAt = (bitmap: Uint32Array, index: number): number => bitmap[index] as number; // callers stay inside it

/** Bits set in a 32-bit word. */
export const popcount = (word: number): number => {
  const pairs = word - ((word >>> 1) & 0x5555_5555);
  const nibbles = (pairs & 0x3333_3333) + ((pairs >>> 2) & 0x3333_3333);
  return Math.imul((nibbles + (nibbles >>> 4)) & 0x0f0f_0f0f, 0x0101_0101) >>> 24;
};

/** The number of the lowest bit set in `word`, which is not 0. */
export const lowestBit = (word: number): number => 31 - Math.clz32(word & -word);

export const wordsFor = (seats: number): number => (seats + 31) >>> 5;

/** All seats free on all segments. */
export const emptyOccupancy = (segments: number, seats: number): Occupancy => {
  if (!(Number.isInteger(segments) && segments > 0 && Number.isInteger(seats) && seats >= 0))
    throw new RangeError(`no occupancy of ${segments} segments and ${seats} seats`);
  const words = wordsFor(seats);
  const bits = new Uint32Array(segments * words);
  if (seats % 32 !== 0) for (let last = words - 1; last < bits.length; last += words) bits[last] = -1 << (seats % 32);
  return { seats, words, segments, bits };
};

/** The same occupancy with more seats after the last; the new ones are free. */
export const grown = (occupancy: Occupancy, seats: number): Occupancy => {
  const { seats: before, words, segments, bits } = occupancy;
  const larger = emptyOccupancy(segments, Math.max(seats, before));
  for (let segment = 0; segment < segments; segment += 1)
    for (let word = 0; word < words; word += 1) {
      // Bits past the last seat are set in the old bitmap. In the new one they stand for seats, so they are cleared.
      const known = word === words - 1 && before % 32 !== 0 ? (1 << (before % 32)) - 1 : -1;
      const at = segment * larger.words + word;
      larger.bits[at] = wordAt(larger.bits, at) | (wordAt(bits, segment * words + word) & known);
    }
  return larger;
};

export const copy = (occupancy: Occupancy): Occupancy => ({ ...occupancy, bits: occupancy.bits.slice() });

/** Throws unless [from, to) is at least one segment of the run. */
export const assertJourney = ({ segments }: Occupancy, from: number, to: number): void => {
  if (!(Number.isInteger(from) && Number.isInteger(to) && from >= 0 && from < to && to <= segments))
    throw new RangeError(`no journey [${from}, ${to}) on ${segments} segments`);
};

const assertSeat = ({ seats }: Occupancy, seat: number): void => {
  if (!(Number.isInteger(seat) && seat >= 0 && seat < seats)) throw new RangeError(`no seat ${seat} of ${seats}`);
};

/** The 32 seats of one word that are free on every segment of [from, to), as set bits. */
export const freeWord = ({ bits, words }: Occupancy, from: number, to: number, word: number): number => {
  let taken = 0;
  for (let segment = from; segment < to; segment += 1) taken |= wordAt(bits, segment * words + word);
  return ~taken;
};

/** Is the seat free on every segment of [from, to)? */
export const isFree = (occupancy: Occupancy, from: number, to: number, seat: number): boolean => {
  assertJourney(occupancy, from, to);
  assertSeat(occupancy, seat);
  return ((freeWord(occupancy, from, to, seat >>> 5) >>> (seat & 31)) & 1) === 1;
};

/** How many seats are free over the whole of [from, to). */
export const freeCount = (occupancy: Occupancy, from: number, to: number): number => {
  assertJourney(occupancy, from, to);
  let free = 0;
  for (let word = 0; word < occupancy.words; word += 1) free += popcount(freeWord(occupancy, from, to, word));
  return free;
};

/** Flips one seat on [from, to). Throws unless the seat is `occupied` (or free) on all of it before. */
const turn = ({ bits, words }: Occupancy, from: number, to: number, seat: number, occupied: boolean): void => {
  const mask = 1 << (seat & 31);
  const word = seat >>> 5;
  for (let segment = from; segment < to; segment += 1)
    if (((wordAt(bits, segment * words + word) & mask) !== 0) !== occupied)
      throw new OccupancyContradiction(seat, segment, occupied ? 'occupied' : 'free');
  for (let segment = from; segment < to; segment += 1)
    bits[segment * words + word] = wordAt(bits, segment * words + word) ^ mask;
};

const turnAll = (occupancy: Occupancy, from: number, to: number, seats: readonly number[], occupied: boolean): void => {
  assertJourney(occupancy, from, to);
  let done = 0;
  try {
    for (const seat of seats) {
      assertSeat(occupancy, seat);
      turn(occupancy, from, to, seat, occupied);
      done += 1;
    }
  } catch (contradiction) {
    for (const seat of seats.slice(0, done)) turn(occupancy, from, to, seat, !occupied);
    throw contradiction;
  }
};

/** Occupies seats on [from, to): all of them, or throws `OccupancyContradiction` and none. */
export const occupy = (occupancy: Occupancy, from: number, to: number, seats: readonly number[]): void =>
  turnAll(occupancy, from, to, seats, false);

/** Frees seats on [from, to): all of them, or throws `OccupancyContradiction` and none. */
export const vacate = (occupancy: Occupancy, from: number, to: number, seats: readonly number[]): void =>
  turnAll(occupancy, from, to, seats, true);

/** `occupy` on one segment, as the fold of a segment's stream needs it. */
export const occupySegment = (occupancy: Occupancy, segment: number, seats: readonly number[]): void =>
  turnAll(occupancy, segment, segment + 1, seats, false);

/** `vacate` on one segment. */
export const vacateSegment = (occupancy: Occupancy, segment: number, seats: readonly number[]): void =>
  turnAll(occupancy, segment, segment + 1, seats, true);
