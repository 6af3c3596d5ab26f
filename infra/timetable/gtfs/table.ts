// Reads one table of a feed, row by row. Callers say what to do with a row; parsing and skipping are done here.
import { type ReadProgress, type SkippedRow, TimetableError } from '@railhead/commands/ports/timetable-source.ts';
import { linesOf } from '../lines.ts';
import { csvRecords } from './csv-records.ts';
import type { Feed } from './feed.ts';

/** A longer line is not a row. */
const MAX_LINE_BYTES = 1024 * 1024;

/** The value of a column in this row, trimmed; empty if the feed leaves it out. */
export type Row = (column: string) => string;

/** Why a row is skipped. */
export type Skip = { readonly code: string; readonly detail: string };

export const badRow = (detail: string): Skip => ({ code: 'BAD_ROW', detail });

export type TableSpec = { readonly file: string; readonly columns: readonly string[] };

/** Progress over all files of a feed, in unpacked bytes. */
export class FeedProgress {
  readonly #report: (progress: ReadProgress) => void;
  readonly #total: number;
  #done = 0;

  constructor(total: number, report: (progress: ReadProgress) => void) {
    this.#total = total;
    this.#report = report;
  }

  async *counting(phase: string, chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const chunk of chunks) {
      this.#done += chunk.length;
      this.#report({ phase, done: this.#done, total: this.#total });
      yield chunk;
    }
  }
}

const assertColumns = ({ file, columns }: TableSpec, header: ReadonlyMap<string, number>): void => {
  for (const column of columns)
    if (!header.has(column)) throw new TimetableError('COLUMN_MISSING', `${file} has no column ${column}`);
};

/** Passes every row to `onRow` and yields the skipped ones. A missing file has no rows. */
export async function* readTable(
  feed: Feed,
  progress: FeedProgress,
  spec: TableSpec,
  onRow: (row: Row, line: number) => Skip | undefined,
): AsyncGenerator<SkippedRow> {
  const file = feed.files.get(spec.file);
  if (file === undefined) return;
  let header: ReadonlyMap<string, number> | undefined;
  let current: readonly string[] = [];
  const row: Row = (column) => current[header?.get(column) ?? -1]?.trim() ?? '';
  const bytes = progress.counting(`read ${spec.file}`, await file.open());
  for await (const { line, cells } of csvRecords(linesOf(bytes, MAX_LINE_BYTES))) {
    if (header === undefined) {
      header = new Map(cells?.map((column, index) => [column.trim(), index]));
      assertColumns(spec, header);
      continue;
    }
    const skip = cells === undefined || cells.length > header.size ? badRow('not a row of the table') : undefined;
    current = cells ?? [];
    const left = skip ?? onRow(row, line);
    if (left !== undefined) yield { file: spec.file, line, ...left };
  }
  assertColumns(spec, header ?? new Map());
}
