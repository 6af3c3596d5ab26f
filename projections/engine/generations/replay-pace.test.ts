import { expect, test } from '@jest/globals';
import type { EventBatch } from '@railhead/commands/ports/event-store.ts';
import { newEvent } from '@railhead/tests/support/events.ts';
import { realClock } from '@railhead/tests/support/fixed-clock.ts';
import { waitUntil } from '@railhead/tests/support/wait-until.ts';
import fc from 'fast-check';
import { ReplayPace } from './replay-pace.ts';

const batchOf = (positions: readonly number[], position: number): EventBatch => ({
  events: positions.map((at) => ({
    ...newEvent({}, 'Happened'),
    stream: at % 2 === 0 ? 'even-1' : 'odd-1',
    revision: at,
    position: at,
  })),
  position,
  caughtUp: true,
});
const going = { isPaused: false, eventsPerSecond: 0, part: {} };
const signal = () => new AbortController().signal;

/** The positions that were taken, piece by piece, and where each piece ended. */
const takenBy = async (
  pace: ReplayPace,
  batch: EventBatch,
): Promise<readonly (readonly [readonly number[], number])[]> => {
  const pieces: [readonly number[], number][] = [];
  await pace.inPieces(batch, signal(), async ({ events, position }) => {
    pieces.push([events.map((event) => event.position), position]);
  });
  return pieces;
};

test('every event of a batch is taken once and in order, and the last piece ends where the batch does', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(fc.integer({ min: 1, max: 5_000 }), { maxLength: 600 }),
      fc.nat(100),
      fc.constantFrom(0, 20_000, 1_000_000),
      async (unsorted, rest, eventsPerSecond) => {
        const positions = unsorted.toSorted((one, other) => one - other);
        const pace = new ReplayPace(realClock);
        pace.now = { ...going, eventsPerSecond };
        const end = (positions.at(-1) ?? 0) + rest;
        const pieces = await takenBy(pace, batchOf(positions, end));
        expect(pieces.flatMap(([taken]) => taken)).toEqual(positions);
        expect(pieces.at(-1)?.[1]).toBe(end);
        for (const [taken, position] of pieces) expect(position).toBeGreaterThanOrEqual(taken.at(-1) ?? 0);
      },
    ),
    { numRuns: 30 },
  );
});

test('of a part only its events are taken, and the place moves on all the same', async () => {
  const pace = new ReplayPace(realClock);
  pace.now = { ...going, part: { from: 3, until: 6, streams: ['even'] } };
  expect(await takenBy(pace, batchOf([1, 2, 3, 4, 5, 6, 7, 8], 9))).toEqual([[[4, 6], 9]]);
});

test('nothing beyond a bound is taken until it is moved or gone', async () => {
  const pace = new ReplayPace(realClock);
  const taken: number[] = [];
  pace.holdAt(3);
  const done = pace.inPieces(batchOf([1, 3, 4, 9], 10), signal(), async ({ events }) => {
    taken.push(...events.map(({ position }) => position));
  });
  await waitUntil('the bound', () => pace.isAtBound);
  expect(taken).toEqual([1, 3]);
  pace.holdAt(8);
  await waitUntil('the next bound', () => pace.isAtBound);
  expect(taken).toEqual([1, 3, 4]);
  pace.release();
  expect(await done).toBe(true);
  expect(taken).toEqual([1, 3, 4, 9]);
});

test('what stands still takes nothing, and ends when it is told to', async () => {
  const pace = new ReplayPace(realClock);
  pace.now = { ...going, isPaused: true };
  const ending = new AbortController();
  let taken = 0;
  const done = pace.inPieces(batchOf([1], 1), ending.signal, async () => {
    taken += 1;
  });
  ending.abort();
  expect([await done, taken]).toEqual([false, 0]);
});
