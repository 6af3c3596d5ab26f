// The railway of the benchmarks that go through HTTP: how a server is told of it, and orders on it as bytes.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { seededRandom } from '../support/seeded-random.ts';
import { runDate, tokenFor } from '../support/shopper.ts';
import { postRequest, type RequestOf } from './http-load.ts';
import { hotJourneys, spreadJourneys } from './journeys.ts';
import type { WantedJourney } from './placing.ts';
import { stationName, trainName } from './world.ts';

export const SEATS = 1_200;
export const STOPS = 10;
export const TRAINS = 40;
export const SALE_DAYS = 15;
const USERS = 100;

/** A railway of many trains of one kind. Returns how `railhead up` is told of it. */
export const writeRailway = (root: string): readonly string[] => {
  const stock = join(root, 'stock');
  mkdirSync(stock);
  const write = (file: string, content: unknown): void => writeFileSync(join(stock, file), JSON.stringify(content));
  const layout = { kind: 'rows', rows: 20, letters: 'ABCDF' };
  write('compositions.json', [
    {
      name: 'twelve',
      coaches: [{ seatClass: 'second', count: SEATS / (layout.rows * layout.letters.length), layout }],
    },
  ]);
  write('tariffs.json', [
    {
      name: 'flat',
      ratesMilliFenPerKm: { second: 46_000 },
      bands: [{ percent: 100 }],
      minimumFen: 100,
      roundToFen: 50,
      percentOfAdult: { adult: 100, child: 50, student: 75 },
    },
  ]);
  write('train-kinds.json', [{ composition: 'twelve', tariff: 'flat' }]);
  const stops = Array.from({ length: STOPS }, (_, n) => [
    stationName(n),
    stationName(n),
    n === 0 ? null : 600 + n * 30,
    n === STOPS - 1 ? null : 602 + n * 30,
    n * 100,
  ]);
  const timetable = join(root, 'railway.jsonl');
  const trains = Array.from({ length: TRAINS }, (_, n) =>
    JSON.stringify({ train: trainName(n), type: 'bench', stops }),
  );
  writeFileSync(timetable, `${trains.join('\n')}\n`);
  return ['--rolling-stock', stock, '--timetable', timetable];
};

/** A party of `seats`; the headers say who asks, and how. */
export const orderRequest = (
  { train, date, from, to }: WantedJourney,
  n: number,
  headers: readonly string[],
  seats = 1,
): Buffer =>
  postRequest(
    '/v1/orders',
    headers,
    JSON.stringify({
      train,
      date,
      from: stationName(from),
      to: stationName(to),
      seatClass: 'second',
      passengers: Array.from({ length: seats }, (_, i) => ({
        name: '张三',
        idType: 'passport',
        idNo: `E${10_000_000 + n}${i}`,
        kind: 'adult',
      })),
    }),
  );

/** The first trains and days of the railway, each as likely as any other. `undefined`: one run after the other is hot. */
export type Spread = { readonly trains: number; readonly days: number };

/** Requests for so many seconds; each round continues where the last one ended. */
export const orderRequests = async (folder: string, spread?: Spread): Promise<(seconds: number) => RequestOf> => {
  const tokens = await Promise.all(Array.from({ length: USERS }, (_, n) => tokenFor(folder, `user${n}`)));
  // From tomorrow on, so that no train has left.
  const dates = Array.from({ length: SALE_DAYS - 1 }, (_, n) => runDate(n + 1));
  const random = seededRandom(1);
  const hot = { seats: SEATS, stops: STOPS, firstTrain: 0, trains: TRAINS, dates };
  const journeyOf =
    spread === undefined
      ? hotJourneys(hot, random)
      : spreadJourneys({ ...hot, firstTrain: TRAINS - spread.trains, dates: dates.slice(-spread.days) }, random);
  const label = spread === undefined ? 'bench' : 'spread';
  let placed = 0;
  return (seconds) => {
    let until: number | undefined;
    return () => {
      until ??= Date.now() + seconds * 1_000;
      const journey = Date.now() < until ? journeyOf(placed) : undefined;
      if (journey === undefined) return undefined;
      placed += 1;
      const token = tokens[placed % tokens.length] ?? '';
      const headers = [`Authorization: Bearer ${token}`, `Idempotency-Key: ${label}-${placed}`, 'Prefer: wait=5'];
      return orderRequest(journey, placed, headers);
    };
  };
};
