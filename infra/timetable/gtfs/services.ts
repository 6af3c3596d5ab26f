// The run dates of a trip, from the weekly pattern and its exceptions.
import type { Service } from '@railhead/domain/timetable/timetable.ts';
import { servedLater } from './run-date.ts';
import type { Spill } from './spill.ts';

type ServiceRow = { readonly since: string | null; readonly until: string | null; readonly weekdays: string };

/**
 * Size of the cache of services: trips of one service are adjacent in a feed, and a service may list a year of dates.
 */
const REMEMBERED_SERVICES = 256;

/** A function from a service's key to its run dates, `days` after its service days. */
export const serviceReader = ({ db }: Spill): ((key: number, days: number) => Service) => {
  const pattern = db.prepare('SELECT since, until, weekdays FROM services WHERE key = ?');
  const dates = db.prepare('SELECT DISTINCT date FROM service_dates WHERE service = ? AND runs = ? ORDER BY date');
  const datesOf = (key: number, runs: number): readonly string[] =>
    dates.all(key, runs).map(({ date }) => String(date));
  const read = (key: number): Service => {
    // Safe cast: it has the columns of the SELECT.
    const { since, until, weekdays } = (pattern.get(key) ?? { since: null, until: null, weekdays: '' }) as ServiceRow;
    return {
      ...(since === null ? {} : { from: since }),
      ...(until === null ? {} : { until }),
      weekdays: [...weekdays].map(Number),
      added: datesOf(key, 1),
      removed: datesOf(key, 0),
    };
  };
  const known = new Map<string, Service>();
  return (key, days) => {
    const name = `${key}+${days}`;
    const service = known.get(name) ?? servedLater(read(key), days);
    if (known.size >= REMEMBERED_SERVICES) known.clear();
    known.set(name, service);
    return service;
  };
};
