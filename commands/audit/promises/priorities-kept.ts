// What puts a request before others is what followed from the priorities of the railway when it was submitted: its
// travellers, its time, and a level of membership that exists.
import { isDeepStrictEqual } from 'node:util';
import type { Recorded } from '@railhead/domain/kernel/event.ts';
import type { WaitlistSubmitted } from '@railhead/domain/waitlist/events.ts';
import { waitlistCategory } from '@railhead/domain/waitlist/stream.ts';
import { evolve, noPriorities, type StatedPriorities } from '@railhead/domain/waitlist-priorities/fold.ts';
import { MOST_LEVEL, priorityOf, type WaitlistPriority } from '@railhead/domain/waitlist-priorities/priority.ts';
import { waitlistPrioritiesCategory } from '@railhead/domain/waitlist-priorities/stream.ts';
import type { PromiseOf } from '../promise.ts';
import { Violations } from '../violation.ts';

/** So much later at most a request is written by priorities that were replaced meanwhile, with clocks that differ. */
const RACE_MS = 7_200_000;

export const prioritiesKept: PromiseOf = () => {
  const violations = new Violations();
  /** In the order of the log. */
  const stated: StatedPriorities[] = [noPriorities];
  /** Those that may have been in force when a request of this instant was decided. */
  const inForce = (atMs: number): readonly StatedPriorities[] =>
    stated.filter((_, index) => {
      const next = stated[index + 1];
      return next === undefined || Date.parse(next.since) >= atMs - RACE_MS;
    });
  return {
    categories: [waitlistCategory, waitlistPrioritiesCategory],
    observe(event) {
      if (waitlistPrioritiesCategory.owns(event)) stated.push(evolve(noPriorities, event));
      if (!waitlistCategory.owns(event) || event.type !== 'WaitlistSubmitted') return;
      if (inForce(Date.parse(event.meta.at)).some((priorities) => isBy(priorities, event))) return;
      violations.add(
        'WAITLIST_DIFFERS',
        `${event.data.waitlistNo} has ${JSON.stringify(event.data.priority)}, which does not follow from the priorities then`,
      );
    },
    findings: () => violations.list,
  };
};

const isBy = (priorities: StatedPriorities, { data, meta }: Recorded<WaitlistSubmitted>): boolean => {
  const memberLevel = levelIn(data.priority);
  const submission = { submittedAt: meta.at, travellers: data.passengers.length, memberLevel };
  const isLevel = Number.isInteger(memberLevel) && memberLevel >= 0 && memberLevel <= MOST_LEVEL;
  return isLevel && isDeepStrictEqual(priorityOf(priorities, submission), data.priority);
};

/** Only the token said it, so the log proves no more than that it can be one. */
const levelIn = (priority: WaitlistPriority | undefined): number =>
  priority?.ranks.find(({ by }) => by === 'member-level')?.value ?? 0;
