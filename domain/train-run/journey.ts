// A passenger's journey on a run, from one stop to a later one, and what it costs.

import { fareFen, type PassengerKind } from '../fare/fare.ts';
import { accept, type Result, refuse } from '../kernel/decision.ts';
import type { Fen } from '../kernel/money.ts';
import type { SeatClass } from '../kernel/seat-class.ts';
import type { StationCode, Stop } from '../timetable/timetable.ts';
import { hasClass } from './composition.ts';
import type { TrainRunOpened } from './events.ts';

/** Stop sequence numbers, from < to; the journey covers the segments from, from + 1, … to - 1. */
export type Journey = { readonly from: number; readonly to: number };

/** The parts of an open run that a journey is computed from. */
export type PricedRoute = Pick<TrainRunOpened['data'], 'train' | 'date' | 'stops' | 'composition' | 'tariff'>;

export const journeyBetween = (
  { train, stops }: { readonly train: string; readonly stops: readonly Stop[] },
  from: StationCode,
  to: StationCode,
): Result<Journey, 'STATION_NOT_ON_ROUTE' | 'JOURNEY_BACKWARDS'> => {
  const missing = [from, to].find((code) => !stops.some((stop) => stop.code === code));
  if (missing !== undefined) return refuse('STATION_NOT_ON_ROUTE', `${train} does not call at ${missing}`);
  // A circular train calls at a station twice; the shortest way between the two stations is taken.
  let best: Journey | undefined;
  for (const [at, stop] of stops.entries()) {
    if (stop.code !== from) continue;
    const until = stops.findIndex((other, seq) => seq > at && other.code === to);
    if (until > at && (best === undefined || until - at < best.to - best.from)) best = { from: at, to: until };
  }
  return best === undefined ? refuse('JOURNEY_BACKWARDS', `${train} does not go from ${from} to ${to}`) : accept(best);
};

export const journeyKm = ({ stops }: Pick<PricedRoute, 'stops'>, { from, to }: Journey): number =>
  (stops[to]?.km ?? 0) - (stops[from]?.km ?? 0);

/** One fare per passenger, in their order. */
export const journeyFares = (
  run: PricedRoute,
  journey: Journey,
  seatClass: SeatClass,
  kinds: readonly PassengerKind[],
): Result<readonly Fen[], 'CLASS_NOT_ON_TRAIN'> => {
  const km = journeyKm(run, journey);
  const fares = kinds.map((kind) => fareFen(run.tariff, seatClass, km, kind));
  if (!hasClass(run.composition, seatClass) || !fares.every((fare) => fare !== undefined))
    return refuse('CLASS_NOT_ON_TRAIN', `${run.train} sells no ${seatClass}`);
  return accept(fares);
};

const MINUTES_A_DAY = 1440;

/** Whole days between the run date and the calendar day of a minute of its clock. */
export const dayOffset = (minutes: number): number => Math.floor(minutes / MINUTES_A_DAY);
