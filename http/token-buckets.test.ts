import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { TokenBuckets } from './token-buckets.ts';

const rate = { perSecond: 3, burst: 10 };
const allowedOf = (buckets: TokenBuckets, key: string, nowMs: number, times: number): number =>
  Array.from({ length: times }, () => buckets.take(key, nowMs)).filter(({ allowed }) => allowed).length;

test('a bucket has its burst at once, then so many a second, and never more than its burst', () => {
  const buckets = new TokenBuckets(rate);
  expect(allowedOf(buckets, 'a', 0, 50)).toBe(10);
  expect(allowedOf(buckets, 'b', 0, 50)).toBe(10);
  expect(allowedOf(buckets, 'a', 1_000, 50)).toBe(3);
  expect(allowedOf(buckets, 'a', 1_333, 50)).toBe(0);
  expect(allowedOf(buckets, 'a', 3_600_000, 50)).toBe(10);
});

test('it says what is left and how long the rest takes', () => {
  const buckets = new TokenBuckets({ perSecond: 2, burst: 2 });
  expect(buckets.take('a', 0)).toEqual({ allowed: true, remaining: 1, fullAfterMs: 500, nextAfterMs: 0 });
  expect(buckets.take('a', 0)).toEqual({ allowed: true, remaining: 0, fullAfterMs: 1_000, nextAfterMs: 0 });
  expect(buckets.take('a', 100)).toEqual({ allowed: false, remaining: 0, fullAfterMs: 900, nextAfterMs: 400 });
});

test('a clock that is set back an hour keeps nobody out for longer than a whole burst takes', () => {
  const buckets = new TokenBuckets(rate);
  allowedOf(buckets, 'a', 7_200_000, 10);
  expect(buckets.take('a', 3_600_000).allowed).toBe(false);
  expect(allowedOf(buckets, 'a', 3_600_000 + 3_400, 50)).toBe(10);
});

test('it remembers so many and no more', () => {
  const buckets = new TokenBuckets(rate, 100);
  for (let n = 0; n < 1_000; n += 1) buckets.take(`user${n}`, 0);
  expect(buckets.size).toBe(100);
});

test('in no stretch of time are more allowed than burst and rate give', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 50 }),
      fc.integer({ min: 1, max: 50 }),
      fc.array(fc.integer({ min: 0, max: 700 }), { maxLength: 200 }),
      (perSecond, burst, gaps) => {
        const buckets = new TokenBuckets({ perSecond, burst });
        const allowedAt: number[] = [];
        let nowMs = 0;
        for (const gap of gaps) {
          nowMs += gap;
          if (buckets.take('a', nowMs).allowed) allowedAt.push(nowMs);
        }
        for (let first = 0; first < allowedAt.length; first += 1)
          for (let last = first; last < allowedAt.length; last += 1) {
            const seconds = ((allowedAt[last] ?? 0) - (allowedAt[first] ?? 0)) / 1_000;
            expect(last - first + 1).toBeLessThanOrEqual(burst + seconds * perSecond + 1e-6);
          }
      },
    ),
  );
});
