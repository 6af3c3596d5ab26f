import { describe, expect, test } from '@jest/globals';
import {
  aborted,
  acquired,
  confirmed,
  held,
  releasedLock,
  releasedSeats,
} from '@railhead/tests/support/seat-events.ts';
import fc from 'fast-check';
import { freeCount, isFree } from '../allocation/bitmap.ts';
import type { SeatLockEvent } from '../seat-lock/events.ts';
import type { LockPlan } from '../seat-lock/plan.ts';
import { decide } from '../segment-inventory/decide.ts';
import type { SegmentInventoryEvent } from '../segment-inventory/events.ts';
import { seatsOfClass } from '../train-run/composition.ts';
import {
  applyToBook,
  applyToSegment,
  beforeOnSegment,
  brokenLock,
  type ClassStock,
  contradictionOf,
  leftovers,
  revertOnSegment,
  type SegmentBefore,
  segmentAt,
  untouchedStock,
} from './class-stock.ts';

const SEGMENTS = 3;
const seats = seatsOfClass(
  [{ coach: '01', seatClass: 'second', layout: { kind: 'rows', rows: 2, letters: 'ABC' } }],
  'second',
);
const SIZE = seats.length;
const emptyStock = (): ClassStock => untouchedStock(seats, SEGMENTS);

const planOf = (list: readonly number[], epoch = 1, from = 0, to = SEGMENTS): LockPlan => ({
  orderNo: 'N1',
  epoch,
  legs: [{ from, to, seats: list }],
});
const opened: SegmentInventoryEvent = { type: 'SegmentOpened', version: 1, data: { seats: SIZE } };
const stockWith = (segments: readonly (readonly SegmentInventoryEvent[])[], book: readonly SeatLockEvent[] = []) => {
  const stock = emptyStock();
  for (const [seq, events] of segments.entries()) for (const event of events) applyToSegment(stock, seq, event);
  for (const event of book) applyToBook(stock, event);
  return stock;
};

/** The state of a stock without the buffers that a search overwrites. */
const contentOf = ({ segments, occupancy, book }: ClassStock) => structuredClone({ segments, occupancy, book });

describe('class stock', () => {
  test('starts with every seat free and every segment unopened', () => {
    const stock = emptyStock();
    expect(freeCount(stock.occupancy, 0, SEGMENTS)).toBe(SIZE);
    expect(stock.segments.map((segment) => segment.seats)).toEqual([-1, -1, -1]);
    expect(() => segmentAt(stock, SEGMENTS)).toThrow(RangeError);
  });

  test('the bitmap follows the streams, segment by segment', () => {
    const stock = stockWith([[opened], [opened, held('L1', [2, 5])], [opened, held('L2', [2])]]);
    expect([0, 1, 2].map((seq) => freeCount(stock.occupancy, seq, seq + 1))).toEqual([6, 4, 5]);
    expect(isFree(stock.occupancy, 0, 1, 2)).toBe(true);
    expect(isFree(stock.occupancy, 1, 2, 5)).toBe(false);
    applyToSegment(stock, 1, releasedSeats('L1', [2, 5]));
    expect([0, 1, 2].map((seq) => freeCount(stock.occupancy, seq, seq + 1))).toEqual([6, 6, 5]);
  });

  test('a contradiction is named with its segment and does not change the bitmap', () => {
    const stock = stockWith([[opened], [opened, held('L1', [2])]]);
    expect(contradictionOf(stock)).toBeUndefined();
    applyToSegment(stock, 1, held('L2', [2, 3]));
    expect(contradictionOf(stock)).toMatch(/^segment 1: L2 holds seat 2, held by L1$/);
    expect(freeCount(stock.occupancy, 1, 2)).toBe(SIZE - 1);
    applyToSegment(stock, 0, releasedSeats('L3', [0]));
    expect(contradictionOf(stock)).toMatch(/^segment 0: L3 releases/);
    expect(freeCount(stock.occupancy, 0, 1)).toBe(SIZE);
  });

  test('a second contradiction of a segment does not change the bitmap either', () => {
    const stock = stockWith([[opened, held('L1', [2]), held('L2', [2])]]);
    applyToSegment(stock, 0, held('L1', [3]));
    expect(isFree(stock.occupancy, 0, 1, 3)).toBe(true);
    expect(() => applyToSegment(stock, 0, held('L3', [2]))).not.toThrow();
  });

  test('a release can only be taken back with the hold it removed', () => {
    const stock = stockWith([[opened, held('L1', [2])]]);
    applyToSegment(stock, 0, releasedSeats('L1', [2]));
    expect(() => revertOnSegment(stock, 0, releasedSeats('L1', [2]), { seats: SIZE, released: [] })).toThrow('L1');
  });

  test('taking back events in reverse order restores the state before them', () => {
    type Step = { readonly seq: number; readonly lockId: string; readonly seats: readonly number[] | null };
    const step: fc.Arbitrary<Step> = fc.record({
      seq: fc.nat(SEGMENTS - 1),
      lockId: fc.constantFrom('L1', 'L2', 'L3'),
      seats: fc.option(fc.uniqueArray(fc.nat(SIZE - 1), { minLength: 1, maxLength: 3 })),
    });
    type Done = { seq: number; event: SegmentInventoryEvent; before: SegmentBefore };
    const run = (stock: ClassStock, steps: readonly Step[]): Done[] => {
      const done: Done[] = [];
      const apply = (seq: number, event: SegmentInventoryEvent): void => {
        const before = beforeOnSegment(stock, seq, event);
        applyToSegment(stock, seq, event);
        done.push({ seq, event, before });
      };
      for (const { seq, lockId, seats: list } of steps) {
        const segment = segmentAt(stock, seq);
        if (segment.seats < 0) apply(seq, opened);
        const decision = decide(
          segment,
          list === null ? { type: 'Release', lockId } : { type: 'Hold', lockId, seats: list },
        );
        for (const event of decision.ok ? decision.value : []) apply(seq, event);
      }
      return done;
    };
    const steps = fc.array(step, { maxLength: 20 });
    fc.assert(
      fc.property(steps, steps, (written, drafted) => {
        const stock = emptyStock();
        run(stock, written);
        const before = contentOf(stock);
        const done = run(stock, drafted);
        for (const [seq, segment] of stock.segments.entries())
          expect(freeCount(stock.occupancy, seq, seq + 1)).toBe(SIZE - segment.holderOf.size);
        for (const { seq, event, before: was } of done.reverse()) revertOnSegment(stock, seq, event, was);
        expect(contentOf(stock)).toEqual(before);
      }),
      { numRuns: 500 },
    );
  });
});

