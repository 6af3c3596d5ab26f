// The files of a GTFS feed, wherever they lie: in a folder or in a zip, at its top or below.
import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { TimetableError } from '@railhead/commands/ports/timetable-source.ts';
import { asTimetableError } from '../file-bytes.ts';
import { openZipFeed } from './zip-feed.ts';

/** `bytes` is the unpacked size. */
export type FeedFile = { readonly bytes: number; readonly open: () => Promise<AsyncIterable<Buffer>> };

export type Feed = {
  readonly files: ReadonlyMap<string, FeedFile>;
  readonly close: () => void;
};

const folderFeed = async (path: string): Promise<Feed> => {
  const files = new Map<string, FeedFile>();
  for (const entry of await readdir(path, { withFileTypes: true })) {
    if (entry.isDirectory()) continue;
    const file = join(path, entry.name);
    files.set(entry.name, { bytes: (await stat(file)).size, open: async () => createReadStream(file) });
  }
  return { files, close: () => undefined };
};

/** Throws `TimetableError`. */
export const openFeed = async (path: string): Promise<Feed> => {
  try {
    return (await stat(path)).isDirectory() ? await folderFeed(path) : await openZipFeed(path);
  } catch (error) {
    throw asTimetableError(error, path);
  }
};

const REQUIRED = ['agency.txt', 'stops.txt', 'routes.txt', 'trips.txt', 'stop_times.txt'];
const CALENDARS = ['calendar.txt', 'calendar_dates.txt'];

/** Either calendar may be absent, not both (GTFS reference, calendar.txt). */
export const assertComplete = ({ files }: Feed): void => {
  for (const file of REQUIRED)
    if (!files.has(file)) throw new TimetableError('FILE_MISSING', `the feed has no ${file}`);
  if (!CALENDARS.some((file) => files.has(file)))
    throw new TimetableError('FILE_MISSING', 'the feed has neither calendar.txt nor calendar_dates.txt');
};

/** Names of files that say nothing a timetable needs. */
export const ignoredFiles = ({ files }: Feed): readonly string[] =>
  [...files.keys()].filter((file) => !REQUIRED.includes(file) && !CALENDARS.includes(file)).sort();
