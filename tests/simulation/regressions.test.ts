import { expect, test } from '@jest/globals';
import { planOfRegression, regressions } from './campaign.ts';
import { runPlan } from './run-seed.ts';

test('worlds that failed once do not fail again', async () => {
  for (const regression of regressions())
    expect([regression.why, (await runPlan(planOfRegression(regression))).failure?.detail]).toEqual([
      regression.why,
      undefined,
    ]);
});
