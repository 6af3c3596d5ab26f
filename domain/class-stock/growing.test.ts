// A class that gets coaches while it is sold, and one whose seats are given out late.
import { describe, expect, test } from '@jest/globals';
import { acquired, held, releasedLock } from '@railhead/tests/support/seat-events.ts';
import { freeCount, isFree } from '../allocation/bitmap.ts';
import type { SeatLockEvent } from '../seat-lock/events.ts';
import type { Leg } from '../seat-lock/plan.ts';
import type { SegmentInventoryEvent } from '../segment-inventory/events.ts';
import { seatsOfClass } from '../train-run/composition.ts';
import {
  applyToBook,
  applyToSegment,
  assignedTwice,
  beforeOnSegment,
  type ClassStock,
  extendStock,
  isOutgrown,
  revertOnSegment,
  untouchedStock,
} from './class-stock.ts';

const SEGMENTS = 3;
const seatsOf = (count: number) =>
  seatsOfClass([{ coach: '01', seatClass: 'second', layout: { kind: 'numbers', seats: count } }], 'second');
const [four, six] = [seatsOf(4), seatsOf(6)];

const opened = (seats: number): SegmentInventoryEvent => ({ type: 'SegmentOpened', version: 1, data: { seats } });
const extended = (seats: number): SegmentInventoryEvent => ({ type: 'SegmentExtended', version: 1, data: { seats } });
const stockOf = (...events: readonly SegmentInventoryEvent[]): ClassStock => {
  const stock = untouchedStock(four, SEGMENTS);
  for (const event of events) applyToSegment(stock, 0, event);
  return stock;
};

describe('a class that grows', () => {
  test('keeps what is taken, and has the new seats free on every segment', () => {
    const stock = stockOf(opened(4), held('L1', [1, 3]));
    extendStock(stock, six);
    expect([stock.seats, stock.layout.size, isOutgrown(stock)]).toEqual([six, 6, false]);
    expect([0, 1, 2].map((seq) => freeCount(stock.occupancy, seq, seq + 1))).toEqual([4, 6, 6]);
    expect([1, 3, 4].map((seat) => isFree(stock.occupancy, 0, 1, seat))).toEqual([false, false, true]);
    applyToSegment(stock, 0, extended(6));
    applyToSegment(stock, 0, held('L2', [5]));
    expect(freeCount(stock.occupancy, 0, 1)).toBe(3);
  });

  test('does not shrink, and is left alone by seats it has', () => {
    const stock = stockOf(opened(4), held('L1', [1]));
    for (const seats of [seatsOf(3), seatsOf(4)]) {
      extendStock(stock, seats);
      expect(stock.seats).toBe(four);
      expect([stock.layout.size, freeCount(stock.occupancy, 0, 1)]).toEqual([4, 3]);
    }
  });

  test.each([
    ['opened', [opened(6)]],
    ['extended', [opened(4), extended(6)]],
  ])('elsewhere is outgrown once a segment was %s with more seats, until it hears of them', (_, events) => {
    const stock = stockOf(...events);
    applyToSegment(stock, 0, held('L1', [5]));
    expect([isOutgrown(stock), freeCount(stock.occupancy, 0, 1), freeCount(stock.occupancy, 1, 2)]).toEqual([
      true,
      5,
      6,
    ]);
    extendStock(stock, seatsOf(5));
    expect(isOutgrown(stock)).toBe(true);
    extendStock(stock, six);
    expect([isOutgrown(stock), freeCount(stock.occupancy, 0, 1)]).toEqual([false, 5]);
  });

  test('is not outgrown by a segment of its own size or less', () => {
    for (const stock of [stockOf(opened(4)), stockOf(opened(2)), stockOf()])
      expect([isOutgrown(stock), freeCount(stock.occupancy, 1, 2)]).toEqual([false, 4]);
  });

  test.each([
    ['its opening', [], opened(4), -1],
    ['its growth', [opened(4)], extended(6), 4],
  ] as const)('has the seats it had when %s is taken back', (_, events, event, seats) => {
    const stock = stockOf(...events);
    const before = beforeOnSegment(stock, 0, event);
    applyToSegment(stock, 0, event);
    revertOnSegment(stock, 0, event, before);
    expect(stock.segments.map((segment) => segment.seats)).toEqual([seats, -1, -1]);
  });

  test('shares its layout with classes of the same seats, and with no others', () => {
    expect(untouchedStock(four, 1).layout).toBe(untouchedStock(four, 2).layout);
    expect(untouchedStock(six, 1).layout).not.toBe(untouchedStock(four, 1).layout);
  });
});

describe('seats that are given out late', () => {
  const leg = (from: number, to: number, ...seats: readonly number[]): Leg => ({ from, to, seats });
  const stockWith = (assigned: Readonly<Record<string, readonly Leg[]>>, ...more: readonly SeatLockEvent[]) => {
    const stock = untouchedStock(four, SEGMENTS);
    for (const lockId of Object.keys(assigned)) {
      const plan = { orderNo: lockId, epoch: 1, legs: [leg(0, SEGMENTS, 0)] };
      applyToBook(stock, acquired(lockId, plan));
    }
    const seats = Object.entries(assigned).map(([lockId, legs]) => ({ lockId, legs }));
    applyToBook(stock, { type: 'SeatsAssigned', version: 1, data: { seats } });
    for (const event of more) applyToBook(stock, event);
    return stock;
  };

  test.each<[string, Readonly<Record<string, readonly Leg[]>>]>([
    ['another seat', { L1: [leg(0, 3, 1)], L2: [leg(0, 3, 2)] }],
    ['the same seat one after the other', { L1: [leg(0, 2, 1)], L2: [leg(2, 3, 1)] }],
    ['a change of seats that lets them pass', { L1: [leg(0, 1, 1), leg(1, 3, 2)], L2: [leg(0, 1, 2), leg(1, 3, 1)] }],
    ['none yet', {}],
  ])('are given to one only: %s', (_, assigned) => {
    expect(assignedTwice(stockWith(assigned))).toBeUndefined();
  });

  test.each<[string, Readonly<Record<string, readonly Leg[]>>, string]>([
    ['all the way', { L1: [leg(0, 3, 1)], L2: [leg(0, 3, 1)] }, 'seat 1 on segment 0'],
    ['on the last segment', { L1: [leg(0, 3, 1)], L2: [leg(2, 3, 1)] }, 'seat 1 on segment 2'],
    ['by one of a party', { L1: [leg(0, 3, 1)], L2: [leg(0, 3, 0, 1)] }, 'seat 1 on segment 0'],
    ['by the second leg', { L1: [leg(0, 1, 0), leg(1, 3, 1)], L2: [leg(1, 2, 1)] }, 'seat 1 on segment 1'],
  ])('that are given to two are named: %s', (_, assigned, where) => {
    expect(assignedTwice(stockWith(assigned))).toBe(`${where} is assigned to L1 and L2`);
  });

  test('may be given again once they are given back', () => {
    const both = { L1: [leg(0, 3, 1)], L2: [leg(0, 3, 1)] };
    expect(assignedTwice(stockWith(both, releasedLock('L1')))).toBeUndefined();
  });
});
