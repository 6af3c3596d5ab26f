// The simulation itself: one seed is one history, and the first ones keep every promise.
import { expect, test } from '@jest/globals';
import { plansFrom, runCampaign } from './campaign.ts';
import { failureReport } from './report.ts';
import { runSeed } from './run-seed.ts';

/** CI takes more. */
const SEEDS = 6;

test('one seed is one history, and another seed is another one', async () => {
  const hashes = [];
  for (const seed of [1, 2]) {
    const [first, second] = [await runSeed(seed), await runSeed(seed)];
    expect(first.events).toBeGreaterThan(50);
    expect(second).toEqual(first);
    hashes.push(first.hash);
  }
  expect(new Set(hashes).size).toBe(2);
});

test('the first seeds keep every promise, with hundreds of operations each', async () => {
  const { worlds, operations, failures } = await runCampaign({ plans: plansFrom(1, SEEDS) });
  expect(failures.map(({ seed, failure }) => failureReport(seed, failure))).toEqual([]);
  expect(worlds).toBe(SEEDS);
  expect(operations / worlds).toBeGreaterThan(200);
});
