import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { fareFen, type PassengerKind, type Tariff } from './fare.ts';

/** 10 fen a kilometre, cheaper from 200 and 500 km on. */
const tariff: Tariff = {
  name: 'banded',
  ratesMilliFenPerKm: { hardSeat: 10_000, hardSleeper: 21_001 },
  bands: [{ untilKm: 200, percent: 100 }, { untilKm: 500, percent: 90 }, { percent: 50 }],
  minimumFen: 150,
  roundToFen: 50,
  percentOfAdult: { adult: 100, child: 50, student: 75 },
};
const hardSeat = (km: number, kind: PassengerKind = 'adult') => fareFen(tariff, 'hardSeat', km, kind);

describe('fare', () => {
  test.each([
    { km: 100, fen: 1_000 },
    { km: 200, fen: 2_000 },
    { km: 210, fen: 2_100 }, // 2000 + 90 = 2090
    { km: 500, fen: 4_700 },
    { km: 1_000, fen: 7_200 }, // 2000 + 2700 + 2500
  ])('$km km cost $fen fen: each band at its own rate', ({ km, fen }) => {
    expect(hardSeat(km)).toBe(fen);
  });

  test('rounds half up to the step', () => {
    const exact: Tariff = {
      ...tariff,
      bands: [{ percent: 100 }],
      ratesMilliFenPerKm: { second: 1_000 },
      minimumFen: 0,
    };
    expect([24, 25, 74, 75, 76].map((km) => fareFen(exact, 'second', km, 'adult'))).toEqual([0, 50, 50, 100, 100]);
    const fine: Tariff = { ...exact, ratesMilliFenPerKm: { second: 999 } };
    expect([25, 26].map((km) => fareFen(fine, 'second', km, 'adult'))).toEqual([0, 50]);
  });

  test('nobody travels for less than the minimum', () => {
    expect([hardSeat(0), hardSeat(1), hardSeat(15)]).toEqual([150, 150, 150]);
    expect(hardSeat(20, 'child')).toBe(150);
  });

  test('children and students pay a percentage of the rounded adult fare, rounded again', () => {
    expect([hardSeat(1_000, 'child'), hardSeat(1_000, 'student')]).toEqual([3_600, 5_400]);
    // Adult 650: half is 325, up to 350; three quarters are 487.5, up to 500.
    expect([hardSeat(65), hardSeat(65, 'child'), hardSeat(65, 'student')]).toEqual([650, 350, 500]);
  });

  test('a class without a rate is not sold', () => {
    expect(fareFen(tariff, 'business', 100, 'adult')).toBeUndefined();
  });

  test('is a whole number of steps, grows with the distance, and is never more than an adult pays', () => {
    const kinds = ['child', 'student', 'adult'] as const;
    const bands = fc
      .array(fc.record({ length: fc.integer({ min: 1, max: 800 }), percent: fc.nat(120) }), { maxLength: 4 })
      .chain((list) => fc.nat(120).map((percent) => ({ list, percent })))
      .map(({ list, percent }) => {
        let untilKm = 0;
        const bounded = list.map((band) => {
          untilKm += band.length;
          return { untilKm, percent: band.percent };
        });
        return [...bounded, { percent }];
      });
    const tariffs = fc
      .record({ bands, rate: fc.nat(200_000), steps: fc.nat(20), roundToFen: fc.constantFrom(1, 10, 50, 100) })
      .map(({ rate, steps, roundToFen, ...rest }): Tariff => {
        const minimumFen = steps * roundToFen;
        return { ...tariff, ...rest, ratesMilliFenPerKm: { second: rate }, roundToFen, minimumFen };
      });
    const way = fc.integer({ min: 0, max: 5_000 });
    fc.assert(
      fc.property(tariffs, way, way, (any, one, other) => {
        const [near, far] = [Math.min(one, other), Math.max(one, other)];
        for (const kind of kinds) {
          const fares = [near, far].map((km) => fareFen(any, 'second', km, kind) ?? Number.NaN);
          expect(fares.every((fare) => Number.isSafeInteger(fare) && fare % any.roundToFen === 0)).toBe(true);
          expect(fares[1]).toBeGreaterThanOrEqual(fares[0] ?? Number.NaN);
          expect(fares[0]).toBeGreaterThanOrEqual(any.minimumFen);
          expect(fareFen(any, 'second', far, 'adult')).toBeGreaterThanOrEqual(fares[1] ?? Number.NaN);
        }
      }),
      { numRuns: 500 },
    );
  });

  test('rounds at most half a step away from the exact price', () => {
    fc.assert(
      fc.property(fc.integer({ min: 100, max: 5_000 }), fc.integer({ min: 1_000, max: 200_000 }), (km, rate) => {
        const flat: Tariff = {
          ...tariff,
          bands: [{ percent: 100 }],
          ratesMilliFenPerKm: { second: rate },
          minimumFen: 0,
        };
        const exactMilliFen = BigInt(km) * BigInt(rate);
        const fare = BigInt(fareFen(flat, 'second', km, 'adult') ?? -1);
        // Half up: exact lies in [fare - 25, fare + 25).
        expect(exactMilliFen >= (fare - 25n) * 1_000n && exactMilliFen < (fare + 25n) * 1_000n).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });
});
