// Timetable files for `railhead up`: train G900 with one second-class coach, small enough to sell out, and similar
// ones.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export type SmallRailway = {
  readonly rows: number;
  readonly letters: string;
  readonly stops: number;
  /** Places to stand; none if not given. */
  readonly standing?: number;
  /** Late assignment: seats are sold by count and assigned before departure. */
  readonly late?: boolean;
  /** G900, G901, …; one if not given. They leave at ten, half past ten or eleven, in no order of their numbers. */
  readonly trains?: number;
  /** Minutes since midnight at which G900 leaves its first stop; ten o'clock if not given. */
  readonly leaves?: number;
};

/** Stations ST0, ST1, … a hundred kilometres apart. Returns the arguments that make a server use it. */
export const smallRailway = (
  root: string,
  { rows, letters, stops, standing, late, trains = 1, leaves = 600 }: SmallRailway,
): readonly string[] => {
  const stock = join(root, 'stock');
  mkdirSync(stock);
  const coach = { seatClass: 'second', count: 1, layout: { kind: 'rows', rows, letters }, standing };
  writeFileSync(join(stock, 'compositions.json'), JSON.stringify([{ name: 'one', coaches: [coach] }]));
  const tariff = {
    name: 'flat',
    ratesMilliFenPerKm: { second: 46_000, standing: 23_000 },
    bands: [{ percent: 100 }],
    minimumFen: 100,
    roundToFen: 50,
    percentOfAdult: { adult: 100, child: 50, student: 75 },
  };
  writeFileSync(join(stock, 'tariffs.json'), JSON.stringify([tariff]));
  const kind = { composition: 'one', tariff: 'flat', ...(late === true ? { lateAssignment: ['second'] } : {}) };
  writeFileSync(join(stock, 'train-kinds.json'), JSON.stringify([kind]));
  const callsFrom = (from: number) =>
    Array.from({ length: stops }, (_, n) => [
      `ST${n}`,
      `站${n}`,
      n === 0 ? null : from + n * 30,
      n === stops - 1 ? null : from + 2 + n * 30,
      n * 100,
    ]);
  const lineOf = (train: number): string =>
    `${JSON.stringify({ train: `G${900 + train}`, type: 'test', stops: callsFrom(leaves + ((train * 2) % 3) * 30) })}\n`;
  const timetable = join(root, 'world.jsonl');
  writeFileSync(timetable, Array.from({ length: trains }, (_, train) => lineOf(train)).join(''));
  return ['--rolling-stock', stock, '--timetable', timetable];
};
