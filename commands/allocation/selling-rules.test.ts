import { describe, expect, test } from '@jest/globals';
import { emptyOccupancy, type Occupancy, occupy } from '@railhead/domain/allocation/bitmap.ts';
import type { Selling } from '@railhead/domain/allocation/choose-legs.ts';
import { bestFit } from '@railhead/domain/allocation/choose-seats.ts';
import { layoutOf } from '@railhead/domain/allocation/layout.ts';
import { type Coach, seatsOfClass } from '@railhead/domain/train-run/composition.ts';
import type { OpenedRun } from '@railhead/domain/train-run/fold.ts';
import { boardingMs } from '../runs/sale-window.ts';
import type { Forecast, QuotaRule } from './quota-rules.ts';
import { isCounted, limitsOf, sellingOf } from './selling-rules.ts';

const coach: Coach = { coach: '01', seatClass: 'second', layout: { kind: 'rows', rows: 1, letters: 'ABCDF' } };
const run: OpenedRun = {
  status: 'open',
  settled: false,
  seatsAssigned: false,
  handled: [],
  train: 'G1',
  date: '2026-12-01',
  zone: 'Asia/Shanghai',
  trainType: '',
  stops: ['A', 'B', 'C', 'D'].map((code, seq) => ({
    code,
    name: code,
    arrives: seq * 60,
    departs: seq * 60,
    km: seq * 100,
  })),
  composition: [coach],
  tariff: {
    name: 'flat',
    ratesMilliFenPerKm: { second: 10_000, standing: 5_000 },
    bands: [{ percent: 100 }],
    minimumFen: 0,
    roundToFen: 1,
    percentOfAdult: { adult: 100, child: 50, student: 75 },
  },
};
const layout = layoutOf(seatsOfClass([coach], 'second'));
const departs = boardingMs(run, 0);
const hour = 3_600_000;

const rulesOf = (quotas: readonly QuotaRule[], forecasts: readonly Forecast[] = []) => ({
  policy: bestFit,
  quotas,
  forecasts,
});
const forTrain = { train: 'G1', seatClass: 'second' } as const;
const long: QuotaRule = { ...forTrain, from: 'A', to: 'D', seats: 5, untilMinutesBefore: 60 };
const ask = (from: number, to: number) => ({ from, to, wants: [undefined], acceptSeatChange: false });

describe('quotas', () => {
  test('keep seats for long journeys until shortly before the train leaves', () => {
    const selling = sellingOf(rulesOf([long]), run, 'second');
    if (!selling.ok) throw new Error(selling.refusal.detail);
    const occupancy = emptyOccupancy(3, 5);
    const early = selling.value(departs - 2 * hour);
    expect(early.choose(layout, occupancy, ask(0, 1))).toBeUndefined();
    expect(early.choose(layout, occupancy, ask(0, 3))).toHaveLength(1);
    expect(selling.value(departs - hour / 2).choose(layout, occupancy, ask(0, 1))).toHaveLength(1);
  });

  test('lapse so many minutes before the train leaves, not a millisecond earlier, and are looked at every ten seconds', () => {
    const isKept = (...times: readonly number[]): readonly boolean[] => {
      const limitsAt = limitsOf(rulesOf([long]), run, 'second');
      if (!limitsAt.ok) throw new Error(limitsAt.refusal.detail);
      return times.map((nowMs) => limitsAt.value(nowMs).length > 0);
    };
    const lapses = departs - hour;
    expect([...isKept(lapses - 1), ...isKept(lapses)]).toEqual([true, false]);
    expect(isKept(lapses - 1, lapses + 9_999, lapses + 10_000)).toEqual([true, true, false]);
    // A clock that is set back.
    expect(isKept(lapses, lapses - 10_000, lapses - 10_001)).toEqual([false, false, true]);
  });

  test('of a station are for those who board there', () => {
    const boarding: QuotaRule = { ...forTrain, boardingAt: 'B', seats: 5, untilMinutesBefore: 0 };
    const selling = sellingOf(rulesOf([boarding]), run, 'second');
    if (!selling.ok) throw new Error(selling.refusal.detail);
    const { choose } = selling.value(departs - hour);
    expect(choose(layout, emptyOccupancy(3, 5), ask(0, 3))).toBeUndefined();
    expect(choose(layout, emptyOccupancy(3, 5), ask(1, 2))).toHaveLength(1);
    expect(choose(layout, emptyOccupancy(3, 5), ask(0, 1))).toHaveLength(1);
  });

  test.each<[string, QuotaRule]>([
    ['a station off the route', { ...long, to: 'Z' }],
    ['a way the train does not go', { ...long, from: 'D', to: 'A' }],
    ['more seats than there are', { ...long, seats: 6 }],
    ['the last station to board at', { ...forTrain, boardingAt: 'D', seats: 1, untilMinutesBefore: 0 }],
    ['a station to board at that is off the route', { ...forTrain, boardingAt: 'Z', seats: 1, untilMinutesBefore: 0 }],
    ['a class that the train lacks', { ...long, seatClass: 'business' }],
    ['no seats of a class that the train lacks', { ...long, seatClass: 'business', seats: 0 }],
  ])('that do not fit the train are refused: %s', (_, rule) => {
    expect(sellingOf(rulesOf([rule]), run, rule.seatClass)).toMatchObject({
      ok: false,
      refusal: { code: 'QUOTA_INVALID' },
    });
  });

  test('of another train or class do not limit this one', () => {
    expect(sellingOf(rulesOf([{ ...long, train: 'G2', to: 'Z' }]), run, 'second').ok).toBe(true);
    expect(sellingOf(rulesOf([{ ...long, to: 'Z' }]), run, 'standing').ok).toBe(true);
  });
});

