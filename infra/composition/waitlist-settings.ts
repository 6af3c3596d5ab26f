// Who goes first of those who wait for seats.
import { PRIORITY_RULES, type Priorities, type PriorityRule } from '@railhead/domain/waitlist-priorities/events.ts';
import { z } from 'zod';
import { type Settings, setting, type ValuesOf, whole } from '../config/setting.ts';

const A_DAY_SECONDS = 86_400;

const namesIn = (text: string): readonly string[] => (text === '' ? [] : text.split(',').map((name) => name.trim()));

/** In the order in which they are given. What is none is left out. */
const rulesIn = (text: string): readonly PriorityRule[] =>
  namesIn(text).flatMap((name) => PRIORITY_RULES.filter((rule) => rule === name));

const isRuleEachOnce = (text: string): boolean => {
  const rules = rulesIn(text);
  return rules.length === namesIn(text).length && new Set(rules).size === rules.length;
};

export const waitlistSettings = {
  waitlistPriorities: setting(
    z
      .string()
      .refine(isRuleEachOnce, `must be ${PRIORITY_RULES.join(' or ')}, or both with a comma between, each once`),
    '',
    'RAILHEAD_WAITLIST_PRIORITIES',
    'of requests for seats submitted at the same time, what goes first: member-level, party-size, or both with a comma between; empty: only the time counts',
  ),
  waitlistSameTimeSeconds: setting(
    whole(0, A_DAY_SECONDS),
    0,
    'RAILHEAD_WAITLIST_SAME_TIME_SECONDS',
    'requests submitted in one step of so many seconds, counted from midnight UTC, are of the same time; 0: of the same millisecond',
  ),
} as const satisfies Settings;

export const prioritiesOf = ({
  waitlistPriorities,
  waitlistSameTimeSeconds,
}: ValuesOf<typeof waitlistSettings>): Priorities => ({
  rules: rulesIn(waitlistPriorities),
  sameTimeSeconds: waitlistSameTimeSeconds,
});
