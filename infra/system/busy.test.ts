import { expect, test } from '@jest/globals';
import { waitUntil } from '@railhead/tests/support/wait-until.ts';
import { systemBusy } from './busy.ts';

/** Work without a pause, as a rush is. */
const work = (ms: number): void => {
  const until = performance.now() + ms;
  while (performance.now() < until);
};

test('a thread that works all the time is busy, and one that waits is not', async () => {
  const isBusy = systemBusy();
  expect(isBusy()).toBe(false);
  await waitUntil('the rush to be seen', () => {
    work(150);
    return isBusy();
  });
  await waitUntil('the rush to be over', () => !isBusy());
});
