// What a train consists of: coaches of one seat class each, and their seats, whose indexes never change.
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
 * `coach` is the number on the door: two digits, unique in the train. `standing`: how many travellers without a seat
 * the coach takes in addition; they are sold as the class `standing`.
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

/** Seats in a row of a coach without letters; a real hard-seat coach (3+2) has five. */
const NUMBERED_ROW = 5;

const BERTH_SUFFIX: Readonly<Record<Berth, string>> = { lower: 'L', middle: 'M', upper: 'U' };

/** All seats of a coach, in the order of their indexes. */
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

/** Places to stand. They are numbered only to be counted: no traveller is told a number. */
const standingPlaces = ({ coach, standing = 0 }: Coach): readonly Seat[] =>
  Array.from({ length: standing }, (_, index) => ({ coach, seat: `S${index + 1}`, row: 1 }));

/**
 * The seats of one class in index order: index `i` in a hold is element `i` here. Coaches that are added come last, so
 * an index always names the same seat.
 */
export const seatsOfClass = (composition: Composition, seatClass: SeatClass): readonly Seat[] =>
  seatClass === 'standing'
    ? composition.flatMap(standingPlaces)
    : composition.filter((coach) => coach.seatClass === seatClass).flatMap(seatsOfCoach);

const placesIn = (coach: Coach, seatClass: SeatClass): number => {
  if (seatClass === 'standing') return coach.standing ?? 0;
  return coach.seatClass === seatClass ? seatCount(coach) : 0;
};

/** Does the composition have any place of the class? */
export const hasClass = (composition: Composition, seatClass: SeatClass): boolean =>
  composition.some((coach) => placesIn(coach, seatClass) > 0);

/** The classes in the API's order, each with its number of seats. */
export const classSizes = (
  composition: Composition,
): readonly { readonly seatClass: SeatClass; readonly seats: number }[] =>
  SEAT_CLASSES.map((seatClass) => ({
    seatClass,
    seats: composition.reduce((total, coach) => total + placesIn(coach, seatClass), 0),
  })).filter(({ seats }) => seats > 0);
