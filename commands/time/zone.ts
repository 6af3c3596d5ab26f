// A railway's zone by its IANA name, daylight saving time included: instants as text, dates, and a train's clock as instants.
import { LRUCache } from 'lru-cache';
import { Temporal } from 'temporal-polyfill';

export type Zone = {
  /** A name such as `Asia/Shanghai`; `+08:00` is a zone that never changes. */
  readonly name: string;
  /** RFC 3339 with the zone's offset at that instant: `2026-12-01T09:00:00.000+08:00`. */
  timestamp(epochMs: number): string;
  /** The same without milliseconds, as in timetables. */
  timetableTime(epochMs: number): string;
  /** The zone's calendar date (`YYYY-MM-DD`) at an instant. */
  date(epochMs: number): string;
  /**
   * The instant of a minute of a train's clock, in ms since the epoch. Minutes count from noon of the run date minus
   * twelve hours: midnight, except on the two days a year on which the clocks change (GTFS Reference,
   * `stop_times.txt`).
   */
  instantMs(date: string, minutes: number): number;
};

/** Of every railway in sight; a zone that is forgotten is made again. */
const MAX_ZONES = 100;

const zones = new LRUCache<string, Zone>({ max: MAX_ZONES });

/** Throws `RangeError` for a name that is not a zone. */
export const zoneNamed = (name: string): Zone => {
  const known = zones.get(name);
  if (known !== undefined) return known;
  const zone = makeZone(name);
  zones.set(name, zone);
  return zone;
};

export const isZone = (name: string): boolean => {
  try {
    zoneNamed(name);
    return true;
  } catch {
    return false;
  }
};

/** Clocks change at a quarter of an hour, so the offset is looked up once for each quarter. */
const QUARTER_MS = 900_000;
const MINUTE_MS = 60_000;
const HALF_A_DAY_MS = 43_200_000;
const NANOSECONDS_A_MINUTE = 60_000_000_000;
/** Size of the caches of offsets and dates; a look-up costs microseconds. */
const MAX_REMEMBERED = 10_000;

const makeZone = (name: string): Zone => {
  Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(name);
  const offsets = new LRUCache<number, number>({ max: MAX_REMEMBERED });
  const dayStarts = new LRUCache<string, number>({ max: MAX_REMEMBERED });

  const offsetMinutesAt = (epochMs: number): number =>
    remembered(offsets, Math.floor(epochMs / QUARTER_MS), (quarter) => {
      const { offsetNanoseconds } = Temporal.Instant.fromEpochMilliseconds(quarter * QUARTER_MS).toZonedDateTimeISO(
        name,
      );
      return Math.round(offsetNanoseconds / NANOSECONDS_A_MINUTE);
    });

  const dayStartMs = (date: string): number =>
    remembered(dayStarts, date, () => {
      const noon = Temporal.PlainDate.from(date).toZonedDateTime({ timeZone: name, plainTime: '12:00' });
      return noon.epochMilliseconds - HALF_A_DAY_MS;
    });

  const text = (epochMs: number, length: number): string => {
    const offset = offsetMinutesAt(epochMs);
    return new Date(epochMs + offset * MINUTE_MS).toISOString().slice(0, length) + offsetText(offset);
  };

  /** The last timestamp: events of one batch share their instant, and many batches their millisecond. */
  let latest = { epochMs: Number.NaN, text: '' };

  return {
    name,
    timestamp: (epochMs) => {
      if (latest.epochMs !== epochMs) latest = { epochMs, text: text(epochMs, 'YYYY-MM-DDTHH:mm:ss.sss'.length) };
      return latest.text;
    },
    timetableTime: (epochMs) => text(epochMs, 'YYYY-MM-DDTHH:mm:ss'.length),
    date: (epochMs) =>
      new Date(epochMs + offsetMinutesAt(epochMs) * MINUTE_MS).toISOString().slice(0, 'YYYY-MM-DD'.length),
    instantMs: (date, minutes) => dayStartMs(date) + minutes * MINUTE_MS,
  };
};

const offsetText = (offsetMinutes: number): string => {
  const size = Math.abs(offsetMinutes);
  const digits = (value: number): string => String(value).padStart(2, '0');
  return `${offsetMinutes < 0 ? '-' : '+'}${digits(Math.floor(size / 60))}:${digits(size % 60)}`;
};

const remembered = <Key extends {}>(known: LRUCache<Key, number>, key: Key, make: (key: Key) => number): number => {
  const there = known.get(key);
  if (there !== undefined) return there;
  const made = make(key);
  known.set(key, made);
  return made;
};
