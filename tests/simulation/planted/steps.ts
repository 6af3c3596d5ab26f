import type { Step } from '@railhead/commands/order-process/next-steps.ts';
import { StepRunner, type StepRunnerDeps } from '@railhead/commands/order-process/step-runner.ts';

type Done = Awaited<ReturnType<StepRunner['run']>>;

/** Says that a step has been done, and does nothing. */
export const skippingStep = (deps: StepRunnerDeps, kind: Step['kind'], done: Done): StepRunner =>
  new (class extends StepRunner {
    override async run(...[current, step]: Parameters<StepRunner['run']>): Promise<Done> {
      return step.kind === kind ? done : super.run(current, step);
    }
  })(deps);
