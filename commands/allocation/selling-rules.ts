// How each class of a run is sold: by seat or by count, and under which limits at an instant.
import { counted, type Selling, seated } from '@railhead/domain/allocation/choose-legs.ts';
import { bestFit } from '@railhead/domain/allocation/choose-seats.ts';
import { type Limit, quotaLimit } from '@railhead/domain/allocation/limits.ts';
import type { SeatPolicy } from '@railhead/domain/allocation/seat-request.ts';
import { accept, type Result } from '@railhead/domain/kernel/decision.ts';
import type { SeatClass } from '@railhead/domain/kernel/seat-class.ts';
import { journeyFares } from '@railhead/domain/train-run/journey.ts';
import type { RunAsOpened } from '../runs/run-directory.ts';
import { boardingMs } from '../runs/sale-window.ts';
import { BidPriceControl } from './bid-price-control.ts';
import { demandOf, type Forecast, type QuotaRule, quotasOf } from './quota-rules.ts';

export type SellingRules = {
  readonly policy: SeatPolicy;
  readonly quotas: readonly QuotaRule[];
  readonly forecasts: readonly Forecast[];
};

export const bestFitOnly: SellingRules = { policy: bestFit, quotas: [], forecasts: [] };

/** Sold by count, so an order gets no seat at first: standing, and classes with late assignment. */
export const isCounted = ({ lateAssignment = [] }: RunAsOpened, seatClass: SeatClass): boolean =>
  seatClass === 'standing' || lateAssignment.includes(seatClass);

const NO_LIMITS: readonly Limit[] = [];
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** The list of limits is built again once in so long. Quotas lapse and demand passes more slowly. */
const LIMITS_HOLD_MS = 10_000;

type NoFit = 'QUOTA_INVALID' | 'FORECAST_INVALID';

/** The limits of a class at an instant (ms since the epoch). The same list object for as long as they are valid. */
export const limitsOf = (
  rules: SellingRules,
  run: RunAsOpened,
  seatClass: SeatClass,
): Result<(nowMs: number) => readonly Limit[], NoFit> => {
  const quotas = quotasOf(rules.quotas, run, seatClass);
  if (!quotas.ok) return quotas;
  const forecast = demandOf(rules.forecasts, run, seatClass);
  if (!forecast.ok) return forecast;
  const { demand, daysOnSale } = forecast.value;
  const fareOf = (from: number, to: number): number => {
    const fares = journeyFares(run, { from, to }, seatClass, ['adult']);
    return fares.ok ? (fares.value[0] ?? 0) : 0;
  };
  const control = demand.length === 0 ? undefined : new BidPriceControl(demand, fareOf);
  const departsMs = boardingMs(run, 0);
  const limitsAt = (nowMs: number): readonly Limit[] => {
    const left = departsMs - nowMs;
    const held = quotas.value.filter(({ untilMinutesBefore }) => left > untilMinutesBefore * MINUTE_MS);
    const limits: Limit[] = held.length === 0 ? [] : [quotaLimit(held)];
    if (control !== undefined) limits.push(control.limit(Math.min(1, Math.max(0, left / (daysOnSale * DAY_MS)))));
    return limits;
  };
  if (quotas.value.length === 0 && control === undefined) return accept(() => NO_LIMITS);
  let known: { readonly atMs: number; readonly limits: readonly Limit[] } | undefined;
  return accept((nowMs) => {
    if (known === undefined || Math.abs(nowMs - known.atMs) > LIMITS_HOLD_MS)
      known = { atMs: nowMs, limits: limitsAt(nowMs) };
    return known.limits;
  });
};

/** How a class is sold at an instant (ms since the epoch). Refused where a rule does not fit the train. */
export const sellingOf = (
  rules: SellingRules,
  run: RunAsOpened,
  seatClass: SeatClass,
): Result<(nowMs: number) => Selling, NoFit> => {
  const limitsAt = limitsOf(rules, run, seatClass);
  if (!limitsAt.ok) return limitsAt;
  const byCount = isCounted(run, seatClass);
  let known: { readonly limits: readonly Limit[]; readonly selling: Selling } | undefined;
  return accept((nowMs) => {
    const limits = limitsAt.value(nowMs);
    if (known?.limits !== limits) {
      const choose = byCount ? counted(limits) : seated(rules.policy, limits);
      known = { limits, selling: { counted: byCount, choose } };
    }
    return known.selling;
  });
};
