// Chooses the importer for a path: by its content where possible, by its name only where necessary.
import { existsSync, statSync } from 'node:fs';
import { TimetableError, type TimetableSource } from '@railhead/commands/ports/timetable-source.ts';
import { gtfsSource } from './gtfs/gtfs-source.ts';
import { sampleSource } from './sample/sample.ts';
import { trainsJsonlSource } from './trains-jsonl.ts';

/** A GTFS folder or .zip, otherwise JSON lines; the empty path is the sample. */
export const openTimetable = (path: string): TimetableSource => {
  if (path === '') return sampleSource();
  if (!existsSync(path)) throw new TimetableError('TIMETABLE_NOT_FOUND', `there is no timetable at ${path}`);
  return statSync(path).isDirectory() || path.endsWith('.zip') ? gtfsSource(path) : trainsJsonlSource(path);
};
