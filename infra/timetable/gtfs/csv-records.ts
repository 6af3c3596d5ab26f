// CSV records of a feed's file. This is a parser of our own because it must recover after a stray quote: such a record
// is skipped, the rest of the file is read, and every record has its line number.
import type { Line } from '../lines.ts';

/** `cells` is undefined if the text is not a record. */
export type CsvRecord = { readonly line: number; readonly cells: readonly string[] | undefined };

/** A quoted value may contain line ends (the GTFS reference forbids it, but feeds do it), up to this many lines. */
const MAX_LINES_OF_RECORD = 16;

const QUOTED = /"((?:[^"]|"")*)"|[^,]*/y;

/** The cells of one record, quoted as in RFC 4180; undefined if a quote is not closed or closes inside a value. */
export const csvCells = (text: string): readonly string[] | undefined => {
  if (!text.includes('"')) return text.split(',');
  const cells: string[] = [];
  for (let at = 0; at <= text.length; at = QUOTED.lastIndex + 1) {
    QUOTED.lastIndex = at;
    const [whole = '', quoted] = QUOTED.exec(text) ?? [];
    if (quoted === undefined && whole.includes('"')) return undefined;
    if (QUOTED.lastIndex < text.length && text[QUOTED.lastIndex] !== ',') return undefined;
    cells.push(quoted?.replaceAll('""', '"') ?? whole);
  }
  return cells;
};

const openQuote = (text: string): boolean => {
  let open = false;
  for (let at = text.indexOf('"'); at !== -1; at = text.indexOf('"', at + 1)) open = !open;
  return open;
};

const recordOf = ({ line, text }: Line): CsvRecord => ({
  line,
  cells: text === undefined ? undefined : csvCells(text),
});

/** Joins the held lines into one record; if they are none, each line becomes a record. */
const joined = (held: readonly Line[]): readonly CsvRecord[] => {
  const cells = csvCells(held.map(({ text }) => text).join('\n'));
  if (cells !== undefined) return held.slice(0, 1).map(({ line }) => ({ line, cells }));
  return held.filter(({ text }) => text !== '').map(recordOf);
};

/** The records of these lines, without empty ones. */
export async function* csvRecords(lines: AsyncIterable<Line>): AsyncGenerator<CsvRecord> {
  let held: Line[] = [];
  for await (const line of lines) {
    const turns = line.text !== undefined && openQuote(line.text);
    if (held.length === 0 && !turns) {
      if (line.text !== '') yield recordOf(line);
      continue;
    }
    held.push(line);
    if (held.length === 1 || (!turns && held.length < MAX_LINES_OF_RECORD)) continue;
    yield* joined(held);
    held = [];
  }
  yield* joined(held);
}
