// A source of timetables: an importer reads a file of its format and gives stations and trains, one at a time.
import type { Station, Train } from '@railhead/domain/timetable/timetable.ts';

/** A row that was skipped, and why. `line` counts from 1 (the header of a CSV file is line 1). */
export type SkippedRow = {
  readonly file: string;
  readonly line?: number;
  readonly code: string;
  readonly detail: string;
};

export type TimetableItem =
  | { readonly kind: 'station'; readonly station: Station }
  | { readonly kind: 'train'; readonly train: Train }
  | { readonly kind: 'skipped'; readonly row: SkippedRow };

/** `done` and `total` are bytes of input; `phase` is a short English verb phrase for the progress line. */
export type ReadProgress = { readonly phase: string; readonly done: number; readonly total: number };

/**
 * Items arrive as a stream: stations always precede the trains that call at them, and memory stays bounded whatever the
 * size of the input. Throws `TimetableError` for input that cannot be read at all.
 */
export interface TimetableSource {
  /** Short name of the source for reports (`trains.jsonl.gz`). */
  readonly name: string;
  read(onProgress: (progress: ReadProgress) => void): AsyncIterable<TimetableItem>;
}

export type TimetableErrorCode =
  | 'TIMETABLE_NOT_FOUND'
  | 'TIMETABLE_NOT_READABLE'
  | 'ARCHIVE_CORRUPT'
  | 'ARCHIVE_TOO_LARGE'
  | 'FILE_MISSING'
  | 'COLUMN_MISSING'
  | 'NOT_GZIP';

/** The input as a whole cannot be used. Importing again is safe and completes what was imported before. */
export class TimetableError extends Error {
  readonly code: TimetableErrorCode;
  constructor(code: TimetableErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'TimetableError';
    this.code = code;
  }
}
