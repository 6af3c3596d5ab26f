// A timetabled service and its stops: what every importer delivers, and what runs are opened from.

/** A station's telegraph code: three to eight capital letters or digits (`VNP`), or a feed's own stop id. */
export type StationCode = string;

/** `city` groups stations that a traveller may ask for as one place; `pinyin` is lower case without tones. */
export type Station = {
  readonly code: StationCode;
  readonly name: string;
  readonly city: string;
  readonly pinyin: string;
};

/**
 * A call at a station. `arrives` and `departs` are minutes since midnight of the run date (past 1440 on later
 * days); the first stop has no arrival, the last no departure. `km` counts from the first stop and grows.
 */
export type Stop = {
  readonly code: StationCode;
  readonly name: string;
  readonly arrives: number | null;
  readonly departs: number | null;
  readonly km: number;
};

/**
 * The run dates of a service: every date from `from` to `until` (inclusive, `YYYY-MM-DD`; absent = unbounded)
 * whose weekday is in `weekdays` (ISO: 1 Monday to 7 Sunday), plus `added`, less `removed`.
 */
export type Service = {
  readonly from?: string;
  readonly until?: string;
  readonly weekdays: readonly number[];
  readonly added: readonly string[];
  readonly removed: readonly string[];
};

/** `type` is the operator's own name for the kind of train; it selects the composition and the tariff. */
export type Train = {
  readonly train: string;
  readonly type: string;
  readonly stops: readonly Stop[];
  readonly service: Service;
};

export const everyDay: Service = { weekdays: [1, 2, 3, 4, 5, 6, 7], added: [], removed: [] };

/** ISO weekday (1 Monday to 7 Sunday) of a calendar date `YYYY-MM-DD`. */
export const isoWeekday = (date: string): number => new Date(`${date}T00:00:00Z`).getUTCDay() || 7;

/** Does a service run on this date? Exceptions win over the weekly pattern (GTFS calendar_dates does the same). */
export const runsOn = (service: Service, date: string): boolean => {
  if (service.added.includes(date)) return true;
  if (service.removed.includes(date)) return false;
  if (service.from !== undefined && date < service.from) return false;
  if (service.until !== undefined && date > service.until) return false;
  return service.weekdays.includes(isoWeekday(date));
};

/** The date `days` whole days after `date`. */
export const addDays = (date: string, days: number): string => {
  const moved = new Date(`${date}T00:00:00Z`);
  moved.setUTCDate(moved.getUTCDate() + days);
  return moved.toISOString().slice(0, 10);
};

export type TimetableDefect =
  | 'TOO_FEW_STOPS'
  | 'TOO_MANY_STOPS'
  | 'TIMES_NOT_ASCENDING'
  | 'MISSING_TIME'
  | 'KM_NOT_ASCENDING'
  | 'BAD_TRAIN_NUMBER'
  | 'BAD_STATION_CODE';

/** The most stops of a train; the longest real ones have about forty. */
export const MAX_STOPS = 100;

/** Train numbers and station codes become parts of stream names, so only these characters are allowed. */
const CODE = /^[A-Za-z0-9]{1,16}$/;

/**
 * What is wrong with a train as delivered; undefined if it is sound. Importers skip and report a train with a defect.
 */
export const timetableDefect = (train: Train): TimetableDefect | undefined => {
  if (!CODE.test(train.train)) return 'BAD_TRAIN_NUMBER';
  if (train.stops.length < 2) return 'TOO_FEW_STOPS';
  if (train.stops.length > MAX_STOPS) return 'TOO_MANY_STOPS';
  const last = train.stops.length - 1;
  let clock = Number.NEGATIVE_INFINITY;
  let km = -1;
  for (const [index, stop] of train.stops.entries()) {
    if (!CODE.test(stop.code)) return 'BAD_STATION_CODE';
    if ((index > 0 && stop.arrives === null) || (index < last && stop.departs === null)) return 'MISSING_TIME';
    for (const minute of [stop.arrives, stop.departs]) {
      if (minute === null) continue;
      if (minute < clock) return 'TIMES_NOT_ASCENDING';
      clock = minute;
    }
    if (stop.km <= km) return 'KM_NOT_ASCENDING';
    km = stop.km;
  }
  return undefined;
};
