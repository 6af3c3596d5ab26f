import { expect, jest, test } from '@jest/globals';
import { BEIJING } from '@railhead/tests/support/fixed-clock.ts';
import { waitUntil } from '@railhead/tests/support/wait-until.ts';
import { systemClock, systemRandom } from './system-clock.ts';

const clock = systemClock(BEIJING);

test('the clock tells the machine’s time in the railway’s zone', () => {
  const [before, now, after] = [Date.now(), clock.now(), Date.now()];
  expect(before <= now && now <= after).toBe(true);
  expect(clock.zone).toBe(BEIJING);
});

test('a timer runs its task once, unless it was taken back; one beyond the longest of Node does not run at once', async () => {
  const ran: string[] = [];
  const cancelled = clock.after(1, () => ran.push('cancelled'));
  cancelled.cancel();
  const far = [2 ** 31, 2 ** 32 + 1].map((ms) => clock.after(ms, () => ran.push(`after ${ms} ms`)));
  clock.after(2, () => ran.push('due'));
  await waitUntil('the task', () => ran.includes('due'));
  expect(ran).toEqual(['due']);
  for (const timer of far) timer.cancel();
});

test('where the clock is set forward past it, a task runs within a minute; set back, after its time', () => {
  jest.useFakeTimers();
  try {
    const ran: string[] = [];
    clock.after(900_000, () => ran.push('forward'));
    jest.setSystemTime(Date.now() + 899_999);
    jest.advanceTimersByTime(59_999);
    expect(ran).toEqual([]);
    jest.advanceTimersByTime(1);
    expect(ran).toEqual(['forward']);
    clock.after(900_000, () => ran.push('back'));
    jest.setSystemTime(Date.now() - 3_600_000);
    jest.advanceTimersByTime(899_999);
    expect(ran).toEqual(['forward']);
    jest.advanceTimersByTime(1);
    expect(ran).toEqual(['forward', 'back']);
  } finally {
    jest.useRealTimers();
  }
});

test('chance is a number from 0 to 1, and another one each time', () => {
  const drawn = Array.from({ length: 100 }, () => systemRandom.next());
  expect(drawn.every((one) => one >= 0 && one < 1)).toBe(true);
  expect(new Set(drawn).size).toBeGreaterThan(90);
});
