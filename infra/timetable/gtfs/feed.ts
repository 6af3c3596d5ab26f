// The files of a GTFS feed, from a folder or an archive.
import { TimetableError } from '@railhead/commands/ports/timetable-source.ts';

/** `bytes` is the unpacked size. */
export type FeedFile = { readonly bytes: number; readonly open: () => Promise<AsyncIterable<Buffer>> };

export type Feed = {
  readonly files: ReadonlyMap<string, FeedFile>;
  readonly close: () => void;
};

const REQUIRED = ['agency.txt', 'stops.txt', 'routes.txt', 'trips.txt', 'stop_times.txt'];
const CALENDARS = ['calendar.txt', 'calendar_dates.txt'];

/** One of the two calendars may be absent, but not both (GTFS reference, calendar.txt). */
export const assertComplete = ({ files }: Feed): void => {
  for (const file of REQUIRED)
    if (!files.has(file)) throw new TimetableError('FILE_MISSING', `the feed has no ${file}`);
  if (!CALENDARS.some((file) => files.has(file)))
    throw new TimetableError('FILE_MISSING', 'the feed has neither calendar.txt nor calendar_dates.txt');
};

/** Names of files that contain nothing for a timetable. */
export const ignoredFiles = ({ files }: Feed): readonly string[] =>
  [...files.keys()].filter((file) => !REQUIRED.includes(file) && !CALENDARS.includes(file)).sort();
