// Places by count, and seats with a change on the way: what is chosen covers the journey, is free, and is all there is.
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { seatsOfClass } from '../train-run/composition.ts';
import { emptyOccupancy, freeCount, isFree, type Occupancy, occupy } from './bitmap.ts';
import { type ChooseLegs, counted, type LegsRequest, seated } from './choose-legs.ts';
import { bestFit } from './choose-seats.ts';
import { layoutOf } from './layout.ts';

const SEGMENTS = 5;
/** More than one word of a bitmap. */
const SIZE = 36;
const layout = layoutOf(
  seatsOfClass([{ coach: '01', seatClass: 'second', layout: { kind: 'numbers', seats: SIZE } }], 'second'),
);

const stretch = fc
  .tuple(fc.nat(SEGMENTS - 1), fc.integer({ min: 1, max: SEGMENTS }))
  .map(([from, length]) => ({ from, to: Math.min(SEGMENTS, from + length) }));
/** Which segments of each seat are taken, as bits: most are all the way, so that it matters which are not. */
const taken = fc.oneof({ weight: 5, arbitrary: fc.constant(2 ** SEGMENTS - 1) }, fc.nat(2 ** SEGMENTS - 1));
const occupancies = fc.array(taken, { minLength: SIZE, maxLength: SIZE }).map((seats) => {
  const occupancy = emptyOccupancy(SEGMENTS, SIZE);
  for (const [seat, bits] of seats.entries())
    for (let at = 0; at < SEGMENTS; at += 1) if (((bits >>> at) & 1) === 1) occupy(occupancy, at, at + 1, [seat]);
  return occupancy;
});
const asked = fc.record({ journey: stretch, size: fc.integer({ min: 1, max: 3 }) });
const requestOf = (
  { journey, size }: { journey: { from: number; to: number }; size: number },
  accepts = false,
): LegsRequest => ({
  ...journey,
  wants: new Array<undefined>(size).fill(undefined),
  acceptSeatChange: accepts,
});

const expectToCover = (occupancy: Occupancy, request: LegsRequest, legs: NonNullable<ReturnType<ChooseLegs>>): void => {
  expect(legs.map(({ from }) => from)).toEqual([request.from, ...legs.slice(0, -1).map(({ to }) => to)]);
  expect(legs.at(-1)?.to).toBe(request.to);
  for (const { from, to, seats } of legs) {
    expect(from).toBeLessThan(to);
    expect(new Set(seats).size).toBe(request.wants.length);
    expect(seats.filter((seat) => !isFree(occupancy, from, to, seat))).toEqual([]);
  }
};
const longest = (legs: readonly unknown[] | undefined): number => legs?.length ?? 0;

describe('places by count', () => {
  test('are sold just when every segment has enough, and are kept for as long as they are free', () => {
    fc.assert(
      fc.property(occupancies, asked, (occupancy, ask) => {
        const request = requestOf(ask);
        const { from, to } = request;
        const segments = Array.from({ length: to - from }, (_, at) => from + at);
        const enough = segments.every((at) => freeCount(occupancy, at, at + 1) >= ask.size);
        const legs = counted()(layout, occupancy, request);
        expect(legs !== undefined).toBe(enough);
        if (legs === undefined) return;
        expectToCover(occupancy, request, legs);
        for (const [index, { from: changeAt, seats }] of legs.entries()) {
          const before = legs[index - 1]?.seats ?? [];
          const kept = before.filter((seat) => isFree(occupancy, changeAt, changeAt + 1, seat));
          // A leg begins only where a place is lost, and keeps the others.
          if (index > 0) expect(kept.length).toBeLessThan(ask.size);
          expect(kept.filter((seat) => !seats.includes(seat))).toEqual([]);
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('seats by name', () => {
  test('are one leg where there are seats all the way, two where a change is accepted and possible, else none', () => {
    fc.assert(
      fc.property(occupancies, asked, (occupancy, ask) => {
        const { from, to } = ask.journey;
        const whole = freeCount(occupancy, from, to) >= ask.size;
        const changes = Array.from({ length: to - from - 1 }, (_, at) => from + 1 + at).some(
          (at) => freeCount(occupancy, from, at) >= ask.size && freeCount(occupancy, at, to) >= ask.size,
        );
        const choose = seated(bestFit);
        const legs = choose(layout, occupancy, requestOf(ask, true));
        expect(longest(legs)).toBe(whole ? 1 : changes ? 2 : 0);
        if (legs !== undefined) expectToCover(occupancy, requestOf(ask), legs);
        expect(longest(choose(layout, occupancy, requestOf(ask)))).toBe(whole ? 1 : 0);
      }),
      { numRuns: 500 },
    );
  });
});

describe('a limit', () => {
  const occupancy = emptyOccupancy(SEGMENTS, SIZE);
  const request = requestOf({ journey: { from: 1, to: 3 }, size: 2 }, true);
  test.each([
    ['by count', counted],
    ['by name', (limits: Parameters<typeof counted>[0]) => seated(bestFit, limits)],
  ])('is asked for the journey and its passengers, and each may refuse a sale %s', (_, sell) => {
    const seen: unknown[] = [];
    const allows = (...args: readonly unknown[]): boolean => seen.push(args) > 0;
    expect(longest(sell([allows])(layout, occupancy, request))).toBe(1);
    expect(seen).toEqual([[occupancy, expect.objectContaining({ from: 1, to: 3 }), 2]]);
    expect(sell([allows, () => false])(layout, occupancy, request)).toBeUndefined();
    expect(sell([() => false, allows])(layout, occupancy, request)).toBeUndefined();
  });
});
