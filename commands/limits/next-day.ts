import { addDays } from '@railhead/domain/timetable/timetable.ts';
import type { Clock } from '../ports/clock.ts';

/** Zones change their offsets at quarters of an hour. */
const QUARTER_MS = 900_000;

/** The instant at which the next day of the railway's zone begins, in ms since the epoch. */
export const nextDayMs = (clock: Pick<Clock, 'zone' | 'now'>): number => {
  const { zone } = clock;
  const next = addDays(zone.date(clock.now()), 1);
  // A train's clock begins at noon less twelve hours, which differs from midnight on days on which clocks change.
  let instantMs = zone.instantMs(next, 0);
  while (zone.date(instantMs) < next) instantMs += QUARTER_MS;
  while (zone.date(instantMs - QUARTER_MS) >= next) instantMs -= QUARTER_MS;
  return instantMs;
};
