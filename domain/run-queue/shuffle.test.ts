import { createCipheriv } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isSeed, keyStream, shuffled } from './shuffle.ts';

const seeds = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes).toString('hex'));
const ZERO = '0'.repeat(64);

/** The same from another library: OpenSSL takes counter and nonce together. */
const keyStreamElsewhere = (seed: string, words: number): readonly number[] => {
  const cipher = createCipheriv('chacha20', Buffer.from(seed, 'hex'), Buffer.alloc(16));
  const bytes = cipher.update(Buffer.alloc(words * 4));
  return Array.from({ length: words }, (_, at) => bytes.readUInt32LE(at * 4));
};

describe('the key stream of a seed', () => {
  test('is that of RFC 8439, appendix A.1, test vector 1', () => {
    const next = keyStream(ZERO);
    expect([next(), next(), next(), next()].map((one) => one.toString(16))).toEqual([
      'ade0b876',
      '903df1a0',
      'e56a5d40',
      '28bd8653',
    ]);
  });

  test('is what another library has, over several blocks', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const next = keyStream(seed);
        expect(Array.from({ length: 40 }, () => next())).toEqual(keyStreamElsewhere(seed, 40));
      }),
    );
  });

  test('needs a seed of 256 bits', () => {
    expect(isSeed(ZERO)).toBe(true);
    for (const text of ['', 'f'.repeat(63), 'F'.repeat(64), 'g'.repeat(64)]) {
      expect(isSeed(text)).toBe(false);
      expect(() => shuffled(text, 2)).toThrow(RangeError);
    }
  });
});

describe('the order of a waiting room', () => {
  test('has everybody once, and is the same for the same seed', () => {
    fc.assert(
      fc.property(seeds, fc.integer({ min: 0, max: 200 }), (seed, count) => {
        const order = shuffled(seed, count);
        expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, index) => index));
        expect(shuffled(seed, count)).toEqual(order);
      }),
    );
  });

  test('is fair: over many seeds everybody is everywhere about as often', () => {
    const [people, rounds] = [5, 4_000];
    const times = Array.from({ length: people }, () => new Array<number>(people).fill(0));
    for (let round = 0; round < rounds; round += 1) {
      const seed = round.toString(16).padStart(64, '0');
      for (const [rank, place] of shuffled(seed, people).entries()) {
        const ofPlace = times[place] ?? [];
        ofPlace[rank] = (ofPlace[rank] ?? 0) + 1;
      }
    }
    // 800 each; the standard deviation is 25.
    for (const count of times.flat()) expect(Math.abs(count - rounds / people)).toBeLessThan(5 * 26);
  });
});
