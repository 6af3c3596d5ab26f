// The layout of a class, computed once: which seats are side by side, and which seats meet which want.

import type { Seat } from '../train-run/composition.ts';
import { wordsFor } from './bitmap.ts';

/** Preferences of a passenger. They choose among free seats and never make a request fail. */
export const WANTS = ['window', 'aisle', 'A', 'B', 'C', 'D', 'F', 'lower', 'middle', 'upper'] as const;
export type Want = (typeof WANTS)[number];

/** Undefined for an unknown word: a preference may exist in one train and not in another. */
export const parseWant = (text: string | undefined): Want | undefined => WANTS.find((want) => want === text);

/** Seats `starts[i]` up to, not including, `ends[i]`. */
export type Ranges = { readonly starts: Int32Array; readonly ends: Int32Array };

/** Buffers that every search overwrites. `free` and `leastGap` are by word, the others by seat. */
export type Workspace = {
  readonly free: Int32Array;
  readonly leastGap: Int32Array;
  readonly seats: Int32Array;
  readonly gaps: Int32Array;
};

/** `rowPairs` are two neighbouring rows of one coach. `masks` are bitmaps of the seats that meet a want. */
export type SeatLayout = {
  readonly size: number;
  readonly words: number;
  readonly rows: Ranges;
  readonly rowPairs: Ranges;
  readonly coaches: Ranges;
  readonly train: Ranges;
  readonly masks: Readonly<Record<Want, Uint32Array>>;
  readonly workspace: Workspace;
};

type Range = readonly [start: number, end: number];

const rangesOf = (list: readonly Range[]): Ranges => ({
  starts: Int32Array.from(list, ([start]) => start),
  ends: Int32Array.from(list, ([, end]) => end),
});

/** Ranges of neighbours that have the same key. */
const runsOf = (seats: readonly Seat[], keyOf: (seat: Seat) => string): readonly Range[] => {
  const runs: Range[] = [];
  let start = 0;
  let key: string | undefined;
  for (const [index, seat] of seats.entries()) {
    if (key !== undefined && keyOf(seat) !== key) {
      runs.push([start, index]);
      start = index;
    }
    key = keyOf(seat);
  }
  if (key !== undefined) runs.push([start, seats.length]);
  return runs;
};

/** A and F are by the window, C and D by the aisle; in a row of 2+1 (`ACF`) F is by both. */
const meets = (seat: Seat, row: string, want: Want): boolean => {
  switch (want) {
    case 'window':
      return seat.letter === 'A' || seat.letter === 'F';
    case 'aisle':
      return seat.letter === 'C' || seat.letter === 'D' || (seat.letter === 'F' && row === 'ACF');
    default:
      return seat.letter === want || seat.berth === want;
  }
};

/** `seats` must be in index order, as `seatsOfClass` gives them: the seats of a coach, and of a row, are adjacent. */
export const layoutOf = (seats: readonly Seat[]): SeatLayout => {
  const size = seats.length;
  const words = wordsFor(size);
  const rows = runsOf(seats, ({ coach, row }) => `${coach}/${row}`);
  const rowPairs = rows.flatMap(([start, end], index): readonly Range[] => {
    const next = rows[index + 1];
    return next !== undefined && seats[start]?.coach === seats[end]?.coach ? [[start, next[1]]] : [];
  });
  const lettersOf = rows.map(([start, end]) =>
    seats.slice(start, end).reduce((all, { letter }) => all + (letter ?? ''), ''),
  );
  const rowOf = rows.flatMap(([start, end], row) => new Array<number>(end - start).fill(row));
  const maskOf = (want: Want): Uint32Array => {
    const mask = new Uint32Array(words);
    for (const [index, seat] of seats.entries())
      if (meets(seat, lettersOf[rowOf[index] ?? 0] ?? '', want))
        mask[index >>> 5] = (mask[index >>> 5] ?? 0) | (1 << (index & 31));
    return mask;
  };
  return {
    size,
    words,
    rows: rangesOf(rows),
    rowPairs: rangesOf(rowPairs),
    coaches: rangesOf(runsOf(seats, ({ coach }) => coach)),
    train: rangesOf(size > 0 ? [[0, size]] : []),
    // Safe cast: the record is built from the list of all wants.
    masks: Object.fromEntries(WANTS.map((want) => [want, maskOf(want)])) as Record<Want, Uint32Array>,
    workspace: {
      free: new Int32Array(words),
      leastGap: new Int32Array(words),
      seats: new Int32Array(size),
      gaps: new Int32Array(size),
    },
  };
};
