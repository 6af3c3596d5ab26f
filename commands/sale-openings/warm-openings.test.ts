import { expect, test } from '@jest/globals';
import { ManualClock } from '@railhead/tests/support/fixed-clock.ts';
import { OpeningWarmer } from './warm-openings.ts';

const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

test('runs are warmed once, within the minute before their sale opens, also when it was put off', async () => {
  const clock = new ManualClock(Date.parse('2026-12-01T08:00:00+08:00'));
  const runs = [
    { train: 'G1', date: '2026-12-14', opensAt: '2026-12-01T08:02:00+08:00' },
    { train: 'G2', date: '2026-12-14', opensAt: '2026-12-01T09:00:00+08:00' },
    { train: 'G3', date: '2026-12-14', opensAt: '2026-12-01T07:59:59+08:00' },
  ];
  const openings = { now: { openings: { runs, days: [], stations: [] } } };
  const warmed: string[] = [];
  const warmer = new OpeningWarmer({
    clock,
    logger: silent,
    openings,
    warm: async ({ train }) => {
      warmed.push(train);
      if (train === 'G1') throw new Error('injected');
    },
  });
  warmer.start();
  await clock.advance(55_000);
  expect(warmed).toEqual([]);
  await clock.advance(60_000);
  expect(warmed).toEqual(['G1']);
  openings.now.openings.runs[0] = { train: 'G1', date: '2026-12-14', opensAt: '2026-12-01T08:02:30+08:00' };
  await clock.advance(30_000);
  expect(warmed).toEqual(['G1', 'G1']);
  await clock.advance(3_600_000);
  expect(warmed).toEqual(['G1', 'G1', 'G2']);
  await warmer.stop();
});
