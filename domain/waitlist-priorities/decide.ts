import { type Decision, emit, unchanged } from '../kernel/decision.ts';
import type { Priorities, WaitlistPrioritiesEvent } from './events.ts';

/** Where nothing decides besides the time, it does not matter what counts as the same time. */
const normal = ({ rules, sameTimeSeconds }: Priorities): Priorities =>
  rules.length === 0 ? { rules, sameTimeSeconds: 0 } : { rules, sameTimeSeconds };

const textOf = ({ rules, sameTimeSeconds }: Priorities): string => JSON.stringify([rules, sameTimeSeconds]);

export const decide = (now: Priorities, wanted: Priorities): Decision<WaitlistPrioritiesEvent> => {
  const data = normal(wanted);
  return textOf(now) === textOf(data) ? unchanged : emit({ type: 'WaitlistPrioritiesSet', version: 1, data });
};
