// Checks that the operator's rules fit the trains they name. Done when the sale opens, so that a misfit shows early.
import { type SellingRules, sellingOf } from '@railhead/commands/allocation/selling-rules.ts';
import type { RunDirectory } from '@railhead/commands/runs/run-directory.ts';
import type { SeatClass } from '@railhead/domain/kernel/seat-class.ts';
import { SellingRulesError } from './load-rules.ts';

/** Checks every run of those trains on the dates on sale. Throws `SellingRulesError` at the first misfit. */
export const checkRules = async (rules: SellingRules, runs: RunDirectory, dates: readonly string[]): Promise<void> => {
  const named = new Map<string, { readonly train: string; readonly seatClass: SeatClass }>();
  for (const rule of [...rules.quotas, ...rules.forecasts]) named.set(`${rule.train}/${rule.seatClass}`, rule);
  for (const { train, seatClass } of named.values())
    for (const date of dates) {
      const run = await runs.find(train, date);
      if (run === undefined) continue;
      const selling = sellingOf(rules, run, seatClass);
      if (!selling.ok)
        throw new SellingRulesError(selling.refusal.code, `${train} on ${date}: ${selling.refusal.detail}`);
    }
};
