import { category } from '../kernel/category.ts';
import type { WaitlistPrioritiesEvent } from './events.ts';
import { evolve, noPriorities, type StatedPriorities } from './fold.ts';

/** One stream for the railway. */
export const RAILWAY = 'railway';

export const waitlistPrioritiesCategory = category<typeof RAILWAY, StatedPriorities, WaitlistPrioritiesEvent>({
  name: 'waitlistPriorities',
  nameOf: (scope) => scope,
  parse: (name) => (name === RAILWAY ? RAILWAY : undefined),
  initial: () => noPriorities,
  evolve,
  versions: { WaitlistPrioritiesSet: 1 },
});
