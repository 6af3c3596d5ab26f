import { describe, expect, test } from '@jest/globals';
import { QUEUE_RULES } from '@railhead/tests/support/queue-options.ts';
import fc from 'fast-check';
import { type AdmissionRules, admissible, admissionRate, stepOf } from './admission.ts';
import { demandOf, secondsUntil } from './estimate.ts';

const none = { ratePerSecond: undefined };

/** A second after another, in hundredths: what the formula computes at once. */
const counted = (
  rules: AdmissionRules,
  ratePerSecond: number | undefined,
  ahead: number,
  seats: number,
  each: number,
) => {
  const step = 0.01;
  let [left, seatsLeft, seconds] = [ahead, seats, 0];
  while (left > 0 && seconds < 100_000) {
    const rate = admissionRate(rules, { ratePerSecond }, seatsLeft);
    left -= rate * step;
    seatsLeft = Math.max(0, seatsLeft - rate * step * each);
    seconds += step;
  }
  return seconds;
};

describe('an estimate', () => {
  test('is what comes out when the seconds are counted one after another', () => {
    const cases = fc.record({
      ahead: fc.integer({ min: 1, max: 3_000 }),
      seats: fc.integer({ min: 0, max: 5_000 }),
      each: fc.constantFrom(0, 0.2, 1, 2),
      least: fc.constantFrom(1, 5, 50),
      most: fc.constantFrom(40, 2_000),
      operator: fc.constantFrom(undefined, 3, 60),
    });
    fc.assert(
      fc.property(cases, ({ ahead, seats, each, least, most, operator }) => {
        const rules = { first: 0, share: 0.02, mostPerSecond: most, leastPerSecond: least };
        const told = secondsUntil(rules, { ratePerSecond: operator }, { ahead, seatsLeft: seats, eachSeats: each });
        const exact = counted(rules, operator, ahead, seats, each);
        expect(Math.abs((told ?? 0) - exact)).toBeLessThanOrEqual(0.05 + exact * 0.01);
      }),
      { numRuns: 60 },
    );
  });

  test('is none where nobody would ever be admitted', () => {
    const still = { ...QUEUE_RULES, leastPerSecond: 0 };
    expect(secondsUntil(still, none, { ahead: 10, seatsLeft: 5, eachSeats: 1 })).toBeUndefined();
    expect(secondsUntil(still, none, { ahead: 10, seatsLeft: 0, eachSeats: 0 })).toBeUndefined();
  });
});

describe('the demand', () => {
  const admission = (seconds: number, upTo: number, seatsLeft?: number) => ({
    upTo,
    atMs: seconds * 1_000,
    ...(seatsLeft === undefined ? {} : { seatsLeft }),
  });

  test('is one seat for each, while there is too little to tell', () => {
    expect(demandOf([])).toEqual({ eachSeats: 1, buying: 0 });
    expect(demandOf([admission(0, 50, 100)])).toEqual({ eachSeats: 1, buying: 0 });
    expect(demandOf([admission(0, 50, 100), admission(60, 60, 90)])).toEqual({ eachSeats: 1, buying: 10 });
    expect(demandOf([admission(0, 50), admission(60, 900), admission(120, 1_000, 0)]).eachSeats).toBe(1);
  });

  test('is what went lately, for those who have had the time to buy', () => {
    const all = [admission(0, 100, 1_000), admission(60, 300, 900), admission(100, 400, 850), admission(120, 500, 800)];
    // 200 seats went; 300 were admitted meanwhile until half a minute ago, and 200 since.
    expect(demandOf(all)).toEqual({ eachSeats: 1, buying: 200 });
    const later = [...all, admission(240, 900, 700), admission(300, 1_000, 650)];
    expect(demandOf(later)).toEqual({ eachSeats: 150 / 400, buying: 100 });
  });

  test('is bounded: seats come back, and nobody buys more than five', () => {
    expect(demandOf([admission(0, 0, 100), admission(60, 100, 150), admission(120, 200, 300)]).eachSeats).toBe(0);
    expect(demandOf([admission(0, 0, 9_000), admission(60, 100, 150), admission(120, 200, 0)]).eachSeats).toBe(5);
  });
});

describe('a step of admission', () => {
  test('lets as many in over a time as the rate says, and never more', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.01, max: 5_000, noNaN: true }), fc.integer({ min: 5, max: 50 }), (rate, steps) => {
        const { places, everyMs } = stepOf(rate) ?? { places: 0, everyMs: 0 };
        expect(admissible(rate, everyMs - 0.01 * everyMs)).toBe(0);
        const admittedIn = steps * admissible(rate, everyMs);
        expect(admittedIn).toBe(steps * places);
        expect(admittedIn).toBeLessThanOrEqual(rate * ((steps * everyMs) / 1_000) * (1 + 1e-9));
      }),
    );
    expect(stepOf(0)).toBeUndefined();
    expect(admissible(0, 1e9)).toBe(0);
  });
});
