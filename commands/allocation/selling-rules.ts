// How each class of a run is sold: by seat or by count, and with which limits at which time.
import { counted, type Selling, seated } from '@railhead/domain/allocation/choose-legs.ts';
import { bestFit, type SeatPolicy } from '@railhead/domain/allocation/choose-seats.ts';
import type { Limit } from '@railhead/domain/allocation/limits.ts';
import type { SeatClass } from '@railhead/domain/train-run/composition.ts';
import type { OpenRun } from '../runs/run-directory.ts';

/** `limitsAt`: what keeps free seats from being sold at an instant (ms since the epoch). */
export type SellingRules = {
  readonly policy: SeatPolicy;
  readonly limitsAt: (run: OpenRun, seatClass: SeatClass) => (nowMs: number) => readonly Limit[];
};

export const bestFitOnly: SellingRules = { policy: bestFit, limitsAt: () => () => [] };

/** Sold by count, so an order names no seat at first: places to stand, and classes whose seats are assigned late. */
export const isCounted = ({ lateAssignment = [] }: OpenRun, seatClass: SeatClass): boolean =>
  seatClass === 'standing' || lateAssignment.includes(seatClass);

export const chooserOf = (rules: SellingRules, run: OpenRun, seatClass: SeatClass): ((nowMs: number) => Selling) => {
  const limitsAt = rules.limitsAt(run, seatClass);
  const byCount = isCounted(run, seatClass);
  let known: { readonly limits: readonly Limit[]; readonly selling: Selling } | undefined;
  return (nowMs) => {
    const limits = limitsAt(nowMs);
    if (known?.limits !== limits) {
      const choose = byCount ? counted(limits) : seated(rules.policy, limits);
      known = { limits, selling: { counted: byCount, choose } };
    }
    return known.selling;
  };
};
