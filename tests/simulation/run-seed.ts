// Runs one world from its plan to the last check, and returns the result.
import { createHash } from 'node:crypto';
import { checkAtQuiet } from './checks/at-quiet.ts';
import type { Step } from './kernel/trace.ts';
import { live } from './live.ts';
import { planOf } from './plan-of.ts';
import type { Plan } from './world/plan.ts';
import type { Seam } from './world/seam.ts';
import { Violation } from './world/violation.ts';
import { World } from './world/world.ts';

export type Failure = {
  readonly code: string;
  readonly detail: string;
  readonly atMs: number;
  readonly lastSteps: readonly Step[];
  readonly timeline: readonly Step[];
};

export type RunResult = {
  readonly seed: number;
  readonly operations: number;
  readonly steps: number;
  readonly events: number;
  readonly virtualMs: number;
  /** Of the whole log: equal hashes, equal histories. */
  readonly hash: string;
  readonly failure: Failure | undefined;
};

export const runPlan = async (plan: Plan, seam?: Seam): Promise<RunResult> => {
  const world = new World(plan, seam);
  let failure: Failure | undefined;
  // An error that nobody catches ends a process, so it is a failure here as well.
  const uncaught = (error: unknown): void => world.scheduler.fail(error);
  process.on('unhandledRejection', uncaught);
  try {
    await live(world);
    await checkAtQuiet(world);
  } catch (error) {
    failure = failureOf(error, world);
  } finally {
    process.off('unhandledRejection', uncaught);
    world.close();
  }
  const { operations, scheduler, log } = world;
  return {
    seed: plan.seed,
    operations,
    steps: scheduler.steps,
    events: log.events.length,
    virtualMs: scheduler.now,
    hash: hashOf(world),
    failure,
  };
};

export const runSeed = (seed: number, seam?: Seam): Promise<RunResult> => runPlan(planOf(seed), seam);

const failureOf = (error: unknown, { scheduler, trace }: World): Failure => ({
  code: error instanceof Violation ? error.code : 'EXCEPTION',
  detail: error instanceof Violation ? error.message : String(error instanceof Error ? error.stack : error),
  atMs: scheduler.now,
  lastSteps: trace.last(),
  timeline: trace.incidents,
});

const hashOf = ({ log }: World): string => {
  const hash = createHash('sha256');
  for (const event of log.events) hash.update(JSON.stringify(event));
  return hash.digest('hex');
};
