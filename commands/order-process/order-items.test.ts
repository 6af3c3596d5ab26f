import { expect, test } from '@jest/globals';
import { seatsOfClass } from '@railhead/domain/train-run/composition.ts';
import { stopsOf } from '@railhead/tests/support/opened-run.ts';
import { itemsOf } from './order-items.ts';

const coach = (number: string) =>
  ({ coach: number, seatClass: 'second', layout: { kind: 'rows', rows: 1, letters: 'ABC' } }) as const;
/** 0 to 2 are in the first coach, 3 to 5 in the second. */
const named = { seats: seatsOfClass([coach('01'), coach('02')], 'second'), stops: stopsOf('A', 'B', 'C', 'D') };

test('each passenger has the seat of their own, at their own fare', () => {
  expect(itemsOf([{ from: 0, to: 3, seats: [4, 0] }], [100, 50], named)).toEqual([
    { itemNo: 1, coach: '02', seat: '01B', fareFen: 100 },
    { itemNo: 2, coach: '01', seat: '01A', fareFen: 50 },
  ]);
});

test('who changes is told where and to which seat, and who stays is told of no change', () => {
  const legs = [
    { from: 0, to: 1, seats: [0, 1, 2] },
    { from: 1, to: 2, seats: [0, 4, 5] },
    { from: 2, to: 3, seats: [3, 4, 2] },
  ];
  expect(itemsOf(legs, [1, 2, 3], named)).toEqual([
    { itemNo: 1, coach: '01', seat: '01A', fareFen: 1, changes: [{ at: 'C', coach: '02', seat: '01A' }] },
    { itemNo: 2, coach: '01', seat: '01B', fareFen: 2, changes: [{ at: 'B', coach: '02', seat: '01B' }] },
    {
      itemNo: 3,
      coach: '01',
      seat: '01C',
      fareFen: 3,
      changes: [
        { at: 'B', coach: '02', seat: '01C' },
        { at: 'C', coach: '01', seat: '01C' },
      ],
    },
  ]);
});

test('a plan without a seat for everybody, or without any leg, is no plan', () => {
  expect(() => itemsOf([{ from: 0, to: 3, seats: [4] }], [1, 2], named)).toThrow('passenger 2');
  expect(() => itemsOf([{ from: 0, to: 3, seats: [6] }], [1], named)).toThrow('passenger 1');
  expect(() => itemsOf([], [1], named)).toThrow('legs');
});
