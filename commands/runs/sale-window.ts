// When tickets are sold: for the runs of the next so many days, until the train leaves the stop where one boards.
import { addDays } from '@railhead/domain/timetable/timetable.ts';
import { instantOf } from '@railhead/domain/train-run/journey.ts';
import { type Clock, localDate } from '../ports/clock.ts';
import type { OpenRun } from './run-directory.ts';

/** `days` counts today: 15 sells today and the fourteen days after it. Dates are local at `utcOffsetMinutes`. */
export type SaleWindow = { readonly days: number; readonly utcOffsetMinutes: number };

export const today = (clock: Clock, { utcOffsetMinutes }: SaleWindow): string =>
  localDate(clock.now(), utcOffsetMinutes);

export const isOnSale = (clock: Clock, window: SaleWindow, date: string): boolean => {
  const first = today(clock, window);
  return first <= date && date < addDays(first, window.days);
};

/** The run dates on sale now, first to last. */
export const datesOnSale = (clock: Clock, window: SaleWindow): readonly string[] => {
  const first = today(clock, window);
  return Array.from({ length: window.days }, (_, index) => addDays(first, index));
};

/** When the train leaves a stop (its sequence number), in ms since the epoch: from then on nobody can board there. */
export const boardingMs = ({ date, stops }: OpenRun, stop: number, utcOffsetMinutes: number): number =>
  Date.parse(instantOf(date, stops[stop]?.departs ?? 0, utcOffsetMinutes));
