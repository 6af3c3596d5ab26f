import { expect, test } from '@jest/globals';
import { LeapingClock } from './leaping-clock.ts';

const HOUR_MS = 3_600_000;

test('a leap ahead runs what becomes due on the way; a leap back lets nobody wait longer', async () => {
  const clock = new LeapingClock(0);
  let isDue = false;
  clock.after(HOUR_MS, () => {
    isDue = true;
  });
  clock.leap(HOUR_MS / 2);
  clock.leap(-24 * HOUR_MS);
  expect(isDue).toBe(false);
  clock.leap(HOUR_MS / 2);
  expect(isDue).toBe(true);
  await new Promise<void>((resolve) => {
    clock.after(20, resolve);
    clock.leap(-HOUR_MS);
  });
});
