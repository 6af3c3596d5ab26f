import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { PlaceHistory } from './place-history.ts';

const COVERED_MS = 5_000;

test('a replica is as far behind as the primary is past its position', () => {
  const history = new PlaceHistory(COVERED_MS);
  expect(history.behindMs(0, 0)).toBe(Number.POSITIVE_INFINITY);
  history.note(1_000, 10);
  history.note(2_000, 20);
  history.note(3_000, 20);
  expect([9, 10, 19, 20, 99].map((position) => history.behindMs(position, 3_000))).toEqual([
    Number.POSITIVE_INFINITY,
    2_000,
    2_000,
    0,
    0,
  ]);
  expect(history.behindMs(20, 4_500)).toBe(1_500);
});

test('what was known before the model began anew, or before the clock was set back, counts no more', () => {
  const history = new PlaceHistory(COVERED_MS);
  history.note(1_000, 10);
  history.note(2_000, 3);
  expect([history.behindMs(2, 2_000), history.behindMs(3, 2_000)]).toEqual([Number.POSITIVE_INFINITY, 0]);
  expect(history.behindMs(3, 500)).toBe(Number.POSITIVE_INFINITY);
  history.note(500, 3);
  expect([history.behindMs(3, 600), history.behindMs(9, 600)]).toEqual([100, 100]);
});

test('it never says less than the truth, and not much more, however many places were noted', () => {
  const steps = fc.array(fc.record({ ms: fc.integer({ min: 1, max: 400 }), events: fc.integer({ min: 0, max: 5 }) }), {
    maxLength: 400,
  });
  fc.assert(
    fc.property(steps, fc.nat(2_000), (noted, position) => {
      const history = new PlaceHistory(COVERED_MS);
      let [now, primary, passedAt] = [0, 0, undefined as number | undefined];
      for (const { ms, events } of noted) {
        now += ms;
        primary += events;
        if (primary > position) passedAt ??= now;
        history.note(now, primary);
      }
      const told = history.behindMs(position, now);
      const truth = passedAt === undefined ? 0 : now - passedAt;
      expect(told).toBeGreaterThanOrEqual(truth);
      // By the time between two notes, and by those that were left out.
      const isCovered =
        truth < COVERED_MS && (passedAt === undefined ? noted.length > 0 : passedAt > (noted[0]?.ms ?? 0));
      if (isCovered) expect(told).toBeLessThanOrEqual((truth + 400) * 1.05);
    }),
  );
});

test('a day of notes is kept in some hundred marks, and a short lag is known exactly all the same', () => {
  const history = new PlaceHistory(86_400_000);
  const [hours, everyMs] = [30, 5_000];
  const last = (hours * 3_600_000) / everyMs;
  for (let n = 0; n <= last; n += 1) history.note(n * everyMs, n);
  const behind = (seconds: number): number =>
    history.behindMs(last - (seconds * 1_000) / everyMs, last * everyMs) / 1_000;
  expect([behind(0), behind(5), behind(60)]).toEqual([0, 5, 60]);
  for (const seconds of [600, 3_600, 40_000]) {
    expect(behind(seconds)).toBeGreaterThanOrEqual(seconds);
    expect(behind(seconds)).toBeLessThanOrEqual(seconds * 1.05);
  }
  expect(behind(90_000)).toBeGreaterThan(86_400);
});
