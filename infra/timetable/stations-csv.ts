// Cities and pinyin of stations, from an optional `stations.csv` beside a timetable.
import { createReadStream, existsSync } from 'node:fs';
import { TimetableError } from '@railhead/commands/ports/timetable-source.ts';
import type { Station } from '@railhead/domain/timetable/timetable.ts';
import { parse } from 'csv-parse';
import { cityOfStation } from './city.ts';
import { errorCode } from './error-code.ts';
import { cutName, MAX_NAME_CHARACTERS, plainName } from './station-name.ts';

/** Names are short; a longer record means that a quote was never closed. */
const MAX_RECORD_CHARACTERS = 64 * 1024;

const COLUMNS = ['telecode', 'name', 'pinyin', 'city'];

/** Stations by telecode; empty if the file is absent. Throws `TimetableError` for a file that is not such a table. */
export const readStationsCsv = async (path: string): Promise<ReadonlyMap<string, Station>> => {
  const stations = new Map<string, Station>();
  if (!existsSync(path)) return stations;
  const rows = createReadStream(path).pipe(
    parse({ bom: true, relax_column_count: true, skip_empty_lines: true, max_record_size: MAX_RECORD_CHARACTERS }),
  );
  let header: readonly string[] | undefined;
  try {
    for await (const row of rows as AsyncIterable<string[]> /* records are arrays unless `columns` is set */) {
      if (header === undefined) {
        header = row.map((column) => column.trim());
        for (const column of COLUMNS)
          if (!header.includes(column)) throw new TimetableError('COLUMN_MISSING', `${path} has no column ${column}`);
        continue;
      }
      const [code = '', name = '', pinyin = '', city = ''] = COLUMNS.map((column) =>
        plainName(row[header?.indexOf(column) ?? -1] ?? ''),
      );
      if (code === '' || name === '') continue;
      if ([name, pinyin, city].some((text) => cutName(text) !== undefined))
        throw new TimetableError(
          'TIMETABLE_NOT_READABLE',
          `${path}: a name of station ${code.slice(0, 16)} has more than ${MAX_NAME_CHARACTERS} characters`,
        );
      stations.set(code, { code, name, city: city.replace(/市$/u, '') || cityOfStation(name), pinyin });
    }
  } catch (error) {
    if (error instanceof TimetableError) throw error;
    throw new TimetableError('TIMETABLE_NOT_READABLE', `${path} is not a CSV file (${errorCode(error)})`, {
      cause: error,
    });
  }
  return stations;
};
