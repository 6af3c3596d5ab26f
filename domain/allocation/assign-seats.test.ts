import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Leg, LockPlan } from '../seat-lock/plan.ts';
import { type Coach, seatsOfClass } from '../train-run/composition.ts';
import { assignSeats, type CountedLock } from './assign-seats.ts';
import { emptyOccupancy, occupy } from './bitmap.ts';
import { counted } from './choose-legs.ts';
import { layoutOf } from './layout.ts';

const SEGMENTS = 5;
const coach: Coach = { coach: '01', seatClass: 'second', layout: { kind: 'rows', rows: 3, letters: 'ABC' } };
const layout = layoutOf(seatsOfClass([coach], 'second'));

const journey = fc
  .tuple(fc.nat(SEGMENTS - 1), fc.integer({ min: 1, max: SEGMENTS }), fc.integer({ min: 1, max: 4 }))
  .map(([from, length, party]) => ({ from, to: Math.min(SEGMENTS, from + length), party }));
type Asked = { readonly from: number; readonly to: number; readonly party: number };

/** Sells by count until every segment is as full as it can be. */
const sell = (asked: readonly Asked[], taken: readonly { readonly legs: readonly Leg[] }[]): readonly CountedLock[] => {
  const occupancy = emptyOccupancy(SEGMENTS, layout.size);
  for (const { legs } of taken) for (const { from, to, seats } of legs) occupy(occupancy, from, to, seats);
  return asked.flatMap(({ from, to, party }, index) => {
    const wants = Array.from({ length: party }, () => undefined);
    const legs = counted()(layout, occupancy, { from, to, wants, acceptSeatChange: false });
    if (legs === undefined) return [];
    for (const leg of legs) occupy(occupancy, leg.from, leg.to, leg.seats);
    const plan: LockPlan = { orderNo: `o${index}`, epoch: 1, legs };
    return [{ lockId: `l${index}`, plan }];
  });
};

describe('seats assigned late', () => {
  test('are one for each traveller, all the way, whatever was sold by count', () => {
    fc.assert(
      fc.property(fc.array(journey, { maxLength: 40 }), (asked) => {
        const locks = sell(asked, []);
        const occupancy = emptyOccupancy(SEGMENTS, layout.size);
        const assigned = assignSeats(layout, SEGMENTS, [], locks);
        expect(assigned.map(({ lockId }) => lockId).sort()).toEqual(locks.map(({ lockId }) => lockId).sort());
        for (const { lockId, legs } of assigned) {
          expect(legs).toHaveLength(1);
          const plan = locks.find((lock) => lock.lockId === lockId)?.plan;
          expect([legs[0]?.from, legs[0]?.to]).toEqual([plan?.legs[0]?.from, plan?.legs.at(-1)?.to]);
          // Throws where a seat is given out twice.
          for (const { from, to, seats } of legs) occupy(occupancy, from, to, seats);
        }
      }),
      { numRuns: 1_000 },
    );
  });

  test('leave withdrawn seats alone, with a change of seats where there is no other way', () => {
    const part = fc.tuple(journey, fc.nat(layout.size - 1)).map(([{ from, to }, seat]) => ({
      legs: [{ from, to, seats: [seat] }],
    }));
    fc.assert(
      fc.property(fc.array(journey, { maxLength: 40 }), part, (asked, withdrawn) => {
        const locks = sell(asked, [withdrawn]);
        const occupancy = emptyOccupancy(SEGMENTS, layout.size);
        for (const { from, to, seats } of withdrawn.legs) occupy(occupancy, from, to, seats);
        for (const { legs } of assignSeats(layout, SEGMENTS, [withdrawn], locks))
          for (const { from, to, seats } of legs) occupy(occupancy, from, to, seats);
      }),
      { numRuns: 1_000 },
    );
  });

  test('meet what passengers asked for, where possible', () => {
    const plan: LockPlan = { orderNo: 'o', epoch: 1, legs: [{ from: 0, to: 2, seats: [0] }], wants: ['C'] };
    expect(assignSeats(layout, SEGMENTS, [], [{ lockId: 'l', plan }])[0]?.legs[0]?.seats).toEqual([2]);
  });

  test('are refused where more was sold than there is', () => {
    const plan = (orderNo: string): LockPlan => ({
      orderNo,
      epoch: 1,
      legs: [{ from: 0, to: 1, seats: [0, 1, 2, 3, 4] }],
    });
    const locks = ['a', 'b'].map((name) => ({ lockId: name, plan: plan(name) }));
    expect(() => assignSeats(layout, SEGMENTS, [], locks)).toThrow('more places');
  });
});
