// The order of a waiting room, from its seed alone: Fisher-Yates on the key stream of ChaCha20 (RFC 8439) with the seed as
// key, nonce 0 and counter from 0. Anybody can compute it again with any library that has ChaCha20.

const SEED = /^[0-9a-f]{64}$/;
export const isSeed = (text: string): boolean => SEED.test(text);

/** "expand 32-byte k", as RFC 8439 has it. */
const CONSTANTS = [0x6170_7865, 0x3320_646e, 0x7962_2d32, 0x6b20_6574] as const;
const WORDS = 16;
const DOUBLE_ROUNDS = 10;

/** Of each double round, the quarter rounds: columns, then diagonals. */
const QUARTERS = [
  [0, 4, 8, 12],
  [1, 5, 9, 13],
  [2, 6, 10, 14],
  [3, 7, 11, 15],
  [0, 5, 10, 15],
  [1, 6, 11, 12],
  [2, 7, 8, 13],
  [3, 4, 9, 14],
] as const;

const word = (words: Uint32Array, index: number): number => words[index] as number; // indexes are below the length

const rotated = (value: number, bits: number): number => (value << bits) | (value >>> (32 - bits));

/** `sum` grows by `by`, and `turned` is turned with it. */
const mix = (words: Uint32Array, sum: number, by: number, turned: number, bits: number): void => {
  words[sum] = word(words, sum) + word(words, by);
  words[turned] = rotated(word(words, turned) ^ word(words, sum), bits);
};

/** Little-endian, as in the RFC. */
const keyOf = (seed: string): readonly number[] => {
  if (!isSeed(seed)) throw new RangeError('a seed is 64 hexadecimal digits');
  return Array.from({ length: 8 }, (_, at) => {
    const bytes = [0, 1, 2, 3].map((byte) => Number.parseInt(seed.slice(at * 8 + byte * 2, at * 8 + byte * 2 + 2), 16));
    return bytes.reduce((sum, byte, shift) => (sum | (byte << (8 * shift))) >>> 0, 0);
  });
};

/** The words of the key stream, one after another. */
export const keyStream = (seed: string): (() => number) => {
  const state = Uint32Array.from([...CONSTANTS, ...keyOf(seed), 0, 0, 0, 0]);
  const block = new Uint32Array(WORDS);
  let used = WORDS;
  return () => {
    if (used === WORDS) {
      block.set(state);
      for (let round = 0; round < DOUBLE_ROUNDS; round += 1)
        for (const [a, b, c, d] of QUARTERS) {
          mix(block, a, b, d, 16);
          mix(block, c, d, b, 12);
          mix(block, a, b, d, 8);
          mix(block, c, d, b, 7);
        }
      for (let at = 0; at < WORDS; at += 1) block[at] = word(block, at) + word(state, at);
      state[12] = word(state, 12) + 1;
      used = 0;
    }
    used += 1;
    return word(block, used - 1);
  };
};

const TWO_TO_32 = 2 ** 32;

/** Uniform below `limit`: numbers of the last, incomplete part of the range are thrown away. */
const below = (next: () => number, limit: number): number => {
  const whole = TWO_TO_32 - (TWO_TO_32 % limit);
  for (;;) {
    const value = next();
    if (value < whole) return value % limit;
  }
};

/** The numbers 0 to `count` - 1 in the order of this seed: who is first in line, who is second, … */
export const shuffled = (seed: string, count: number): Uint32Array => {
  const order = Uint32Array.from({ length: count }, (_, index) => index);
  const next = keyStream(seed);
  for (let last = count - 1; last > 0; last -= 1) {
    const other = below(next, last + 1);
    const kept = word(order, last);
    order[last] = word(order, other);
    order[other] = kept;
  }
  return order;
};
