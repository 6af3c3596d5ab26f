// Quotas and forecasts: an operator writes them by station, a run needs them by stop. A rule that does not fit its
// train is refused as a whole.
import { type Quota, validateQuotas } from '@railhead/domain/allocation/limits.ts';
import { accept, type Result, refuse } from '@railhead/domain/kernel/decision.ts';
import type { SeatClass } from '@railhead/domain/kernel/seat-class.ts';
import { seatsOfClass } from '@railhead/domain/train-run/composition.ts';
import { journeyBetween, journeyFares } from '@railhead/domain/train-run/journey.ts';
import type { RunAsOpened } from '../runs/run-directory.ts';

type OfClass = { readonly train: string; readonly seatClass: SeatClass };

/**
 * Keeps the last `seats` free seats between two stations for journeys that cover the whole distance between them. With
 * `boardingAt`, keeps those of the segment after that station for journeys that begin there. From `untilMinutesBefore`
 * the departure from the first stop they are sold to anybody.
 */
export type QuotaRule = OfClass & {
  readonly seats: number;
  readonly untilMinutesBefore: number;
} & ({ readonly from: string; readonly to: string } | { readonly boardingAt: string });

/** For each journey, the number of requests expected while the run is on sale, `daysOnSale` days. */
export type Forecast = OfClass & {
  readonly daysOnSale: number;
  readonly demand: readonly { readonly from: string; readonly to: string; readonly requests: number }[];
};

export type TimedQuota = Quota & { readonly untilMinutesBefore: number };
export type ExpectedDemand = {
  readonly from: number;
  readonly to: number;
  readonly requests: number;
  /** The fare of an adult, fen. */
  readonly fareFen: number;
};

type NoFit = 'QUOTA_INVALID' | 'FORECAST_INVALID';

export const quotasOf = (
  rules: readonly QuotaRule[],
  run: RunAsOpened,
  seatClass: SeatClass,
): Result<readonly TimedQuota[], NoFit> => {
  const quotas: TimedQuota[] = [];
  const segments = run.stops.length - 1;
  for (const rule of rules) {
    if (rule.train !== run.train || rule.seatClass !== seatClass) continue;
    const place = stretchOf(rule, run);
    if (!place.ok) return place;
    const { seats, untilMinutesBefore } = rule;
    quotas.push({ ...place.value, seats, untilMinutesBefore });
  }
  const size = seatsOfClass(run.composition, seatClass).length;
  if (quotas.length > 0 && size === 0) return refuse('QUOTA_INVALID', `${run.train} has no ${seatClass}`);
  const valid = validateQuotas(quotas, { segments, seats: size });
  return valid.ok ? accept(quotas) : valid;
};

const stretchOf = (rule: QuotaRule, run: RunAsOpened): Result<Pick<Quota, 'fromSeq' | 'toSeq' | 'keptFor'>, NoFit> => {
  if ('boardingAt' in rule) {
    const seq = run.stops.findIndex(({ code }) => code === rule.boardingAt);
    return seq >= 0 && seq < run.stops.length - 1
      ? accept({ fromSeq: seq, toSeq: seq + 1, keptFor: 'boarding' as const })
      : refuse('QUOTA_INVALID', `nobody boards ${run.train} at ${rule.boardingAt}`);
  }
  const way = journeyBetween(run, rule.from, rule.to);
  return way.ok
    ? accept({ fromSeq: way.value.from, toSeq: way.value.to, keptFor: 'covering' as const })
    : refuse('QUOTA_INVALID', way.refusal.detail);
};

/** Empty where no demand is forecast for the class. */
export const demandOf = (
  forecasts: readonly Forecast[],
  run: RunAsOpened,
  seatClass: SeatClass,
): Result<{ readonly daysOnSale: number; readonly demand: readonly ExpectedDemand[] }, NoFit> => {
  const forecast = forecasts.find((one) => one.train === run.train && one.seatClass === seatClass);
  if (forecast === undefined) return accept({ daysOnSale: 1, demand: [] });
  const demand: ExpectedDemand[] = [];
  for (const { from, to, requests } of forecast.demand) {
    const way = journeyBetween(run, from, to);
    if (!way.ok) return refuse('FORECAST_INVALID', way.refusal.detail);
    const fares = journeyFares(run, way.value, seatClass, ['adult']);
    if (!fares.ok) return refuse('FORECAST_INVALID', fares.refusal.detail);
    demand.push({ ...way.value, requests, fareFen: fares.value[0] ?? 0 });
  }
  return accept({ daysOnSale: forecast.daysOnSale, demand });
};
