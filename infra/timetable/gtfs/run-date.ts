// Turns service days into run dates. A feed's train may leave its first stop at 24:05 of its service day or later. A
// run is dated by the day it leaves, so the train's times move back by whole days, and its service moves forward by as
// many.
import { addDays, type Service } from '@railhead/domain/timetable/timetable.ts';

export const MINUTES_PER_DAY = 1440;

/** Whole days from the service day to the day of departure. `departs`: minutes as in the feed. */
export const daysLate = (departs: number | null | undefined): number => Math.floor((departs ?? 0) / MINUTES_PER_DAY);

/** A calendar without an end often has the last possible date; that date has no day after it. */
const later = (date: string, days: number): string => {
  const moved = addDays(date, days);
  return moved.startsWith('+') ? date : moved;
};

/** The service that runs `days` after each date of this one. */
export const servedLater = (service: Service, days: number): Service => {
  if (days === 0) return service;
  const { from, until, weekdays, added, removed } = service;
  return {
    ...(from === undefined ? {} : { from: later(from, days) }),
    ...(until === undefined ? {} : { until: later(until, days) }),
    weekdays: weekdays.map((weekday) => ((weekday - 1 + days) % 7) + 1).sort((one, other) => one - other),
    added: added.map((date) => later(date, days)),
    removed: removed.map((date) => later(date, days)),
  };
};
