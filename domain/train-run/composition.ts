// What a train is made of: coaches of one seat class each, and the seats they hold, numbered once and for ever.
import { SEAT_CLASSES, type SeatClass } from '../kernel/seat-class.ts';

export type Berth = 'lower' | 'middle' | 'upper';

/**
 * `rows`: seats in lettered rows (`letters` from one side to the other, A and F by the windows: `ABCDF` is 3+2).
 * `numbers`: seats numbered from 1 without letters. `berths`: bays of two stacks, each with `levels` from the floor up.
 */
export type Layout =
  | { readonly kind: 'rows'; readonly rows: number; readonly letters: string }
  | { readonly kind: 'numbers'; readonly seats: number }
  | { readonly kind: 'berths'; readonly bays: number; readonly levels: readonly Berth[] };

/**
 * `coach` is the number on the door: two digits, unique in the train. `standing`: travellers without a seat it takes
 * besides those who sit; they are sold as the class `standing`.
 */
export type Coach = {
  readonly coach: string;
  readonly seatClass: SeatClass;
  readonly layout: Layout;
  readonly standing?: number;
};

/** `row` groups seats that are side by side (a row, or a bay of berths); rows count from 1 within a coach. */
export type Seat = {
  readonly coach: string;
  readonly seat: string;
  readonly row: number;
  readonly letter?: string;
  readonly berth?: Berth;
};

export type Composition = readonly Coach[];

const twoDigits = (value: number): string => String(value).padStart(2, '0');

/** Seats facing each other or side by side in a numbered coach; a real 3+2 hard-seat coach has five a row. */
const NUMBERED_ROW = 5;

const BERTH_SUFFIX: Readonly<Record<Berth, string>> = { lower: 'L', middle: 'M', upper: 'U' };

/** All seats of a coach, in the order their indexes are given out. */
export const seatsOfCoach = ({ coach, layout }: Coach): readonly Seat[] => {
  const seats: Seat[] = [];
  switch (layout.kind) {
    case 'rows':
      for (let row = 1; row <= layout.rows; row += 1)
        for (const letter of layout.letters) seats.push({ coach, seat: `${twoDigits(row)}${letter}`, row, letter });
      return seats;
    case 'numbers':
      for (let number = 1; number <= layout.seats; number += 1)
        seats.push({ coach, seat: String(number).padStart(3, '0'), row: Math.ceil(number / NUMBERED_ROW) });
      return seats;
    case 'berths':
      for (let stack = 1; stack <= layout.bays * 2; stack += 1)
        for (const berth of layout.levels)
          seats.push({ coach, seat: `${twoDigits(stack)}${BERTH_SUFFIX[berth]}`, row: Math.ceil(stack / 2), berth });
      return seats;
  }
};

export const seatCount = ({ layout }: Coach): number => {
  switch (layout.kind) {
    case 'rows':
      return layout.rows * layout.letters.length;
    case 'numbers':
      return layout.seats;
    case 'berths':
      return layout.bays * 2 * layout.levels.length;
  }
};

/** Places to stand, numbered only so that they can be counted: nobody is told which is theirs. */
const standingPlaces = ({ coach, standing = 0 }: Coach): readonly Seat[] =>
  Array.from({ length: standing }, (_, index) => ({ coach, seat: `S${index + 1}`, row: 1 }));

/**
 * The seats of one class in index order: seat `i` of a hold is element `i` here. Coaches added later come last, so an
 * index once given out always names the same seat.
 */
export const seatsOfClass = (composition: Composition, seatClass: SeatClass): readonly Seat[] =>
  seatClass === 'standing'
    ? composition.flatMap(standingPlaces)
    : composition.filter((coach) => coach.seatClass === seatClass).flatMap(seatsOfCoach);

const placesIn = (coach: Coach, seatClass: SeatClass): number => {
  if (seatClass === 'standing') return coach.standing ?? 0;
  return coach.seatClass === seatClass ? seatCount(coach) : 0;
};

/** Is there a single place of the class? */
export const hasClass = (composition: Composition, seatClass: SeatClass): boolean =>
  composition.some((coach) => placesIn(coach, seatClass) > 0);

/** Classes in the API's order with the number of their seats. */
export const classSizes = (
  composition: Composition,
): readonly { readonly seatClass: SeatClass; readonly seats: number }[] =>
  SEAT_CLASSES.map((seatClass) => ({
    seatClass,
    seats: composition.reduce((total, coach) => total + placesIn(coach, seatClass), 0),
  })).filter(({ seats }) => seats > 0);
