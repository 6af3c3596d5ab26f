// The demand: real routes, and requests drawn for them from a seed.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { seededRandom } from '../support/seeded-random.ts';

/** `km` from the first stop and `size` of each stop's station: the number of trains that call there. */
export type Route = { readonly train: string; readonly km: readonly number[]; readonly size: readonly number[] };

export type DemandedJourney = { readonly from: number; readonly to: number; readonly km: number };

type TimetableLine = {
  readonly train: string;
  readonly stops: readonly (readonly [string, string, unknown, unknown, number])[];
};

const syntheticRoutes = (count: number): readonly Route[] => {
  const random = seededRandom(7);
  return Array.from({ length: count }, (_, index) => {
    const stops = 12 + random.below(14);
    const km = [0];
    while (km.length < stops) km.push((km.at(-1) ?? 0) + 20 + random.below(130));
    return { train: `S${index}`, km, size: km.map(() => 5 + random.below(200)) };
  });
};

/** The `count` trains with the most stops, of the timetable in `dataDir` if there is one. */
export const longestRoutes = (dataDir: string | undefined, count: number): readonly Route[] => {
  if (dataDir === undefined) return syntheticRoutes(count);
  const text = gunzipSync(readFileSync(join(dataDir, 'trains.jsonl.gz'))).toString('utf8');
  const trains = text
    .trim()
    .split('\n')
    .map((line): TimetableLine => JSON.parse(line));
  const calls = new Map<string, number>();
  for (const { stops } of trains) for (const [code] of stops) calls.set(code, (calls.get(code) ?? 0) + 1);
  return trains
    .toSorted((a, b) => b.stops.length - a.stops.length || (a.train < b.train ? -1 : 1))
    .slice(0, count)
    .map(({ train, stops }) => ({
      train,
      km: stops.map(([, , , , km]) => km),
      size: stops.map(([code]) => calls.get(code) ?? 1),
    }));
};

/**
 * Draws requests until their seat-km are `load` times those of `seats` seats, in random order. A pair of stops is drawn
 * in proportion to size x size / (km + 100): the larger both stations and the shorter the distance, the more often.
 */
export const drawDemand = (
  { km, size }: Route,
  seats: number,
  load: number,
  seed: number,
): readonly DemandedJourney[] => {
  const pairs: { journey: DemandedJourney; upTo: number }[] = [];
  let total = 0;
  for (let from = 0; from < km.length; from += 1)
    for (let to = from + 1; to < km.length; to += 1) {
      const distance = (km[to] ?? 0) - (km[from] ?? 0);
      total += ((size[from] ?? 0) * (size[to] ?? 0)) / (distance + 100);
      pairs.push({ journey: { from, to, km: distance }, upTo: total });
    }
  const random = seededRandom(seed);
  const drawn: DemandedJourney[] = [];
  for (let left = seats * (km.at(-1) ?? 0) * load; left > 0; ) {
    const mark = random.next() * total;
    const pair = pairs.find(({ upTo }) => upTo > mark) ?? pairs.at(-1);
    if (pair === undefined) break;
    drawn.push(pair.journey);
    left -= pair.journey.km;
  }
  return drawn;
};
