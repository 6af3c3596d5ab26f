import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type Coach, type Seat, seatsOfClass } from '../train-run/composition.ts';
import { emptyOccupancy, freeCount, isFree, type Occupancy, occupy } from './bitmap.ts';
import { bestFit } from './choose-seats.ts';
import { layoutOf, WANTS, type Want } from './layout.ts';
import type { SeatRequest } from './seat-request.ts';

const STOPS = 7;

const train: readonly Coach[] = [
  { coach: '01', seatClass: 'second', layout: { kind: 'rows', rows: 2, letters: 'ACF' } },
  { coach: '02', seatClass: 'second', layout: { kind: 'rows', rows: 5, letters: 'ABCDF' } },
  { coach: '03', seatClass: 'second', layout: { kind: 'berths', bays: 2, levels: ['lower', 'middle', 'upper'] } },
];
const seats = seatsOfClass(train, 'second');
const layout = layoutOf(seats);

// The reference: the same rules written the plain way, one seat at a time.

const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, index) => from + index);

const freeSeats = (occupancy: Occupancy, { from, to }: SeatRequest): number[] =>
  range(0, seats.length).filter((seat) => isFree(occupancy, from, to, seat));

const gap = (occupancy: Occupancy, { from, to }: SeatRequest, seat: number): number => {
  let [first, end] = [from, to];
  while (first > 0 && isFree(occupancy, first - 1, first, seat)) first -= 1;
  while (end < STOPS - 1 && isFree(occupancy, end, end + 1, seat)) end += 1;
  return end - first - (to - from);
};

const meets = ({ letter = '', berth, coach }: Seat, want: Want): boolean => {
  if (want === 'window') return 'AF'.includes(letter) && letter !== '';
  if (want === 'aisle') return (coach === '01' ? 'CF' : 'CD').includes(letter) && letter !== '';
  return letter === want || berth === want;
};

/** 0: one row; 1: two neighbouring rows of a coach; 2: one coach; 3: anywhere. */
const closeness = (chosen: readonly number[]): number => {
  const places = chosen.map((seat) => seats[seat]);
  if (new Set(places.map((place) => place?.coach)).size > 1) return 3;
  const rows = places.map((place) => place?.row ?? 0);
  const spread = Math.max(...rows) - Math.min(...rows);
  return Math.min(spread, 2);
};

const freeBy = (free: readonly number[], keys: (seat: Seat) => readonly string[]): Map<string, number[]> => {
  const groups = new Map<string, number[]>();
  for (const index of free) {
    const seat = seats[index];
    if (seat !== undefined) for (const key of keys(seat)) groups.set(key, [...(groups.get(key) ?? []), index]);
  }
  return groups;
};

/** Every choice of places for a party of `size` at the closest level that has room. */
const closestPlaces = (free: readonly number[], size: number): { level: number; places: number[][] } => {
  const kinds = [
    ({ coach, row }: Seat) => [`${coach}/${row}`],
    ({ coach, row }: Seat) => [`${coach}/${row}`, `${coach}/${row - 1}`],
    ({ coach }: Seat) => [coach],
    () => ['train'],
  ];
  for (const [level, keys] of kinds.entries()) {
    const places = [...freeBy(free, keys).values()].filter((place) => place.length >= size);
    if (places.length > 0) return { level, places };
  }
  return { level: -1, places: [] };
};

const leastWaste = (occupancy: Occupancy, request: SeatRequest, place: readonly number[]): number =>
  place
    .map((seat) => gap(occupancy, request, seat))
    .sort((a, b) => a - b)
    .slice(0, request.wants.length)
    .reduce((sum, each) => sum + each, 0);

// Generators for the properties.

const journey = fc
  .tuple(fc.integer({ min: 0, max: STOPS - 2 }), fc.integer({ min: 1, max: STOPS - 1 }))
  .map(([from, length]) => ({ from, to: Math.min(from + length, STOPS - 1) }));

const occupancies = fc.array(fc.tuple(journey, fc.nat(seats.length - 1)), { maxLength: 160 }).map((holds) => {
  const occupancy = emptyOccupancy(STOPS - 1, seats.length);
  for (const [{ from, to }, seat] of holds) if (isFree(occupancy, from, to, seat)) occupy(occupancy, from, to, [seat]);
  return occupancy;
});

const runs = { numRuns: 2_000 };

