// When tickets are sold: for the runs of the next so many days, from the instant at which their sale opens, until the train
// leaves the stop where one boards.
import { accept, type Result, refuse } from '@railhead/domain/kernel/decision.ts';
import { addDays } from '@railhead/domain/timetable/timetable.ts';
import { type Clock, timestampOf } from '../ports/clock.ts';
import type { OpeningTimes } from '../sale-openings/opening-times.ts';
import { zoneNamed } from '../time/zone.ts';
import type { RunAsOpened } from './run-directory.ts';

/**
 * `days` counts today: 15 sells today and the fourteen days after it. The day begins in the railway's zone. `openings`: when
 * the sale of a run opens that would be sold by its date; absent: at once.
 */
export type SaleWindow = { readonly days: number; readonly openings?: OpeningTimes };

export const today = (clock: Clock): string => clock.zone.date(clock.now());

/** A cache: every order asks, and the answer is the same all day. */
let lastWindow = { first: '', days: 0, end: '' };

const hasOpened = (clock: Clock, window: SaleWindow, date: string): boolean => {
  const first = today(clock);
  if (lastWindow.first !== first || lastWindow.days !== window.days)
    lastWindow = { first, days: window.days, end: addDays(first, window.days) };
  return date < lastWindow.end;
};

/** Are runs of this date sold from their first stop? A run of an earlier date may still come to its later stops. */
export const isOnSale = (clock: Clock, window: SaleWindow, date: string): boolean =>
  today(clock) <= date && hasOpened(clock, window, date);

/** The run dates on sale now, first to last. */
export const datesOnSale = (clock: Clock, window: SaleWindow): readonly string[] => {
  const first = today(clock);
  return Array.from({ length: window.days }, (_, index) => addDays(first, index));
};

/** A cache: every order asks for one of them, and a run has a few dozen. */
const departures = new WeakMap<RunAsOpened, readonly number[]>();

/** When the train leaves a stop (its sequence number), in ms since the epoch. From then on nobody can board there. */
export const boardingMs = (run: RunAsOpened, stop: number): number => {
  let known = departures.get(run);
  if (known === undefined) {
    const zone = zoneNamed(run.zone);
    known = run.stops.map(({ departs }) => zone.instantMs(run.date, departs ?? 0));
    departures.set(run, known);
  }
  return known[stop] ?? Number.NaN;
};

/** The last stop where anybody boards: nobody does at the end of the way. */
export const lastBoardingStop = ({ stops }: Pick<RunAsOpened, 'stops'>): number => Math.max(0, stops.length - 2);

export type SaleRefusal = 'DATE_OUTSIDE_SALE' | 'RUN_CANCELLED' | 'SALE_CLOSED' | 'SALE_NOT_OPEN';

/** The sale of journeys from this stop opens later, at this instant (ms since the epoch); undefined: it is open. */
export const opensLaterMs = (
  clock: Clock,
  { openings }: Pick<SaleWindow, 'openings'>,
  run: RunAsOpened,
  from: number,
): number | undefined => {
  const opensMs = openings?.opensMs(run, from);
  return opensMs === undefined || opensMs <= clock.now() ? undefined : opensMs;
};

/** Nobody may buy yet; `opensAt` says when. */
export const notOpenYet = (clock: Clock, opensMs: number) => {
  const opensAt = timestampOf(clock, opensMs);
  return refuse('SALE_NOT_OPEN', `the sale opens at ${opensAt}`, { opensAt });
};

/**
 * Can a journey from this stop of the run be bought now, if there are seats? The one answer for search, display and
 * orders.
 */
export const saleOf = (
  clock: Clock,
  window: SaleWindow,
  run: RunAsOpened & { readonly status: 'open' | 'cancelled' },
  from: number,
): Result<undefined, SaleRefusal> => {
  const { train, date, stops, status } = run;
  if (!hasOpened(clock, window, date)) return refuse('DATE_OUTSIDE_SALE', outsideSale(window, date));
  if (status === 'cancelled') return refuse('RUN_CANCELLED', `${train} does not run on ${date}: it is cancelled`);
  if (boardingMs(run, from) > clock.now()) {
    const opensMs = opensLaterMs(clock, window, run, from);
    return opensMs === undefined ? ON_SALE : notOpenYet(clock, opensMs);
  }
  return refuse('SALE_CLOSED', `${train} has left ${stops[from]?.name}`);
};

const ON_SALE = accept(undefined);

export const outsideSale = ({ days }: SaleWindow, date: string): string =>
  `${date} is not on sale; the sale is open for ${days} days`;
