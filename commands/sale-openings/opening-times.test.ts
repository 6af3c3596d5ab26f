import { describe, expect, test } from '@jest/globals';
import type { Openings } from '@railhead/domain/sale-openings/events.ts';
import { openedRun } from '@railhead/tests/support/opened-run.ts';
import { runOpensMs, StatedOpenings } from './opening-times.ts';

const stop = (code: string) => ({ code, name: code, arrives: 500, departs: 500, km: 0 });
const run = openedRun({ train: 'G1', date: '2026-12-14', stops: [stop('A'), stop('B'), stop('C')] });
const nothing: Openings = { runs: [], days: [], stations: [] };
const at = (text: string): number => Date.parse(`${text}+08:00`);
const opensOf = (openings: Partial<Openings>, from = 0): number | undefined =>
  new StatedOpenings({ ...nothing, ...openings }).opensMs(run, from);

describe('the sale of a journey', () => {
  const ofRun = { train: 'G1', date: '2026-12-14', opensAt: '2026-12-02T09:00:00+08:00' };
  const ofDay = { date: '2026-12-14', opensAt: '2026-12-01T12:00:00+08:00' };
  const ofStation = { station: 'A', opensMinutes: 8 * 60 + 30, daysBefore: 13 };

  test('is open where nothing is said of its run, its day or its station', () => {
    expect(opensOf({})).toBeUndefined();
    const others = {
      runs: [{ ...ofRun, train: 'G2' }],
      days: [{ ...ofDay, date: '2026-12-15' }],
      stations: [{ ...ofStation, station: 'Z' }],
    };
    expect(opensOf(others)).toBeUndefined();
  });

  test('opens for a station so many days before, at a time of the clock', () => {
    expect(opensOf({ stations: [ofStation] })).toBe(at('2026-12-01T08:30:00'));
    expect(opensOf({ stations: [ofStation] }, 1)).toBeUndefined();
  });

  test('opens by the later one of its day and its station, and by its run before both', () => {
    expect(opensOf({ days: [ofDay] })).toBe(at('2026-12-01T12:00:00'));
    expect(opensOf({ days: [ofDay], stations: [ofStation] })).toBe(at('2026-12-01T12:00:00'));
    const late = { ...ofStation, opensMinutes: 18 * 60 };
    expect(opensOf({ days: [ofDay], stations: [late] })).toBe(at('2026-12-01T18:00:00'));
    expect(opensOf({ runs: [ofRun], days: [ofDay], stations: [late] })).toBe(at('2026-12-02T09:00:00'));
    const early = { ...ofRun, opensAt: '2026-11-30T09:00:00+08:00' };
    expect(opensOf({ runs: [early], days: [ofDay] })).toBe(at('2026-11-30T09:00:00'));
  });

  test('opens for a run as a whole at the first of its stops from which one can travel', () => {
    const opens = (stations: Openings['stations']) => runOpensMs(new StatedOpenings({ ...nothing, stations }), run);
    expect(opens([ofStation])).toBeUndefined();
    const [eight, nine] = [
      { station: 'B', opensMinutes: 480, daysBefore: 13 },
      { station: 'A', opensMinutes: 540, daysBefore: 13 },
    ];
    // Nobody travels from the last stop.
    expect(opens([nine, eight, { station: 'C', opensMinutes: 0, daysBefore: 13 }])).toBe(at('2026-12-01T08:00:00'));
  });
});
