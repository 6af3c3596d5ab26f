// Orders on one hot train, in process: placed, decided, seated and durable, by the use case and the process that
// production runs. One run is hot at a time; when it is nearly full the next day's takes its place.

import { seededRandom } from '../support/seeded-random.ts';
import { type BareRow, bareSqliteOrders } from './bare-sqlite.ts';
import type { Benchmark, BenchResult } from './benchmark.ts';
import { buyers, type Journey, percentile } from './buyers.ts';
import { openWorld, trainName, type World } from './world.ts';

const SEATS = 1_200;
const STOPS = 10;
const IN_FLIGHT = 2_000;
/** Random journeys of a 10-stop train take 3.7 of 9 segments: this many fill it to nine tenths. */
const ORDERS_PER_RUN = 2_600;
const WARM_UP = 5_000;

export const hotTrain: Benchmark = {
  name: 'hot-train',
  about: 'seat-assigned durable orders on one hot train, in process',
  async *run({ seconds }) {
    yield await measure(seconds);
  },
};

const measure = async (seconds: number): Promise<BenchResult> => {
  const world = await openWorld({ seats: SEATS, stops: STOPS, days: 60, trains: 12 });
  const random = seededRandom(1);
  const journey = (n: number): Journey => {
    const run = Math.floor(n / ORDERS_PER_RUN);
    const a = random.below(STOPS);
    const b = (a + 1 + random.below(STOPS - 1)) % STOPS;
    const date = world.dates[run % world.dates.length] ?? '';
    return { train: trainName(Math.floor(run / world.dates.length)), date, from: Math.min(a, b), to: Math.max(a, b) };
  };
  await buyers(world, IN_FLIGHT, 'warm', (n) => (n < WARM_UP ? { ...journey(n), train: trainName(11) } : undefined));
  const until = Date.now() + seconds * 1000;
  const sold = await buyers(world, IN_FLIGHT, 'hot', (n) => (Date.now() < until ? journey(n) : undefined));
  const rows = await rowsOfOneOrder(world);
  const conflicts = world.conflicts();
  await world.close();
  const value = sold.seated / sold.seconds;
  const batch = bareSqliteOrders(rows, 200, Math.min(seconds, 3));
  const single = bareSqliteOrders(rows, 1, Math.min(seconds, 3));
  return {
    name: 'hot-train',
    value,
    unit: 'orders/s',
    p50Ms: percentile(sold.latenciesMs, 0.5),
    p95Ms: percentile(sold.latenciesMs, 0.95),
    p99Ms: percentile(sold.latenciesMs, 0.99),
    references: [
      { name: 'same rows by a bare loop over SQLite, 200 orders a commit', value: batch, ratio: value / batch },
      { name: 'same rows by a bare loop over SQLite, 1 order a commit', value: single, ratio: value / single },
    ],
    details: {
      seats: SEATS,
      stops: STOPS,
      inFlight: IN_FLIGHT,
      seated: sold.seated,
      soldOut: sold.refused,
      lost: sold.lost,
      conflicts,
      eventsPerOrder: rows.length,
    },
  };
};

/** What an average order wrote: its rows, for the reference to write. */
const rowsOfOneOrder = async (world: World): Promise<readonly BareRow[]> => {
  const { events } = await world.store.readAll({ after: 20_000, limit: 60_000 });
  const order = events.filter((event) => event.stream.startsWith('order-'));
  const requested = order.filter((event) => event.type === 'OrderRequested').length;
  const held = events.filter((event) => event.type === 'SeatsHeld');
  const row = (type: string, stream: number): BareRow => {
    const sample = events.find((event) => event.type === type);
    return { stream, type, data: JSON.stringify(sample?.data ?? {}), meta: JSON.stringify(sample?.meta ?? {}) };
  };
  const segments = Math.round(held.length / Math.max(1, requested));
  return [
    row('OrderRequested', -1),
    ...Array.from({ length: segments }, (_, n) => row('SeatsHeld', n + 1)),
    row('SeatLockAcquired', 100),
    row('OrderSeatsHeld', -1),
  ];
};