describe('bid prices', () => {
  const forecast = (requests: number): Forecast => ({
    ...forTrain,
    daysOnSale: 10,
    demand: [{ from: 'A', to: 'D', requests }],
  });
  const sellingFor = (requests: number) => {
    const selling = sellingOf(rulesOf([], [forecast(requests)]), run, 'second');
    if (!selling.ok) throw new Error(selling.refusal.detail);
    return selling.value;
  };
  const dayBefore = departs - 24 * hour;

  /** A price for the whole way may lie on any of its segments, so it refuses at least one of the short journeys. */
  const shortOnes = ({ choose }: Selling, occupancy: Occupancy): readonly string[] =>
    [ask(0, 1), ask(1, 2), ask(2, 3)].map((request) =>
      choose(layout, occupancy, request) === undefined ? 'refused' : 'sold',
    );

  test('keep seats for the longer journeys that are expected, and only as many', () => {
    // Of sixty expected long journeys six are still to come a day before departure: more than there are seats.
    const many = sellingFor(60)(dayBefore);
    expect(shortOnes(many, emptyOccupancy(3, 5))).toContain('refused');
    expect(many.choose(layout, emptyOccupancy(3, 5), ask(0, 3))).toHaveLength(1);
    const few = sellingFor(30)(dayBefore);
    expect(shortOnes(few, emptyOccupancy(3, 5))).not.toContain('refused');
  });

  test('are computed again as seats are sold', () => {
    const occupancy = emptyOccupancy(3, 5);
    const selling = sellingFor(30)(dayBefore);
    expect(shortOnes(selling, occupancy)).not.toContain('refused');
    occupy(occupancy, 0, 3, [0, 1, 2]);
    for (let n = 0; n < 40; n += 1) shortOnes(selling, occupancy);
    expect(shortOnes(selling, occupancy)).toContain('refused');
    expect(selling.choose(layout, occupancy, ask(0, 3))).toHaveLength(1);
  });

  test('are zero once no demand is left', () => {
    expect(sellingFor(50)(departs).choose(layout, emptyOccupancy(3, 5), ask(0, 1))).toHaveLength(1);
  });

  test('for journeys that the train does not make are refused', () => {
    const wrong: Forecast = { ...forecast(1), demand: [{ from: 'A', to: 'Z', requests: 1 }] };
    expect(sellingOf(rulesOf([], [wrong]), run, 'second')).toMatchObject({
      refusal: { code: 'FORECAST_INVALID' },
    });
  });
});

test('places to stand and classes with late assignment are sold by count', () => {
  expect(isCounted(run, 'second')).toBe(false);
  expect(isCounted(run, 'standing')).toBe(true);
  expect(isCounted({ ...run, lateAssignment: ['second'] }, 'second')).toBe(true);
});
