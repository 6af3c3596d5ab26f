import { expect, test } from '@jest/globals';
import { emptyOccupancy, occupy } from '@railhead/domain/allocation/bitmap.ts';
import { bestFit } from '@railhead/domain/allocation/choose-seats.ts';
import type { Coach } from '@railhead/domain/train-run/composition.ts';
import { ManualClock } from '@railhead/tests/support/fixed-clock.ts';
import { openedRun, stopsOf } from '@railhead/tests/support/opened-run.ts';
import { boardingMs } from '../runs/sale-window.ts';
import type { Forecast, QuotaRule } from './quota-rules.ts';
import { SeatsOnOffer } from './seats-on-offer.ts';

const SEATS = 10;
const coach: Coach = { coach: '01', seatClass: 'second', layout: { kind: 'rows', rows: 2, letters: 'ABCDF' } };
const run = openedRun({
  stops: stopsOf('A', 'B', 'C', 'D'),
  composition: [coach],
  tariff: { ...openedRun().tariff, ratesMilliFenPerKm: { second: 10_000 } },
});
const departs = boardingMs(run, 0);
const long: QuotaRule = { train: 'G1', seatClass: 'second', from: 'A', to: 'D', seats: 4, untilMinutesBefore: 60 };

const offer = (quotas: readonly QuotaRule[], forecasts: readonly Forecast[] = [], beforeMs = 86_400_000) =>
  new SeatsOnOffer({ policy: bestFit, quotas, forecasts }, new ManualClock(departs - beforeMs));
const short = { from: 0, to: 1 };
const whole = { from: 0, to: 3 };
const untouched = { seats: SEATS, free: SEATS, taken: () => undefined };

test('without rules every free seat is on offer', () => {
  expect(offer([]).count(run, 'second', short, untouched)).toBe(SEATS);
  expect(offer([{ ...long, train: 'G2' }]).count(run, 'second', short, untouched)).toBe(SEATS);
});

test('seats of a quota are on offer for the journeys it keeps them for, and for all once it lapses', () => {
  const some = emptyOccupancy(3, SEATS);
  occupy(some, 0, 3, [0, 1, 2]);
  for (const [taken, free] of [
    [undefined, SEATS],
    [some, SEATS - 3],
  ] as const) {
    const stock = { seats: SEATS, free, taken: () => taken };
    expect(offer([long]).count(run, 'second', short, stock)).toBe(free - 4);
    expect(offer([long]).count(run, 'second', whole, stock)).toBe(free);
    expect(offer([long], [], 59 * 60_000).count(run, 'second', short, stock)).toBe(free);
  }
});

test('seats of coaches that nobody has bought from yet count too', () => {
  const before = emptyOccupancy(3, 5);
  occupy(before, 0, 1, [0, 1]);
  expect(offer([long]).count(run, 'second', short, { seats: SEATS, free: 8, taken: () => before })).toBe(4);
});

test('a journey whose fare does not reach the bid price is not on offer', () => {
  const demand = [{ from: 'A', to: 'D', requests: 1_000 }];
  const forecast: Forecast = { train: 'G1', seatClass: 'second', daysOnSale: 2, demand };
  const offered = offer([], [forecast]);
  expect(offered.count(run, 'second', whole, untouched)).toBe(SEATS);
  const parts = [0, 1, 2].map((from) => offered.count(run, 'second', { from, to: from + 1 }, untouched));
  expect(parts).toContain(0);
});

test('more runs than are remembered are each offered by their own rules', () => {
  const day = (n: number): string => new Date(Date.UTC(2026, 0, 1 + n)).toISOString().slice(0, 'YYYY-MM-DD'.length);
  const lapses = day(5_000);
  const offered = new SeatsOnOffer(
    { policy: bestFit, quotas: [long], forecasts: [] },
    new ManualClock(boardingMs({ ...run, date: lapses }, 0)),
  );
  for (const dates of [10_001, 3])
    for (let n = 0; n < dates; n += 1) {
      const count = offered.count({ ...run, date: day(n) }, 'second', short, untouched);
      // Of runs that have left, the quota has lapsed.
      if (count !== (n <= 5_000 ? SEATS : SEATS - 4)) expect([day(n), count]).toEqual([]);
    }
});

test('a class whose rule does not fit the train is not sold, so nothing of it is on offer', () => {
  expect(offer([{ ...long, seats: 99 }]).count(run, 'second', whole, untouched)).toBe(0);
});
