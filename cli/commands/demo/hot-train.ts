// A timetable with one train that everybody wants, as files: the way of the fastest trains from Beijing to Shanghai.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export const HOT_TRAIN = 'G1';
const LETTERS = 'ABCDF';

/** Station, name, minutes after midnight, kilometres: public timetable facts of 2024. */
const STOPS = [
  ['VNP', '北京南', 420, 0],
  ['JGK', '济南西', 504, 406],
  ['NKH', '南京南', 624, 1_023],
  ['AOH', '上海虹桥', 689, 1_318],
] as const;

export const FIRST_STOP = STOPS[0][0];
export const LAST_STOP = STOPS[3][0];
export const STOP_CODES: readonly string[] = STOPS.map(([code]) => code);

/** Seats are in rows of five, as full as they get. */
export const seatsInRows = (seats: number): number => Math.ceil(seats / LETTERS.length) * LETTERS.length;
export const MOST_SEATS = 99 * LETTERS.length;

/** `seats`: as `seatsInRows` says. Returns the settings that make a server use the files. */
export const writeHotTrain = (
  folder: string,
  seats: number,
): { readonly rollingStock: string; readonly timetable: string } => {
  const rollingStock = join(folder, 'rolling-stock');
  mkdirSync(rollingStock, { recursive: true });
  const rows = Math.ceil(seats / LETTERS.length);
  const coach = { seatClass: 'second', count: 1, layout: { kind: 'rows', rows, letters: LETTERS } };
  const tariff = {
    name: 'demo',
    ratesMilliFenPerKm: { second: 46_000 },
    bands: [{ percent: 100 }],
    minimumFen: 100,
    roundToFen: 50,
    percentOfAdult: { adult: 100, child: 50, student: 75 },
  };
  writeJson(join(rollingStock, 'compositions.json'), [{ name: 'short', coaches: [coach] }]);
  writeJson(join(rollingStock, 'tariffs.json'), [tariff]);
  writeJson(join(rollingStock, 'train-kinds.json'), [{ composition: 'short', tariff: 'demo' }]);
  const timetable = join(folder, 'timetable.jsonl');
  const last = STOPS.length - 1;
  const stops = STOPS.map(([code, name, at, km], index) => [
    code,
    name,
    index === 0 ? null : at,
    index === last ? null : at + 2,
    km,
  ]);
  writeFileSync(timetable, `${JSON.stringify({ train: HOT_TRAIN, type: 'demo', stops })}\n`);
  return { rollingStock, timetable };
};

const writeJson = (path: string, value: unknown): void => writeFileSync(path, JSON.stringify(value));
