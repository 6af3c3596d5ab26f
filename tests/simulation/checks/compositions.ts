// A refused change of composition has left nothing behind: everything that it had withdrawn is on sale again. An
// accepted one has added its coaches.
import { withdrawalOf } from '@railhead/commands/inventory/change-composition.ts';
import { withdrawalNoOf } from '@railhead/commands/inventory/withdraw-seats.ts';
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
      const withdrawalNo = withdrawalNoOf(withdrawalOf(command, coach));
      for (const { key, locks } of truth.classes.values())
        for (const { status, plan } of locks.values())
          if (status === 'withdrawn' && plan?.orderNo === withdrawalNo)
            throw new Violation('CHANGE_HALF_DONE', `${key}: a refused change of coaches left ${coach} out of sale`);
    }
  }
};
