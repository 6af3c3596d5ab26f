import { expect, test } from '@jest/globals';
import { addDays } from '@railhead/domain/timetable/timetable.ts';
import { ManualClock } from '@railhead/tests/support/fixed-clock.ts';
import { openedRun, stopsOf } from '@railhead/tests/support/opened-run.ts';
import { zoneNamed } from '../time/zone.ts';
import { boardingMs, datesOnSale, isOnSale, today } from './sale-window.ts';

test.each([
  ['Asia/Shanghai', '2026-12-31T15:59:59.999Z', '2026-12-31'],
  ['Asia/Shanghai', '2026-12-31T16:00:00Z', '2027-01-01'],
  ['Europe/Berlin', '2026-12-31T16:00:00Z', '2026-12-31'],
])('in %s at %s the dates on sale begin with %s', (zone, at, first) => {
  const clock = new ManualClock(Date.parse(at), zoneNamed(zone));
  expect(today(clock)).toBe(first);
  // Windows take turns, for the last one asked about is remembered.
  for (const days of [1, 15, 2, 60, 15]) {
    const around = Array.from({ length: days + 4 }, (_, day) => addDays(first, day - 2));
    expect(datesOnSale(clock, { days })).toEqual(around.slice(2, -2));
    expect(around.filter((date) => isOnSale(clock, { days }, date))).toEqual(around.slice(2, -2));
  }
});

test('a train is boarded until it leaves, by the clock of its zone, past midnight too', () => {
  const [one] = stopsOf('A');
  if (one === undefined) throw new Error('there is one stop');
  const stops = [
    { ...one, arrives: null, departs: 600 },
    { ...one, arrives: 1_500, departs: 1_505 },
    { ...one, arrives: 1_600, departs: null },
  ];
  const at = (zone: string, stop: number): number => boardingMs(openedRun({ zone, stops }), stop);
  expect(at('Asia/Shanghai', 0)).toBe(Date.parse('2026-12-01T10:00:00+08:00'));
  expect(at('Asia/Shanghai', 1)).toBe(Date.parse('2026-12-02T01:05:00+08:00'));
  expect(at('Europe/Berlin', 0)).toBe(Date.parse('2026-12-01T10:00:00+01:00'));
  expect(at('Asia/Shanghai', 3)).toBeNaN();
});
