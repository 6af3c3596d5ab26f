import { describe, expect, test } from '@jest/globals';
import { type Coach, seatsOfClass } from '../train-run/composition.ts';
import { layoutOf, parseWant, type Want } from './layout.ts';

const coach = (number: string, letters: string, rows: number): Coach => ({
  coach: number,
  seatClass: 'second',
  layout: { kind: 'rows', rows, letters },
});

const wanted = (seats: ReturnType<typeof seatsOfClass>, want: Want): string[] => {
  const mask = layoutOf(seats).masks[want];
  return seats
    .filter((_, index) => (((mask[index >>> 5] ?? 0) >>> (index & 31)) & 1) === 1)
    .map(({ coach, seat }) => coach + seat);
};

describe('layout', () => {
  test('rows, neighbouring rows and coaches are runs of seats', () => {
    const layout = layoutOf(seatsOfClass([coach('01', 'ACF', 2), coach('02', 'ABCDF', 1)], 'second'));
    expect(layout).toMatchObject({
      size: 11,
      words: 1,
      rows: { starts: Int32Array.of(0, 3, 6), ends: Int32Array.of(3, 6, 11) },
      rowPairs: { starts: Int32Array.of(0), ends: Int32Array.of(6) },
      coaches: { starts: Int32Array.of(0, 6), ends: Int32Array.of(6, 11) },
      train: { starts: Int32Array.of(0), ends: Int32Array.of(11) },
    });
  });

  test('A and F are windows, C and D aisles; in a 2+1 row F is both', () => {
    const seats = seatsOfClass([coach('01', 'ABCDF', 1), coach('02', 'ACF', 1)], 'second');
    expect(wanted(seats, 'window')).toEqual(['0101A', '0101F', '0201A', '0201F']);
    expect(wanted(seats, 'aisle')).toEqual(['0101C', '0101D', '0201C', '0201F']);
    expect(wanted(seats, 'B')).toEqual(['0101B']);
    expect(wanted(seats, 'lower')).toEqual([]);
  });

  test('a berth is found by its level', () => {
    const levels = ['lower', 'middle', 'upper'] as const;
    const seats = seatsOfClass(
      [{ coach: '05', seatClass: 'hardSleeper', layout: { kind: 'berths', bays: 1, levels } }],
      'hardSleeper',
    );
    expect(wanted(seats, 'middle')).toEqual(['0501M', '0502M']);
    expect(layoutOf(seats).rows.ends).toEqual(Int32Array.of(6));
  });

  test('a class without seats has no places', () => {
    expect(layoutOf([])).toMatchObject({
      size: 0,
      rows: { starts: new Int32Array(0) },
      train: { ends: new Int32Array(0) },
    });
  });

  test('an unknown word is no want', () => {
    expect([parseWant('window'), parseWant('E'), parseWant(undefined)]).toEqual(['window', undefined, undefined]);
  });
});
