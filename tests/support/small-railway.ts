// One train G900 of one second-class coach, so that a test can sell it out: files for `railhead up`.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export type SmallRailway = {
  readonly rows: number;
  readonly letters: string;
  readonly stops: number;
  /** Places to stand; none if not given. */
  readonly standing?: number;
  /** Seats are sold by count and given out before departure. */
  readonly late?: boolean;
};

/** Stations ST0, ST1, … a hundred kilometres apart. Returns the arguments that make a server use it. */
export const smallRailway = (
  root: string,
  { rows, letters, stops, standing, late }: SmallRailway,
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
  const calls = Array.from({ length: stops }, (_, n) => [
    `ST${n}`,
    `站${n}`,
    n === 0 ? null : 600 + n * 30,
    n === stops - 1 ? null : 602 + n * 30,
    n * 100,
  ]);
  const timetable = join(root, 'world.jsonl');
  writeFileSync(timetable, `${JSON.stringify({ train: 'G900', type: 'test', stops: calls })}\n`);
  return ['--rolling-stock', stock, '--timetable', timetable];
};