describe('best fit', () => {
  test('seats all or nobody: distinct free seats exactly when enough are free', () => {
    const wants = fc.array(fc.option(fc.constantFrom(...WANTS), { nil: undefined }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(occupancies, journey, wants, (occupancy, { from, to }, wants) => {
        const chosen = bestFit(layout, occupancy, { from, to, wants });
        expect(chosen !== undefined).toBe(freeCount(occupancy, from, to) >= wants.length);
        if (chosen === undefined) return;
        expect(new Set(chosen).size).toBe(wants.length);
        expect(chosen.every((seat) => isFree(occupancy, from, to, seat))).toBe(true);
      }),
      runs,
    );
  });

  test('a single passenger gets the first seat of least gap, wanted seats before others', () => {
    const wants = fc.option(fc.constantFrom(...WANTS), { nil: undefined });
    fc.assert(
      fc.property(occupancies, journey, wants, (occupancy, { from, to }, want) => {
        const request = { from, to, wants: [want] };
        const free = freeSeats(occupancy, request);
        const wanted = free.filter((seat) => want !== undefined && seats[seat] && meets(seats[seat], want));
        const among = wanted.length > 0 ? wanted : free;
        const least = Math.min(...among.map((seat) => gap(occupancy, request, seat)));
        const first = among.find((seat) => gap(occupancy, request, seat) === least);
        expect(bestFit(layout, occupancy, request)).toEqual(first === undefined ? undefined : [first]);
      }),
      runs,
    );
  });

  test('a party sits as close as can be, and wastes the least there', () => {
    fc.assert(
      fc.property(occupancies, journey, fc.integer({ min: 2, max: 5 }), (occupancy, { from, to }, size) => {
        const request = { from, to, wants: new Array<undefined>(size).fill(undefined) };
        const chosen = bestFit(layout, occupancy, request);
        const { level, places } = closestPlaces(freeSeats(occupancy, request), size);
        if (chosen === undefined) return expect(level).toBe(-1);
        expect(closeness(chosen)).toBe(level);
        const waste = chosen.reduce((sum, seat) => sum + gap(occupancy, request, seat), 0);
        expect(waste).toBe(Math.min(...places.map((place) => leastWaste(occupancy, request, place))));
      }),
      runs,
    );
  });

  test('a party sits where most of its wants can be met', () => {
    const letters = fc.array(fc.option(fc.constantFrom<Want>('A', 'B', 'C', 'D', 'F', 'window'), { nil: undefined }), {
      minLength: 2,
      maxLength: 5,
    });
    fc.assert(
      fc.property(occupancies, journey, letters, (occupancy, { from, to }, wants) => {
        const request = { from, to, wants };
        const chosen = bestFit(layout, occupancy, request);
        if (chosen === undefined) return;
        const asked = (want: Want): number => wants.filter((each) => each === want).length;
        const possible = (place: readonly number[]): number => {
          const there = (letter: Want): number => place.filter((seat) => seats[seat]?.letter === letter).length;
          const met = (['A', 'B', 'C', 'D', 'F'] as const).map((letter) => Math.min(there(letter), asked(letter)));
          const windowsLeft = there('A') + there('F') - (met[0] ?? 0) - (met[4] ?? 0);
          return met.reduce((sum, each) => sum + each, 0) + Math.min(windowsLeft, asked('window'));
        };
        const { places } = closestPlaces(freeSeats(occupancy, request), wants.length);
        const met = chosen.filter((seat, who) => {
          const [place, want] = [seats[seat], wants[who]];
          return place !== undefined && want !== undefined && meets(place, want);
        });
        expect(met.length).toBe(Math.max(...places.map(possible)));
      }),
      runs,
    );
  });

  test('refuses a request that makes no sense', () => {
    const occupancy = emptyOccupancy(STOPS - 1, seats.length);
    expect(() => bestFit(layout, occupancy, { from: 0, to: STOPS, wants: [undefined] })).toThrow(RangeError);
    expect(() => bestFit(layout, occupancy, { from: 0, to: 1, wants: [] })).toThrow(RangeError);
    expect(() => bestFit(layout, occupancy, { from: 0, to: 1, wants: new Array(6).fill(undefined) })).toThrow(
      RangeError,
    );
    expect(() => bestFit(layout, emptyOccupancy(2, 5), { from: 0, to: 1, wants: [undefined] })).toThrow(RangeError);
  });
});
