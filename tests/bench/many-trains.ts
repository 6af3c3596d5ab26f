// Two thousand runs at once, a few of them hot: what it costs to keep so many on sale.
import { seededRandom } from '../support/seeded-random.ts';
import { bareReferences } from './bare-sqlite.ts';
import type { Benchmark, BenchResult } from './benchmark.ts';
import { buyers, percentiles } from './buyers.ts';
import { cpuDetails } from './cpu-times.ts';
import { randomStops } from './journeys.ts';
import { ordersLike } from './order-rows.ts';
import type { WantedJourney } from './placing.ts';
import { openWorld, trainName, type World } from './world.ts';

const TRAINS = 200;
const DAYS = 10;
const SEATS = 1_200;
const STOPS = 10;
const IN_FLIGHT = 2_000;

export const manyTrains: Benchmark = {
  name: 'many-trains',
  about: `${(TRAINS * DAYS).toLocaleString('en')} runs on sale, requests spread over them by Zipf's law (s = 1)`,
  async *run({ seconds }) {
    const world = await openWorld({ seats: SEATS, stops: STOPS, trains: TRAINS, days: DAYS });
    try {
      yield await measure(world, seconds);
    } finally {
      await world.close();
    }
  },
};

/** Draws runs by Zipf's law: the run of rank r as often as 1 / r; ranks count from 0 here. */
const zipf = (ranks: number, next: () => number): (() => number) => {
  const upTo = new Float64Array(ranks);
  let sum = 0;
  for (let rank = 0; rank < ranks; rank += 1) {
    sum += 1 / (rank + 1);
    upTo[rank] = sum;
  }
  return () => {
    const wanted = next() * sum;
    let [low, high] = [0, ranks - 1];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((upTo[middle] ?? 0) > wanted) high = middle;
      else low = middle + 1;
    }
    return low;
  };
};

const rssMb = (): number => Math.round(process.memoryUsage.rss() / 1024 ** 2);

const measure = async (world: World, seconds: number): Promise<BenchResult> => {
  const random = seededRandom(1);
  const rankOf = zipf(TRAINS * DAYS, random.next);
  const journeyOn = (rank: number): WantedJourney => {
    const date = world.dates[Math.floor(rank / TRAINS)] ?? '';
    return { train: trainName(rank % TRAINS), date, ...randomStops(random, STOPS) };
  };
  const touched = new Map<number, number>();
  const rssBeforeMb = rssMb();
  // An order on every run first: its allocator is opened, and stays open.
  const opening = await buyers(world, IN_FLIGHT, 'open', (n) => (n < TRAINS * DAYS ? journeyOn(n) : undefined));
  const rssOpenMb = rssMb();
  const until = Date.now() + seconds * 1000;
  const sold = await buyers(world, IN_FLIGHT, 'many', (): WantedJourney | undefined => {
    if (Date.now() >= until) return undefined;
    const rank = rankOf();
    touched.set(rank, (touched.get(rank) ?? 0) + 1);
    return journeyOn(rank);
  });
  const rssAfterMb = rssMb();
  const samples = await ordersLike(world, sold);
  const value = (sold.seated + sold.refused) / sold.seconds;
  return {
    name: 'many-trains',
    value,
    unit: 'orders/s',
    ...percentiles(sold.latenciesMs),
    references: bareReferences(value, samples, Math.min(Math.max(seconds, 1), 3)),
    details: {
      runs: TRAINS * DAYS,
      runsAskedFor: touched.size,
      ordersForTheHottest: touched.get(0) ?? 0,
      seats: SEATS,
      stops: STOPS,
      inFlight: IN_FLIGHT,
      seated: sold.seated,
      soldOut: sold.refused,
      lost: sold.lost,
      conflicts: world.conflicts(),
      ...cpuDetails(sold.cpu, sold.seated + sold.refused),
      runsOpenedPerSecond: opening.latenciesMs.length / opening.seconds,
      memoryIs: 'of the whole process, with what benchmarks before this one left; run it alone',
      rssBeforeMb,
      rssWithAllRunsOpenMb: rssOpenMb,
      rssMb: rssAfterMb,
      eventsPerOrder: samples.eventsPerOrder,
    },
  };
};
