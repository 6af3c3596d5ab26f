import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  addDays,
  everyDay,
  isoWeekday,
  MAX_STOPS,
  runsOn,
  type Service,
  type Stop,
  type Train,
  timetableDefect,
} from './timetable.ts';

const DAY_MS = 86_400_000;
const dates = fc.integer({ min: 0, max: 40_000 }).map((day) => new Date(day * DAY_MS).toISOString().slice(0, 10));

describe('calendar', () => {
  test('weekdays count from Monday', () => {
    // 1 December 2026 is a Tuesday.
    expect(['2026-11-30', '2026-12-01', '2026-12-05', '2026-12-06'].map(isoWeekday)).toEqual([1, 2, 6, 7]);
  });

  test('days are added over the ends of months, years and February', () => {
    expect(addDays('2026-12-31', 1)).toBe('2027-01-01');
    expect(addDays('2027-01-01', -1)).toBe('2026-12-31');
    expect(addDays('2028-02-28', 1)).toBe('2028-02-29');
    expect(addDays('2026-02-28', 1)).toBe('2026-03-01');
    expect(addDays('2026-12-01', 0)).toBe('2026-12-01');
  });

  test('adding days and taking them away again gives the same date, and weekdays go round', () => {
    fc.assert(
      fc.property(dates, fc.integer({ min: -1000, max: 1000 }), (date, days) => {
        const moved = addDays(date, days);
        expect(addDays(moved, -days)).toBe(date);
        expect((Date.parse(moved) - Date.parse(date)) / DAY_MS).toBe(days);
        expect((((isoWeekday(moved) - isoWeekday(date) - days) % 7) + 7) % 7).toBe(0);
      }),
    );
  });
});

describe('service', () => {
  const service: Service = {
    from: '2026-12-01',
    until: '2026-12-31',
    weekdays: [1, 5],
    added: ['2026-12-05', '2027-01-10'],
    removed: ['2026-12-07', '2026-12-05'],
  };

  test.each([
    { date: '2026-12-04', runs: true, why: 'a Friday' },
    { date: '2026-12-03', runs: false, why: 'a Thursday' },
    { date: '2026-11-30', runs: false, why: 'a Monday before it begins' },
    { date: '2027-01-01', runs: false, why: 'a Friday after it ends' },
    { date: '2026-12-07', runs: false, why: 'a Monday taken out' },
    { date: '2027-01-10', runs: true, why: 'added outside the period' },
    { date: '2026-12-05', runs: true, why: 'added and taken out: added wins' },
  ])('$date: $why', ({ date, runs }) => {
    expect(runsOn(service, date)).toBe(runs);
  });

  test('the first and the last day of the period belong to it', () => {
    const daily: Service = { ...everyDay, from: '2026-12-01', until: '2026-12-03' };
    const found = Array.from({ length: 5 }, (_, index) => addDays('2026-11-30', index)).filter((date) =>
      runsOn(daily, date),
    );
    expect(found).toEqual(['2026-12-01', '2026-12-02', '2026-12-03']);
  });

  test('all weekdays are every day, no weekday is no day', () => {
    fc.assert(fc.property(dates, (date) => runsOn(everyDay, date) && !runsOn({ ...everyDay, weekdays: [] }, date)));
  });
});

describe('defects', () => {
  const stop = (code: string, arrives: number | null, departs: number | null, km: number): Stop => ({
    code,
    name: code,
    arrives,
    departs,
    km,
  });
  const first = stop('VNP', null, 540, 0);
  const middle = stop('JGK', 622, 624, 406);
  const last = stop('AOH', 808, null, 1318);
  const train = (stops: readonly Stop[], number = 'G1'): Train => ({
    train: number,
    type: '高速',
    stops,
    service: everyDay,
  });

  test('a sound train has none', () => {
    expect(timetableDefect(train([first, middle, last]))).toBeUndefined();
    expect(timetableDefect(train([stop('BJP', null, 1_400, 0), stop('AOH', 1_500, null, 1)]))).toBeUndefined();
    expect(timetableDefect(train([first, { ...middle, arrives: 540, departs: 540 }, last]))).toBeUndefined();
  });

  test.each([
    { stops: [], defect: 'TOO_FEW_STOPS' },
    { stops: [first], defect: 'TOO_FEW_STOPS' },
    { stops: [first, { ...middle, arrives: null }, last], defect: 'MISSING_TIME' },
    { stops: [first, { ...middle, departs: null }, last], defect: 'MISSING_TIME' },
    { stops: [{ ...first, departs: null }, last], defect: 'MISSING_TIME' },
    { stops: [first, { ...last, arrives: null }], defect: 'MISSING_TIME' },
    { stops: [first, { ...middle, departs: 621 }, last], defect: 'TIMES_NOT_ASCENDING' },
    { stops: [first, { ...middle, arrives: 539 }, last], defect: 'TIMES_NOT_ASCENDING' },
    { stops: [first, { ...middle, km: 0 }, last], defect: 'KM_NOT_ASCENDING' },
    { stops: [first, middle, { ...last, km: 406 }], defect: 'KM_NOT_ASCENDING' },
    { stops: [{ ...first, km: -1 }, last], defect: 'KM_NOT_ASCENDING' },
    { stops: [first, { ...last, code: '上海' }], defect: 'BAD_STATION_CODE' },
    { stops: [first, { ...last, code: '' }], defect: 'BAD_STATION_CODE' },
    { stops: [first, { ...last, code: 'A_B' }], defect: 'BAD_STATION_CODE' },
  ])('$defect', ({ stops, defect }) => {
    expect(timetableDefect(train(stops))).toBe(defect);
  });

  test('a train number is letters and digits, at most sixteen', () => {
    for (const number of ['', 'G-1', 'G 1', 'G_1', '高1', 'G'.repeat(17), 'G1\n'])
      expect(timetableDefect(train([first, last], number))).toBe('BAD_TRAIN_NUMBER');
    for (const number of ['1461', 'Z149', 'G'.repeat(16)])
      expect(timetableDefect(train([first, last], number))).toBeUndefined();
  });

  test('a train calls at a limited number of stations', () => {
    const long = (stops: number) =>
      train(Array.from({ length: stops }, (_, index) => stop(`S${index}`, index * 10, index * 10 + 2, index)));
    expect(timetableDefect(long(MAX_STOPS))).toBeUndefined();
    expect(timetableDefect(long(MAX_STOPS + 1))).toBe('TOO_MANY_STOPS');
  });
});
