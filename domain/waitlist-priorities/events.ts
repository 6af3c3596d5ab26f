// By what those who wait for seats are put in order besides the time of their request: set by the configuration, and kept
// in the log, so that the order of a line follows from the log alone.
import type { DomainEvent } from '../kernel/event.ts';

/** `member-level`: the higher level first. `party-size`: the larger party first. */
export const PRIORITY_RULES = ['member-level', 'party-size'] as const;
export type PriorityRule = (typeof PRIORITY_RULES)[number];

/**
 * `rules`: the first one decides, and the next one where it finds no difference; none: only the time counts.
 * `sameTimeSeconds`: requests submitted in one step of so many seconds, counted from midnight UTC, are of the same time.
 */
export type Priorities = { readonly rules: readonly PriorityRule[]; readonly sameTimeSeconds: number };

/** For requests submitted from the instant of this event on. Whoever waits already keeps their place. */
export type WaitlistPrioritiesSet = DomainEvent<'WaitlistPrioritiesSet', Priorities>;

export type WaitlistPrioritiesEvent = WaitlistPrioritiesSet;
