import type { TrackedOrder } from '@railhead/commands/orders/tracked-order.ts';
import type { BoundStep } from '@railhead/commands/workflow/step.ts';

type Steps = readonly BoundStep<TrackedOrder>[];

/** Leaves a step out, as if nobody had thought of it. */
export const withoutStep = (steps: Steps, kind: string): Steps => steps.filter((step) => step.kind !== kind);

/** Reports a step as done without doing it. */
export const skippingStep = (steps: Steps, kind: string, learnt?: Partial<TrackedOrder>): Steps =>
  steps.map((step) => (step.kind === kind ? { ...step, run: async () => learnt } : step));
