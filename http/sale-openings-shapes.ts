// Sale openings as operators send and read them. A time of the clock is written as `08:00`.
import type { NamedInOpenings } from '@railhead/domain/sale-openings/decide.ts';
import type { Openings } from '@railhead/domain/sale-openings/events.ts';
import { z } from 'zod';
import { dateShape, instantShape, stationCodeShape, trainShape } from './shapes.ts';

/** Of each kind. The limit of the body bounds how many come in one request. */
const MOST_OPENINGS = 5_000;
/** A run is on sale for so many days at most. */
const MOST_DAYS_BEFORE = 60;

const [FIRST_YEAR, LAST_YEAR] = [1970, 2999];
/** Others are slips, and the first and last of all years cannot be written in every zone. */
const instantGiven = z.iso.datetime({ offset: true }).refine(
  // What is no instant at all is told by the line above.
  (text) => !(Number(text.slice(0, 4)) < FIRST_YEAR || Number(text.slice(0, 4)) > LAST_YEAR),
  `must be in the years ${FIRST_YEAR} to ${LAST_YEAR}`,
);
const clockShape = z.string().regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/, 'must be a time of the clock, such as 08:00');

const isEachOnce = (names: readonly string[]): boolean => new Set(names).size === names.length;
const ONCE = 'must name each only once';

export const saleOpeningsBody = z.strictObject({
  runs: z
    .array(z.strictObject({ train: trainShape, date: dateShape, opensAt: instantGiven }))
    .max(MOST_OPENINGS)
    .refine((runs) => isEachOnce(runs.map(({ train, date }) => `${train} ${date}`)), ONCE)
    .default([])
    .meta({ description: 'What stands here of a run goes before all else.' }),
  days: z
    .array(z.strictObject({ date: dateShape, opensAt: instantGiven }))
    .max(MOST_OPENINGS)
    .refine((days) => isEachOnce(days.map(({ date }) => date)), ONCE)
    .default([])
    .meta({ description: 'All runs of a date.' }),
  stations: z
    .array(
      z.strictObject({
        station: stationCodeShape,
        opens: clockShape,
        daysBefore: z.int().min(0).max(MOST_DAYS_BEFORE).optional(),
      }),
    )
    .max(MOST_OPENINGS)
    .refine((stations) => isEachOnce(stations.map(({ station }) => station)), ONCE)
    .default([])
    .meta({
      description:
        'Journeys from a station: each run date opens at this time of the clock, so many days before; the day on which it enters the sale window if none are given.',
    }),
  allowUnknown: z
    .boolean()
    .default(false)
    .meta({ description: 'Take trains and stations that the timetable does not have yet.' }),
});

export const saleOpeningsShape = z
  .object({
    version: z.int().meta({ description: 'How often they have been set; for `If-Match`.' }),
    runs: z.array(z.object({ train: z.string(), date: dateShape, opensAt: instantShape })),
    days: z.array(z.object({ date: dateShape, opensAt: instantShape })),
    stations: z.array(z.object({ station: z.string(), opens: z.string(), daysBefore: z.int() })),
    unknown: z.object({ trains: z.array(z.string()), stations: z.array(z.string()) }).meta({
      description: 'What is named here and not in the timetable: as long as that is so, nothing opens by it.',
    }),
  })
  .meta({ id: 'SaleOpenings' });

const MINUTES_AN_HOUR = 60;
const twoDigits = (value: number): string => String(value).padStart(2, '0');

export const shownOpenings = (
  { openings, version }: { readonly openings: Openings; readonly version: number },
  unknown: NamedInOpenings,
) => ({
  version,
  ...openings,
  stations: openings.stations.map(({ station, opensMinutes, daysBefore }) => ({
    station,
    opens: `${twoDigits(Math.floor(opensMinutes / MINUTES_AN_HOUR))}:${twoDigits(opensMinutes % MINUTES_AN_HOUR)}`,
    daysBefore,
  })),
  unknown: { trains: [...unknown.trains], stations: [...unknown.stations] },
});

/** `saleDays`: the length of the sale window, today included. */
export const openingsGiven = (
  { runs, days, stations }: z.output<typeof saleOpeningsBody>,
  saleDays: number,
): Openings => ({
  runs,
  days,
  stations: stations.map(({ station, opens, daysBefore = saleDays - 1 }) => {
    const [hours = 0, minutes = 0] = opens.split(':').map(Number);
    return { station, opensMinutes: hours * MINUTES_AN_HOUR + minutes, daysBefore };
  }),
});
