// Timetables as JSON lines, one train in each line: {"train","type","stops":[[telecode, name, arrives, departs, km],
// …]}.
import { basename, dirname, join } from 'node:path';
import type { SkippedRow, TimetableItem, TimetableSource } from '@railhead/commands/ports/timetable-source.ts';
import { everyDay, type Station, type Train, timetableDefect } from '@railhead/domain/timetable/timetable.ts';
import { z } from 'zod';
import { cityOfStation } from './city.ts';
import { fileBytes } from './file-bytes.ts';
import { type Line, linesOf } from './lines.ts';
import { plainName } from './station-name.ts';
import { readStationsCsv } from './stations-csv.ts';

/** The longest train has about forty calls of forty bytes; this allows for a hundred times that. */
const MAX_LINE_BYTES = 256 * 1024;

const minutes = z.int().min(0).max(100_000).nullable();

const stopName = z
  .string()
  .min(1)
  .max(64)
  .refine((name) => plainName(name) === name, 'must be plain text');

const trainSchema = z.strictObject({
  train: z.string(),
  type: z.string().max(64),
  stops: z.array(z.tuple([z.string(), stopName, minutes, minutes, z.int().min(0)])),
});

const trainOf = ({ train, type, stops }: z.infer<typeof trainSchema>): Train => ({
  train,
  type,
  stops: stops.map(([code, name, arrives, departs, km]) => ({ code, name, arrives, departs, km })),
  service: everyDay,
});

type Refusal = Pick<SkippedRow, 'code' | 'detail'>;

const parseTrain = (text: string | undefined): Train | Refusal => {
  if (text === undefined) return { code: 'LINE_TOO_LONG', detail: `longer than ${MAX_LINE_BYTES} bytes` };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { code: 'BAD_JSON', detail: text.slice(0, 80) };
  }
  const parsed = trainSchema.safeParse(value);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return { code: 'BAD_SHAPE', detail: `${issue?.path.join('.')}: ${issue?.message}` };
  }
  const train = trainOf(parsed.data);
  const defect = timetableDefect(train);
  return defect === undefined ? train : { code: defect, detail: train.train.slice(0, 80) };
};

/** Turns lines into items; a station comes just before the first train that calls there. */
class Reader {
  readonly #file: string;
  readonly #known: ReadonlyMap<string, Station>;
  readonly #stations = new Map<string, Station>();
  readonly #trains = new Set<string>();

  constructor(file: string, known: ReadonlyMap<string, Station>) {
    this.#file = file;
    this.#known = known;
  }

  *items({ line, text }: Line): Generator<TimetableItem> {
    if (text?.trim() === '') return;
    const train = parseTrain(text);
    if ('code' in train) yield { kind: 'skipped', row: { file: this.#file, line, ...train } };
    else if (this.#trains.has(train.train))
      yield { kind: 'skipped', row: { file: this.#file, line, code: 'DUPLICATE_TRAIN', detail: train.train } };
    else {
      this.#trains.add(train.train);
      yield* this.#newStations(train);
      const stops = train.stops.map((stop) => ({ ...stop, name: this.#stations.get(stop.code)?.name ?? stop.name }));
      yield { kind: 'train', train: { ...train, stops } };
    }
  }

  *#newStations(train: Train): Generator<TimetableItem> {
    for (const { code, name } of train.stops) {
      if (this.#stations.has(code)) continue;
      const station = this.#known.get(code) ?? { code, name, city: cityOfStation(name), pinyin: '' };
      this.#stations.set(code, station);
      yield { kind: 'station', station };
    }
  }
}

/** Trains of a `.jsonl` or `.jsonl.gz` file; they run every day. A `stations.csv` beside it adds cities and pinyin. */
export const trainsJsonlSource = (path: string): TimetableSource => {
  const name = basename(path);
  return {
    name,
    async *read(onProgress): AsyncIterable<TimetableItem> {
      const reader = new Reader(name, await readStationsCsv(join(dirname(path), 'stations.csv')));
      const bytes = fileBytes(path, (done, total) => onProgress({ phase: `read ${name}`, done, total }));
      for await (const line of linesOf(bytes, MAX_LINE_BYTES)) yield* reader.items(line);
    },
  };
};
