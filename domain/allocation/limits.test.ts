import { describe, expect, test } from '@jest/globals';
import { type Coach, seatsOfClass } from '../train-run/composition.ts';
import { emptyOccupancy, occupy } from './bitmap.ts';
import { seated } from './choose-legs.ts';
import { bestFit } from './choose-seats.ts';
import { layoutOf } from './layout.ts';
import { allowedByBidPrice, allowedByQuota, bidPriceLimit, mostAllowed, quotaLimit, validateQuotas } from './limits.ts';

const train: Coach = { coach: '01', seatClass: 'second', layout: { kind: 'rows', rows: 1, letters: 'ABCDF' } };
const layout = layoutOf(seatsOfClass([train], 'second'));
const long = { fromSeq: 1, toSeq: 3, seats: 2 };

describe('quotas', () => {
  test('keep the last seats for journeys that cover the whole quota', () => {
    const occupancy = emptyOccupancy(4, 5);
    occupy(occupancy, 2, 3, [0, 1, 2]);
    expect(allowedByQuota(occupancy, [long], { from: 2, to: 4 }, 1)).toBe(false);
    expect(allowedByQuota(occupancy, [long], { from: 1, to: 2 }, 3)).toBe(true);
    expect(allowedByQuota(occupancy, [long], { from: 1, to: 2 }, 4)).toBe(false);
    expect(allowedByQuota(occupancy, [long], { from: 1, to: 3 }, 2)).toBe(true);
    expect(allowedByQuota(occupancy, [long], { from: 0, to: 4 }, 2)).toBe(true);
    expect(allowedByQuota(occupancy, [long], { from: 3, to: 4 }, 5)).toBe(true);
  });

  test('of a station are kept for those who board there, not for those who pass it or get off before', () => {
    const occupancy = emptyOccupancy(4, 5);
    const boarding = { fromSeq: 2, toSeq: 3, seats: 2, keptFor: 'boarding' } as const;
    occupy(occupancy, 2, 3, [0, 1, 2]);
    expect(allowedByQuota(occupancy, [boarding], { from: 0, to: 4 }, 1)).toBe(false);
    expect(allowedByQuota(occupancy, [boarding], { from: 1, to: 3 }, 1)).toBe(false);
    expect(allowedByQuota(occupancy, [boarding], { from: 2, to: 4 }, 2)).toBe(true);
    expect(allowedByQuota(occupancy, [boarding], { from: 0, to: 2 }, 5)).toBe(true);
    expect(allowedByQuota(occupancy, [boarding], { from: 3, to: 4 }, 5)).toBe(true);
  });

  test('must lie on the route and keep back no more than there is', () => {
    const route = { segments: 4, seats: 5 };
    expect(validateQuotas([long, { fromSeq: 0, toSeq: 4, seats: 5 }], route).ok).toBe(true);
    for (const wrong of [
      { ...long, seats: 6 },
      { ...long, seats: -1 },
      { ...long, seats: 0.5 },
      { ...long, toSeq: 5 },
      { ...long, toSeq: 1 },
      { ...long, fromSeq: -1 },
    ])
      expect(validateQuotas([long, wrong], route)).toMatchObject({
        ok: false,
        refusal: { code: 'QUOTA_INVALID', extra: { index: 1 } },
      });
  });
});

describe('bid prices', () => {
  test('a fare must reach the sum over the journey', () => {
    expect(allowedByBidPrice([100, 0, 250], { from: 0, to: 3 }, 350)).toBe(true);
    expect(allowedByBidPrice([100, 0, 250], { from: 0, to: 3 }, 349)).toBe(false);
    expect(allowedByBidPrice([100, 0, 250], { from: 1, to: 2 }, 0)).toBe(true);
  });
});

test('a class with limits seats only what every limit allows', () => {
  const occupancy = emptyOccupancy(4, 5);
  occupy(occupancy, 1, 3, [0, 1, 2]);
  const choose = seated(bestFit, [
    quotaLimit([long]),
    bidPriceLimit([10, 10, 10, 10], (from, to) => (to - from) * 12 - 5),
  ]);
  const ask = (from: number, to: number) => ({ from, to, wants: [undefined], acceptSeatChange: true });
  expect(choose(layout, occupancy, ask(1, 2))).toBeUndefined();
  expect(choose(layout, occupancy, ask(0, 1))).toBeUndefined();
  expect(choose(layout, occupancy, ask(1, 4))).toEqual([{ from: 1, to: 4, seats: [3] }]);
});

test('of so many passengers, as many may be sold as every limit allows', () => {
  const occupancy = emptyOccupancy(4, 40);
  occupy(occupancy, 1, 3, [0, 1, 2]);
  const quotas = quotaLimit([long]);
  expect(mostAllowed(occupancy, [], { from: 1, to: 2 }, 37)).toBe(37);
  expect(mostAllowed(occupancy, [quotas], { from: 1, to: 2 }, 37)).toBe(35);
  expect(mostAllowed(occupancy, [quotas], { from: 1, to: 2 }, 20)).toBe(20);
  expect(mostAllowed(occupancy, [quotas], { from: 0, to: 4 }, 37)).toBe(37);
  expect(mostAllowed(occupancy, [quotas, quotaLimit([{ ...long, seats: 30 }])], { from: 1, to: 2 }, 37)).toBe(7);
  expect(mostAllowed(occupancy, [quotas, () => false], { from: 1, to: 2 }, 37)).toBe(0);
  expect(mostAllowed(occupancy, [quotas], { from: 1, to: 2 }, 0)).toBe(0);
});
