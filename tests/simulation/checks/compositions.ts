// A change of composition that was refused has left nothing behind: whatever it had withdrawn is on sale again. One that
// was accepted has brought its coaches.
import { leavingNoOf } from '@railhead/commands/inventory/coach-leaves.ts';
import { Violation } from '../world/violation.ts';
import type { World } from '../world/world.ts';

export const checkCompositions = ({ truth, compositions }: World): void => {
  for (const { isDone, known, ...command } of compositions) {
    const { train, date, coaches } = command;
    const has = new Set(truth.compositionOf(train, date).map(({ coach }) => coach));
    if (isDone) {
      const missing = coaches.find(({ coach }) => !has.has(coach));
      if (missing !== undefined)
        throw new Violation('COACH_MISSING', `${train} was to get coach ${missing.coach}, and has none of that number`);
      continue;
    }
    for (const { coach } of known) {
      // A change that was accepted may have found the coach out of sale, and wants it so.
      if (truth.hasLeftTrain(train, date, coach)) continue;
      const number = leavingNoOf(command, coach);
      for (const { key, locks } of truth.classes.values())
        for (const { status, plan } of locks.values())
          if (status === 'withdrawn' && plan?.orderNo.startsWith(number) === true)
            throw new Violation('CHANGE_HALF_DONE', `${key}: a refused change of coaches left ${coach} out of sale`);
    }
  }
};
