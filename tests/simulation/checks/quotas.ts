// Quotas with code of the test's own: on each segment shared with a journey, the last seats are for others.
import type { QuotaRule } from '@railhead/commands/allocation/quota-rules.ts';

/** On each segment of [from, to) the last `seats` are kept from all journeys that `isFor` does not name. */
export type QuotaTruth = {
  readonly from: number;
  readonly to: number;
  readonly seats: number;
  readonly isFor: (from: number, to: number) => boolean;
};

export const quotaTruth = (rule: QuotaRule, seqOf: (station: string) => number): QuotaTruth => {
  if ('boardingAt' in rule) {
    const at = seqOf(rule.boardingAt);
    return { from: at, to: at + 1, seats: rule.seats, isFor: (from) => from === at };
  }
  const [first, last] = [seqOf(rule.from), seqOf(rule.to)];
  return { from: first, to: last, seats: rule.seats, isFor: (from, to) => from <= first && to >= last };
};

/** Does every quota that is not for this journey keep its seats on the segments they share? */
export const keepsQuotas = (
  quotas: readonly QuotaTruth[],
  from: number,
  to: number,
  freeAfter: (seq: number) => number,
): boolean =>
  quotas.every((quota) => {
    if (quota.isFor(from, to)) return true;
    for (let seq = Math.max(from, quota.from); seq < Math.min(to, quota.to); seq += 1)
      if (freeAfter(seq) < quota.seats) return false;
    return true;
  });
