import { describe, expect, test } from '@jest/globals';
import { type Coach, seatsOfClass } from '../train-run/composition.ts';
import { emptyOccupancy, isFree, occupy } from './bitmap.ts';
import { layoutOf } from './layout.ts';
import { coverWithSeatChange } from './seat-change.ts';

const coach = (number: string): Coach => ({
  coach: number,
  seatClass: 'second',
  layout: { kind: 'rows', rows: 1, letters: 'AF' },
});
const layout = layoutOf(seatsOfClass([coach('01'), coach('02')], 'second'));
const alone = [undefined];

describe('seat change', () => {
  test('changes within a coach rather than nearer to the middle', () => {
    const occupancy = emptyOccupancy(6, 4);
    occupy(occupancy, 1, 6, [0]);
    occupy(occupancy, 0, 1, [1]);
    occupy(occupancy, 3, 6, [2]);
    occupy(occupancy, 0, 3, [3]);
    occupy(occupancy, 2, 3, [2]);
    expect(coverWithSeatChange(layout, occupancy, { from: 0, to: 6, wants: alone })).toEqual({
      at: 1,
      first: [0],
      second: [1],
    });
  });

  test('changes nearest to the middle, and of two such stops at the later', () => {
    const occupancy = emptyOccupancy(5, 4);
    occupy(occupancy, 0, 5, [2, 3]);
    occupy(occupancy, 4, 5, [0]);
    occupy(occupancy, 0, 1, [1]);
    expect(coverWithSeatChange(layout, occupancy, { from: 0, to: 5, wants: alone })?.at).toBe(3);
  });

  test('a party changes together, across coaches if it must', () => {
    const occupancy = emptyOccupancy(4, 4);
    occupy(occupancy, 2, 4, [0, 1]);
    occupy(occupancy, 0, 2, [2, 3]);
    const change = coverWithSeatChange(layout, occupancy, { from: 0, to: 4, wants: [undefined, 'A'] });
    expect(change).toEqual({ at: 2, first: [1, 0], second: [3, 2] });
    expect(change?.first.every((seat) => isFree(occupancy, 0, 2, seat))).toBe(true);
  });

  test('finds nothing where a segment is full, or there is no stop to change at', () => {
    const occupancy = emptyOccupancy(3, 4);
    occupy(occupancy, 1, 2, [0, 1, 2, 3]);
    expect(coverWithSeatChange(layout, occupancy, { from: 0, to: 3, wants: alone })).toBeUndefined();
    expect(coverWithSeatChange(layout, occupancy, { from: 0, to: 1, wants: alone })).toBeUndefined();
  });
});
