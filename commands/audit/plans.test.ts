import { describe, expect, test } from '@jest/globals';
import type { Leg } from '@railhead/domain/seat-lock/plan.ts';
import { isIdOf, legsDefect, seatNames } from './plans.ts';

const SEGMENTS = 4;
const SIZE = 3;

describe('legs', () => {
  const good: readonly Leg[] = [
    { from: 0, to: 2, seats: [0, 2] },
    { from: 2, to: SEGMENTS, seats: [1, 0] },
  ];
  const changed = (index: number, change: Partial<Leg>): readonly Leg[] =>
    good.map((leg, at) => (at === index ? { ...leg, ...change } : leg));

  test('that follow each other up to the last stop, with the first and the last seat, are right', () => {
    expect(legsDefect(good, SEGMENTS, SIZE)).toBeUndefined();
  });

  test.each<readonly [string, readonly Leg[]]>([
    ['no seats', []],
    ['no seats', [{ from: 0, to: 1, seats: [] }]],
    ['no way', changed(0, { from: -1 })],
    ['no way', changed(0, { from: 2 })],
    ['no way', changed(1, { to: SEGMENTS + 1 })],
    ['does not begin where', changed(0, { to: 1 })],
    ['does not begin where', changed(1, { from: 3 })],
    ['legs have', changed(1, { seats: [1] })],
    ['twice', changed(1, { seats: [1, 1] })],
    ['no such seat', changed(0, { seats: [0, SIZE] })],
    ['no such seat', changed(0, { seats: [-1, 0] })],
  ])('wrong: %s %j', (why, legs) => {
    expect(legsDefect(legs, SEGMENTS, SIZE)).toContain(why);
  });
});

test('a lock id names its order and its epoch, for every attempt', () => {
  const plan = { orderNo: 'N1', epoch: 2, legs: [] };
  expect(['N1.2.1', 'N1.2.17'].map((id) => isIdOf(id, plan))).toEqual([true, true]);
  expect(['N1.1.1', 'N1.22.1', 'N11.2.1', 'N.2.1', ''].map((id) => isIdOf(id, plan))).not.toContain(true);
});

test('seats are named as in the train; a later one only where the passenger changes', () => {
  const seats = ['01A', '01C', '02A'].map((seat) => ({ coach: '03', seat, row: 1 }));
  const legs = [
    { from: 1, to: 2, seats: [0, 1] },
    { from: 2, to: 4, seats: [2, 1] },
  ];
  const named = [0, 1, 2].map((passenger) => seatNames(legs, passenger, seats, (stop) => `ST${stop}`));
  expect(named).toEqual([['ST1 03/01A', 'ST2 03/02A'], ['ST1 03/01C'], ['ST1 undefined/undefined']]);
});
