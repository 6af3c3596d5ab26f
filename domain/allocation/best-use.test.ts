import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { bestUse, type OfferedDemand } from './best-use.ts';

const SEGMENTS = 4;

/** Tries every subset of the requests. */
const bruteForce = (free: readonly number[], requests: readonly OfferedDemand[]): number => {
  let best = 0;
  for (let subset = 0; subset < 1 << requests.length; subset += 1) {
    const chosen = requests.filter((_, index) => ((subset >>> index) & 1) === 1);
    const fits = Array.from({ length: SEGMENTS }, (_, segment) => segment).every(
      (segment) => chosen.filter(({ from, to }) => from <= segment && segment < to).length <= (free[segment] ?? 0),
    );
    if (fits)
      best = Math.max(
        best,
        chosen.reduce((sum, { worth }) => sum + worth, 0),
      );
  }
  return best;
};

const request = fc
  .tuple(fc.nat(SEGMENTS - 1), fc.nat(SEGMENTS - 1), fc.integer({ min: 1, max: 9 }))
  .map(([one, other, worth]) => ({ from: Math.min(one, other), to: Math.max(one, other) + 1, count: 1, worth }));
const frees = fc.array(fc.nat(3), { minLength: SEGMENTS, maxLength: SEGMENTS });
const requests = fc.array(request, { maxLength: 9 });

describe('offline optimum', () => {
  test('is what trying every subset finds', () => {
    fc.assert(
      fc.property(requests, frees, (demand, free) => {
        expect(bestUse(free, demand).worth).toBe(bruteForce(free, demand));
      }),
      { numRuns: 500 },
    );
  });

  test('the prices prove it (duality): the seats at their prices, plus what requests earn above them, make up the worth', () => {
    fc.assert(
      fc.property(requests, frees, (demand, free) => {
        const { worth, prices } = bestUse(free, demand);
        expect(prices.every((price) => price >= 0)).toBe(true);
        const priced = prices.reduce((sum, price, segment) => sum + price * (free[segment] ?? 0), 0);
        const above = demand.reduce((sum, { from, to, worth: earned }) => {
          const price = prices.slice(from, to).reduce((total, each) => total + each, 0);
          return sum + Math.max(0, earned - price);
        }, 0);
        expect(priced + above).toBe(worth);
      }),
      { numRuns: 500 },
    );
  });

  test('counts equal requests once each', () => {
    const demand = [
      { from: 0, to: 2, count: 5, worth: 3 },
      { from: 1, to: 2, count: 1, worth: 2 },
    ];
    expect(bestUse([4, 4], demand)).toEqual({ worth: 12, prices: [0, 3] });
  });
});
