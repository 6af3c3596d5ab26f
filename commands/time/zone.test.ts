import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isZone, zoneNamed } from './zone.ts';

const HOUR_MS = 3_600_000;

const at = (zone: string, date: string, minutes: number): string => {
  const { timetableTime, instantMs } = zoneNamed(zone);
  return timetableTime(instantMs(date, minutes));
};

describe('the clock of a train', () => {
  test.each([
    ['Asia/Shanghai', '2026-12-01', 540, '2026-12-01T09:00:00+08:00'],
    ['Asia/Shanghai', '2026-12-01', 1_440, '2026-12-02T00:00:00+08:00'],
    ['Asia/Shanghai', '2026-12-31', 1_515, '2027-01-01T01:15:00+08:00'],
    ['UTC', '2026-12-01', 0, '2026-12-01T00:00:00+00:00'],
    ['America/St_Johns', '2026-12-01', 61, '2026-12-01T01:01:00-03:30'],
    ['+05:45', '2026-12-01', 61, '2026-12-01T01:01:00+05:45'],
  ])('in %s on %s, minute %i is %s', (zone, date, minutes, text) => {
    expect(at(zone, date, minutes)).toBe(text);
  });

  test('on the days on which clocks change it is right after the change, as GTFS defines it', () => {
    // Forward at 02:00 on 29 March, back at 03:00 on 25 October.
    expect(at('Europe/Berlin', '2026-03-29', 9 * 60)).toBe('2026-03-29T09:00:00+02:00');
    expect(at('Europe/Berlin', '2026-03-29', 30)).toBe('2026-03-28T23:30:00+01:00');
    expect(at('Europe/Berlin', '2026-10-25', 9 * 60)).toBe('2026-10-25T09:00:00+01:00');
    expect(at('Europe/Berlin', '2026-10-25', 25 * 60)).toBe('2026-10-26T01:00:00+01:00');
  });

  test('a night train that left before the change arrives after its travel time', () => {
    const { instantMs, timetableTime } = zoneNamed('Europe/Berlin');
    const leaves = instantMs('2026-03-28', 22 * 60);
    expect(timetableTime(leaves + 8 * HOUR_MS)).toBe('2026-03-29T07:00:00+02:00');
  });
});

describe('a timestamp', () => {
  test('is the same instant in every zone, to the millisecond', () => {
    const zones = fc.constantFrom('Asia/Shanghai', 'Europe/Berlin', 'America/St_Johns', 'Australia/Lord_Howe', 'UTC');
    const instants = fc.integer({ min: 0, max: Date.parse('2100-01-01T00:00:00Z') });
    fc.assert(
      fc.property(zones, instants, (zone, epochMs) => {
        expect(Date.parse(zoneNamed(zone).timestamp(epochMs))).toBe(epochMs);
      }),
    );
  });

  test('has the date of its zone', () => {
    const instant = Date.parse('2026-11-26T16:30:00Z');
    expect(zoneNamed('Asia/Shanghai').date(instant)).toBe('2026-11-27');
    expect(zoneNamed('America/New_York').date(instant)).toBe('2026-11-26');
    expect(zoneNamed('Asia/Shanghai').timestamp(instant)).toBe('2026-11-27T00:30:00.000+08:00');
  });

  test('follows the change of clocks within one zone', () => {
    const { timestamp } = zoneNamed('Europe/Berlin');
    const change = Date.parse('2026-10-25T01:00:00Z');
    expect(timestamp(change - 1)).toBe('2026-10-25T02:59:59.999+02:00');
    expect(timestamp(change)).toBe('2026-10-25T02:00:00.000+01:00');
  });
});

test('more instants and days than the cache holds are still right', () => {
  const { date, instantMs } = zoneNamed('Asia/Shanghai');
  const first = instantMs('2000-01-01', 0);
  for (let day = 0; day < 12_000; day += 1) {
    const noon = first + (day * 24 + 12) * HOUR_MS;
    expect(instantMs(date(noon), 720)).toBe(noon);
  }
});

test('more zones than are remembered are told apart', () => {
  const shanghai = zoneNamed('Asia/Shanghai');
  const names = Array.from({ length: 101 }, (_, n) => `+${String(Math.floor(n / 10)).padStart(2, '0')}:0${n % 10}`);
  for (const time of ['first', 'again'])
    for (const name of names) expect([time, zoneNamed(name).timetableTime(0).slice(-6)]).toEqual([time, name]);
  expect(zoneNamed('Asia/Shanghai').timestamp(0)).toBe(shanghai.timestamp(0));
});

test.each([
  ['Asia/Shanghai', true],
  ['+08:00', true],
  ['Mars/Olympus', false],
  ['', false],
  ['Asia/Shanghai ', false],
])('%j is a zone: %s', (name, expected) => {
  expect(isZone(name)).toBe(expected);
});