describe('leftovers', () => {
  test('a hold with a lock is none', () => {
    const plan = planOf([2], 1, 0, 2);
    const stock = stockWith(
      [
        [opened, held('L1', [2])],
        [opened, held('L1', [2])],
      ],
      [acquired('L1', plan), confirmed('L1')],
    );
    expect(leftovers(stock, 9)).toEqual({ toAbort: [], toRelease: new Map() });
  });

  test('an uncommitted hold is left over once its epoch is over', () => {
    const stock = stockWith([[opened], [opened, held('N1.4.1', [2])], [opened, held('N1.4.1', [2])]]);
    expect(leftovers(stock, 4)).toEqual({ toAbort: [], toRelease: new Map() });
    expect(leftovers(stock, 5)).toEqual({ toAbort: ['N1.4.1'], toRelease: new Map([['N1.4.1', [1, 2]]]) });
  });

  test('a decided lock that still occupies seats is released, and not aborted again', () => {
    const events = [opened, held('L1', [2]), held('L2', [3])];
    const book = [aborted('L1'), acquired('L2', planOf([3])), releasedLock('L2')];
    expect(leftovers(stockWith([[opened], [opened], events], book), 1)).toEqual({
      toAbort: [],
      toRelease: new Map([
        ['L1', [2]],
        ['L2', [2]],
      ]),
    });
  });
});

describe('broken locks', () => {
  const plan = planOf([2], 1, 0, 2);
  const whole = [opened, held('L1', [2])];

  test('a whole lock is not broken, nor is an empty train', () => {
    expect(brokenLock(emptyStock())).toBeUndefined();
    expect(brokenLock(stockWith([whole, whole], [acquired('L1', plan)]))).toBeUndefined();
    expect(brokenLock(stockWith([[opened], [opened]], [acquired('L1', plan), releasedLock('L1')]))).toBeUndefined();
  });

  test('a lock without one of its segments is', () => {
    expect(brokenLock(stockWith([whole, [opened]], [acquired('L1', plan)]))).toBe('L1 does not hold segment 1');
  });

  test('so is a hold without a lock', () => {
    expect(brokenLock(stockWith([whole]))).toBe('L1 occupies segment 0 without a lock');
    expect(brokenLock(stockWith([whole, whole], [acquired('L1', plan), releasedLock('L1')]))).toBe(
      'L1 occupies segment 0 without a lock',
    );
  });
});
