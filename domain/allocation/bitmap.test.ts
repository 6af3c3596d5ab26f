import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  copy,
  emptyOccupancy,
  freeCount,
  isFree,
  OccupancyContradiction,
  occupy,
  occupySegment,
  vacate,
  vacateSegment,
} from './bitmap.ts';

describe('occupancy', () => {
  test('starts with every seat free and none beyond the last', () => {
    for (const seats of [0, 1, 31, 32, 33, 64, 1200]) expect(freeCount(emptyOccupancy(3, seats), 0, 3)).toBe(seats);
  });

  test('a journey takes its own segments and no others', () => {
    const occupancy = emptyOccupancy(4, 40);
    occupy(occupancy, 1, 3, [35]);
    expect([0, 1, 2, 3].map((segment) => isFree(occupancy, segment, segment + 1, 35))).toEqual([
      true,
      false,
      false,
      true,
    ]);
    vacateSegment(occupancy, 1, [35]);
    expect(isFree(occupancy, 0, 2, 35)).toBe(true);
    occupySegment(occupancy, 1, [35]);
    vacate(occupancy, 1, 3, [35]);
    expect(occupancy).toEqual(emptyOccupancy(4, 40));
  });

  test('a contradiction throws, names the seat, and changes nothing', () => {
    const occupancy = emptyOccupancy(3, 8);
    occupy(occupancy, 1, 2, [5]);
    const before = copy(occupancy);
    expect(() => occupy(occupancy, 0, 3, [4, 5])).toThrow(OccupancyContradiction);
    expect(() => occupy(occupancy, 0, 1, [6, 6])).toThrow('seat 6 on segment 0 is not free');
    expect(() => vacate(occupancy, 0, 2, [5])).toThrow('seat 5 on segment 0 is not occupied');
    expect(() => occupy(occupancy, 0, 1, [1, 8])).toThrow(RangeError);
    expect(() => occupy(occupancy, 2, 2, [1])).toThrow(RangeError);
    expect(() => freeCount(occupancy, 0, 4)).toThrow(RangeError);
    expect(occupancy).toEqual(before);
  });

  test('agrees with a plain table, and releases exactly what was held', () => {
    const holds = fc.array(fc.tuple(fc.nat(5), fc.nat(5), fc.uniqueArray(fc.nat(69), { maxLength: 5 })));
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 70 }), holds, (size, wanted) => {
        const occupancy = emptyOccupancy(6, size);
        const table = Array.from({ length: 6 }, () => new Set<number>());
        const held: [number, number, number[]][] = [];
        for (const [one, other, seats] of wanted) {
          const [from, to] = [Math.min(one, other), Math.max(one, other) + 1];
          const rows = table.slice(from, to);
          if (seats.some((seat) => seat >= size || rows.some((row) => row.has(seat)))) continue;
          occupy(occupancy, from, to, seats);
          for (const row of rows) for (const seat of seats) row.add(seat);
          held.push([from, to, seats]);
        }
        for (let from = 0; from < 6; from += 1)
          for (let to = from + 1; to <= 6; to += 1) {
            const taken = new Set(table.slice(from, to).flatMap((row) => [...row]));
            expect(freeCount(occupancy, from, to)).toBe(size - taken.size);
          }
        for (const [from, to, seats] of held) vacate(occupancy, from, to, seats);
        expect(occupancy).toEqual(emptyOccupancy(6, size));
      }),
      { numRuns: 1_000 },
    );
  });
});
