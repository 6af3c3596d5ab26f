// Runs many worlds one after another: the regression list first, then seed after seed, up to a number or a time.

import { planOf } from './plan-of.ts';
import list from './regressions.json' with { type: 'json' };
import { type Failure, type RunResult, runPlan } from './run-seed.ts';
import type { Plan } from './world/plan.ts';
import type { Seam } from './world/seam.ts';

/** A world that once failed. New features change what a seed means; a plan stays as it is. */
export type Regression = { readonly why: string } & ({ readonly seed: number } | { readonly plan: Plan });

/** Written by hand, from what a failing run prints. */
export const regressions = (): readonly Regression[] => list as readonly Regression[]; // safe cast: the file has this form

export const planOfRegression = (regression: Regression): Plan =>
  'plan' in regression ? regression.plan : planOf(regression.seed);

export type CampaignOptions = {
  readonly plans: Iterable<Plan>;
  readonly seam?: Seam;
  /** Real time, ms since the epoch, after which no further world begins. */
  readonly untilMs?: number;
  /** Failures after which no further world begins; 1 unless told otherwise. */
  readonly mostFailures?: number;
  readonly onResult?: (result: RunResult, summary: Summary) => void;
};

export type Summary = {
  worlds: number;
  operations: number;
  events: number;
  steps: number;
  virtualMs: number;
  seconds: number;
  readonly failures: { readonly seed: number; readonly failure: Failure }[];
};

export const runCampaign = async (options: CampaignOptions): Promise<Summary> => {
  const { plans, seam, untilMs, mostFailures = 1, onResult } = options;
  const began = performance.now();
  const zero = { worlds: 0, operations: 0, events: 0, steps: 0, virtualMs: 0, seconds: 0 };
  const summary: Summary = { ...zero, failures: [] };
  for (const plan of plans) {
    if (untilMs !== undefined && Date.now() >= untilMs) break;
    const result = await runPlan(plan, seam);
    summary.worlds += 1;
    summary.operations += result.operations;
    summary.events += result.events;
    summary.steps += result.steps;
    summary.virtualMs += result.virtualMs;
    summary.seconds = (performance.now() - began) / 1_000;
    if (result.failure !== undefined) summary.failures.push({ seed: plan.seed, failure: result.failure });
    onResult?.(result, summary);
    if (summary.failures.length >= mostFailures) break;
  }
  return summary;
};

export function* plansFrom(first: number, count: number): Iterable<Plan> {
  for (let seed = first; seed < first + count; seed += 1) yield planOf(seed);
}
