// Planted bugs are caught, and what fails is made smaller.
import { describe, expect, test } from '@jest/globals';
import { plansFrom, runCampaign } from './campaign.ts';
import { planOf } from './plan-of.ts';
import { PLANTED } from './planted/bugs.ts';
import { hunt } from './planted/hunt.ts';
import { runPlan } from './run-seed.ts';
import { shrink } from './shrink.ts';
import { UNTOUCHED } from './world/seam.ts';

/** Caught within a few seconds each; all of them are for CI. */
const QUICK = [
  'forget-a-release',
  'stale-owner',
  'refund-forgotten',
  'stops-ahead-not-sold',
  'paid-after-departure',
  'cancelled-run-served',
];

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
