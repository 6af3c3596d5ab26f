// When tickets are on sale: a number of days ahead, until the train leaves the stop where the traveller boards.
import { addDays } from '@railhead/domain/timetable/timetable.ts';
import type { Clock } from '../ports/clock.ts';
import { zoneNamed } from '../time/zone.ts';
import type { RunAsOpened } from './run-directory.ts';

/** `days` counts today: 15 sells today and the fourteen days after it. The day begins in the railway's zone. */
export type SaleWindow = { readonly days: number };

export const today = (clock: Clock): string => clock.zone.date(clock.now());

/** A cache: every order asks, and the answer is the same all day. */
let lastWindow = { first: '', days: 0, end: '' };

export const isOnSale = (clock: Clock, window: SaleWindow, date: string): boolean => {
  const first = today(clock);
  if (first > date) return false;
  if (lastWindow.first !== first || lastWindow.days !== window.days)
    lastWindow = { first, days: window.days, end: addDays(first, window.days) };
  return date < lastWindow.end;
};

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
