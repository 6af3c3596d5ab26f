// Orders on one hot train, in process: placed, decided, seated and durable, with the use case and the order process of
// production. One run is hot at a time; when it is nearly full, the next day's run is used.
import { seededRandom } from '../support/seeded-random.ts';
import { bareReferences } from './bare-sqlite.ts';
import type { Benchmark, BenchReference, BenchResult } from './benchmark.ts';
import { buyers, percentiles } from './buyers.ts';
import { cpuDetails } from './cpu-times.ts';
import { hotJourneys } from './journeys.ts';
import { type BareRow, ordersLike } from './order-rows.ts';
import { postgresRowLock } from './postgres-row-lock.ts';
import { redisCounter } from './redis-counter.ts';
import { openWorld } from './world.ts';

const SEATS = 1_200;
const STOPS = 10;
const IN_FLIGHT = 5_000;
const WARM_UP = 5_000;
const DAYS = 60;
const HOT_TRAINS = 10;
const WARM_UP_TRAINS = 2;

type Train = { readonly name: string; readonly seats: number; readonly stops: number };

const GROWTH: readonly Train[] = [
  { name: 'hot-train/seats-100', seats: 100, stops: STOPS },
  { name: 'hot-train/seats-20000', seats: 20_000, stops: STOPS },
  { name: 'hot-train/stops-2', seats: SEATS, stops: 2 },
  { name: 'hot-train/stops-40', seats: SEATS, stops: 40 },
];

export const hotTrain: Benchmark = {
  name: 'hot-train',
  about: 'seat-assigned durable orders on one hot train, in process; then small and large trains',
  async *run({ seconds }) {
    yield await measure({ name: 'hot-train', seats: SEATS, stops: STOPS }, seconds, true);
    for (const train of GROWTH) yield await measure(train, seconds / 4, false);
  },
};

const measure = async ({ name, seats, stops }: Train, seconds: number, beside: boolean): Promise<BenchResult> => {
  const world = await openWorld({ seats, stops, days: DAYS, trains: HOT_TRAINS + WARM_UP_TRAINS });
  try {
    const runs = { seats, stops, dates: world.dates };
    const warm = hotJourneys({ ...runs, firstTrain: HOT_TRAINS, trains: WARM_UP_TRAINS }, seededRandom(2));
    await buyers(world, IN_FLIGHT, 'warm', (n) => (n < WARM_UP ? warm(n) : undefined));
    const hot = hotJourneys({ ...runs, firstTrain: 0, trains: HOT_TRAINS }, seededRandom(1));
    const until = Date.now() + seconds * 1000;
    const sold = await buyers(world, IN_FLIGHT, 'hot', (n) => (Date.now() < until ? hot(n) : undefined));
    const samples = await ordersLike(world, { seated: 1, refused: 0 });
    const conflicts = world.conflicts();
    const value = sold.seated / sold.seconds;
    const referenceSeconds = Math.min(Math.max(seconds, 1), 3);
    const bare = bareReferences(value, samples, referenceSeconds);
    const others = beside
      ? await otherServers(value, samples.apart[0] ?? [], referenceSeconds)
      : { references: [], notes: {} };
    return {
      name,
      value,
      unit: 'orders/s',
      ...percentiles(sold.latenciesMs),
      references: [...(beside ? bare : bare.slice(0, 2)), ...others.references],
      details: {
        seats,
        stops,
        inFlight: IN_FLIGHT,
        seated: sold.seated,
        soldOut: sold.refused,
        lost: sold.lost,
        conflicts,
        ...cpuDetails(sold.cpu, sold.seated + sold.refused),
        eventsPerOrder: samples.eventsPerOrder,
        ...others.notes,
      },
    };
  } finally {
    await world.close();
  }
};

/** Servers that sell in other ways, if they are installed. */
const otherServers = async (
  value: number,
  rows: readonly BareRow[],
  seconds: number,
): Promise<{ readonly references: readonly BenchReference[]; readonly notes: Readonly<Record<string, string>> }> => {
  const references: BenchReference[] = [];
  const notes: Record<string, string> = {};
  for (const measureOther of [postgresRowLock, redisCounter]) {
    const { name, ...other } = await measureOther(rows, seconds);
    if ('ordersPerSecond' in other)
      references.push({ name, value: other.ordersPerSecond, ratio: value / other.ordersPerSecond });
    else notes[name] = other.skipped;
  }
  return { references, notes };
};
