// What puts a request before or behind others in a line: decided once, when it is submitted, and written down with it. Only
// what was written is compared, so a change of the configuration moves nobody who waits.
import type { PriorityRule } from './events.ts';
import type { StatedPriorities } from './fold.ts';

/** Levels of membership: 0 is that of everybody. */
export const MOST_LEVEL = 9;

/**
 * `countsFrom`: the instant from which it counts as submitted, RFC 3339; not after the instant of its submission. `ranks`:
 * among those who count from that instant, the higher value goes first, by the first of the rules that tells them apart.
 */
export type WaitlistPriority = {
  readonly countsFrom: string;
  readonly ranks: readonly { readonly by: PriorityRule; readonly value: number }[];
};

export type Submission = {
  /** RFC 3339. */
  readonly submittedAt: string;
  readonly travellers: number;
  readonly memberLevel: number;
};

/** Undefined where only the time counts, or these priorities were set after the submission. */
export const priorityOf = (
  { rules, sameTimeSeconds, since }: StatedPriorities,
  { submittedAt, travellers, memberLevel }: Submission,
): WaitlistPriority | undefined => {
  const [submittedMs, setMs] = [Date.parse(submittedAt), Date.parse(since)];
  if (rules.length === 0 || !(submittedMs >= setMs)) return undefined;
  const stepMs = sameTimeSeconds * 1000;
  const stepBegins = stepMs === 0 ? submittedMs : Math.floor(submittedMs / stepMs) * stepMs;
  // Nobody who was in the line when the priorities were set is passed by them.
  const countsFromMs = Math.max(stepBegins, setMs);
  return {
    countsFrom: new Date(countsFromMs).toISOString(),
    ranks: rules.map((by) => ({ by, value: by === 'member-level' ? memberLevel : travellers })),
  };
};

/** Values are below this, and there are at most two rules. */
const RANKS = 100;
export const MOST_RANK = RANKS * RANKS - 1;

/** One number for all ranks: the higher one goes first. */
export const rankOf = (priority: WaitlistPriority | undefined): number => {
  const [first, second] = priority?.ranks ?? [];
  return (first?.value ?? 0) * RANKS + (second?.value ?? 0);
};

/** What decides a place in a line besides its number. */
export type Turn = { readonly countsFromMs: number; readonly rank: number; readonly sinceMs: number };

export const turnOf = (submittedAt: string, priority: WaitlistPriority | undefined): Turn => ({
  countsFromMs: Date.parse(priority?.countsFrom ?? submittedAt),
  rank: rankOf(priority),
  sinceMs: Date.parse(submittedAt),
});
