import type { Recorded } from '../kernel/event.ts';
import type { Priorities, WaitlistPrioritiesEvent } from './events.ts';

/** `since`: when they were set, RFC 3339; empty where they never were. */
export type StatedPriorities = Priorities & { readonly since: string };

export const noPriorities: StatedPriorities = { rules: [], sameTimeSeconds: 0, since: '' };

export const evolve = (_: StatedPriorities, { data, meta }: Recorded<WaitlistPrioritiesEvent>): StatedPriorities => ({
  ...data,
  since: meta.at,
});
