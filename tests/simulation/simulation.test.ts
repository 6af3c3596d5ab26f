// The simulation itself: one seed is one history, the regression list holds, planted bugs are caught, shrinking
// shrinks.
import { describe, expect, test } from '@jest/globals';
import { planOfRegression, plansFrom, regressions, runCampaign } from './campaign.ts';
import { planOf } from './plan-of.ts';
import { PLANTED } from './planted/bugs.ts';
import { hunt } from './planted/hunt.ts';
import { failureReport } from './report.ts';
import { runPlan, runSeed } from './run-seed.ts';
import { shrink } from './shrink.ts';
import { UNTOUCHED } from './world/seam.ts';

const SEEDS = 12;

/** Caught within a second or two each; all of them are for CI. */
const QUICK = [
  'forget-a-release',
  'stale-owner',
  'refund-forgotten',
  'second-batch-unfenced',
  'deaf-subscription',
  'stops-ahead-not-sold',
  'paid-after-departure',
  'cancelled-run-served',
];

test('one seed is one history: two runs give the same log', async () => {
  for (const seed of [1, 2, 3]) {
    const [first, second] = [await runSeed(seed), await runSeed(seed)];
    expect(first.events).toBeGreaterThan(50);
    expect(second).toEqual(first);
  }
});

test('another seed is another history', async () => {
  const hashes = [await runSeed(1), await runSeed(2)].map(({ hash }) => hash);
  expect(new Set(hashes).size).toBe(2);
});

test('worlds that failed once do not fail again', async () => {
  for (const regression of regressions())
    expect([regression.why, (await runPlan(planOfRegression(regression))).failure?.detail]).toEqual([
      regression.why,
      undefined,
    ]);
});

test('the first seeds keep every promise, with hundreds of operations each', async () => {
  const { worlds, operations, failures } = await runCampaign({ plans: plansFrom(1, SEEDS) });
  expect(failures.map(({ seed, failure }) => failureReport(seed, failure))).toEqual([]);
  expect(worlds).toBe(SEEDS);
  expect(operations / worlds).toBeGreaterThan(200);
});

describe('a planted bug', () => {
  const bugs = PLANTED.filter(({ name }) => QUICK.includes(name));

  test('exists for every name above', () => {
    expect(bugs.map(({ name }) => name).sort()).toEqual([...QUICK].sort());
  });

  test.each(bugs)('$name is caught', async (bug) => {
    expect((await hunt(bug)).code).toBeDefined();
  });

  test('ends a campaign at once, or after so many failures', async () => {
    const [bug] = bugs;
    if (bug === undefined) throw new Error('no such bug');
    const failing = async (options: { readonly mostFailures?: number }) => {
      const seam = { ...UNTOUCHED, ...bug.seam() };
      return (await runCampaign({ plans: plansFrom(1, 20), seam, ...options })).failures.length;
    };
    expect([await failing({}), await failing({ mostFailures: 3 })]).toEqual([1, 3]);
  });

  test('fails in a smaller world too, and the same way', async () => {
    const [bug] = bugs;
    if (bug === undefined) throw new Error('no such bug');
    const seam = { ...UNTOUCHED, ...bug.seam() };
    const { seeds: seed, code = '' } = await hunt(bug);
    const { plan } = await shrink(planOf(seed), code, seam);
    expect(plan.acts.length).toBeLessThan(10);
    expect((await runPlan(plan, seam)).failure?.code).toBe(code);
  });
});
