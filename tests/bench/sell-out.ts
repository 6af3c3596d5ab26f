// A sale opens and everybody requests one run at once. Requests are placed as fast as the store takes them, and
// answered in log order, with seats or without. Afterwards the log is folded to check that every seat was sold once.
import { performance } from 'node:perf_hooks';
import { orderCategory } from '@railhead/domain/order/stream.ts';
import { lockBookCategory } from '@railhead/domain/seat-lock/stream.ts';
import { segmentCategory } from '@railhead/domain/segment-inventory/stream.ts';
import { seededRandom } from '../support/seeded-random.ts';
import { bareReferences } from './bare-sqlite.ts';
import type { Benchmark, BenchResult } from './benchmark.ts';
import { percentiles } from './buyers.ts';
import { type CpuTimes, cpuDetails, cpuSince } from './cpu-times.ts';
import { randomStops } from './journeys.ts';
import { eventsOf, FirstCome, SeatLedger } from './log-check.ts';
import { ordersLike } from './order-rows.ts';
import { followOutcomes } from './outcomes.ts';
import { placing, type WantedJourney } from './placing.ts';
import { openWorld, trainName, type World } from './world.ts';

const SEATS = 1_200;
const STOPS = 10;
const REQUESTS = 100_000;
/** With less time than this there are fewer requests, in proportion. */
const FULL_SECONDS = 2;
/** Requests on their way into the store at once; those that are in wait for their answer without limit. */
const PLACING = 10_000;
/** Of ten requests: seven alone, two by two, one by three. */
const PARTIES = [1, 1, 1, 1, 1, 1, 1, 2, 2, 3];

export const sellOut: Benchmark = {
  name: 'sell-out',
  about: `${REQUESTS.toLocaleString('en')} requests at once for one run of ${SEATS.toLocaleString('en')} seats, answered in the order they came`,
  async *run({ seconds }) {
    const requests = Math.max(1, Math.round(REQUESTS * Math.min(1, seconds / FULL_SECONDS)));
    const world = await openWorld({ seats: SEATS, stops: STOPS, days: 1 });
    try {
      yield await measure(world, requests, Math.min(Math.max(seconds, 1), 3));
    } finally {
      await world.close();
    }
  },
};

const measure = async (world: World, requests: number, referenceSeconds: number): Promise<BenchResult> => {
  const train = trainName(0);
  const date = world.dates[0] ?? '';
  const random = seededRandom(1);
  const journeys = Array.from(
    { length: requests },
    (): WantedJourney => ({
      train,
      date,
      ...randomStops(random, STOPS),
      party: PARTIES[random.below(PARTIES.length)] ?? 1,
    }),
  );
  const rush = await placeAtOnce(world, journeys);
  const { seated, refused } = rush;
  const { ledger, firstCome } = await folded(world);
  const refusals = firstCome.refusals();
  const stream = (segment: number): string =>
    segmentCategory.stream({ train, date, seq: segment, seatClass: 'second' });
  const refusedThoughFree = refusals
    .filter(({ from, to, party }) => {
      const streams = Array.from({ length: to - from }, (_, n) => stream(from + n));
      return SEATS - ledger.occupied(streams) >= party;
    })
    .reduce((sum, journey) => sum + journey.refused, 0);
  const samples = await ordersLike(world, { seated, refused });
  const value = (seated + refused) / rush.answeredSeconds;
  return {
    name: 'sell-out',
    value,
    unit: 'requests answered/s',
    ...percentiles(rush.latenciesMs),
    references: bareReferences(value, samples, referenceSeconds),
    details: {
      seats: SEATS,
      stops: STOPS,
      requests,
      ...(requests < REQUESTS ? { scaled: `${REQUESTS} requests from --seconds ${FULL_SECONDS} on` } : {}),
      secondsUntilPlaced: rush.placedSeconds,
      secondsUntilAnswered: rush.answeredSeconds,
      seated,
      refused,
      lost: requests - seated - refused,
      ticketsSold: firstCome.ticketsSold,
      seatSegmentsOffered: SEATS * (STOPS - 1),
      ...ledger.report(),
      outOfTurn: firstCome.violations(),
      refusedThoughFree,
      ...cpuDetails(rush.cpu, requests),
      eventsPerOrder: samples.eventsPerOrder,
    },
  };
};

type Rush = {
  readonly seated: number;
  readonly refused: number;
  readonly placedSeconds: number;
  readonly answeredSeconds: number;
  readonly latenciesMs: Float64Array;
  readonly cpu: CpuTimes | undefined;
};

const placeAtOnce = async (world: World, journeys: readonly WantedJourney[]): Promise<Rush> => {
  const place = placing(world, 'rush');
  const ends = new Map<string, { readonly type: string; readonly at: number }>();
  const asked = new Map<string, number>();
  let allAnswered: () => void = () => {};
  const answered = new Promise<void>((resolve) => {
    allAnswered = resolve;
  });
  const outcomes = await followOutcomes(
    world,
    (orderNo, type) => {
      ends.set(orderNo, { type, at: performance.now() });
      if (ends.size === journeys.length) allAnswered();
    },
    () => journeys.length - ends.size,
  );
  let next = 0;
  const placer = async (): Promise<void> => {
    while (next < journeys.length) {
      const n = next;
      next += 1;
      const journey = journeys[n];
      if (journey === undefined) return;
      const at = performance.now();
      asked.set(await place(n, journey), at);
    }
  };
  const started = performance.now();
  const cpu = cpuSince(process.pid);
  const placed = Promise.all(Array.from({ length: PLACING }, placer));
  let placedSeconds: number;
  try {
    await Promise.race([placed, outcomes.failed]);
    placedSeconds = (performance.now() - started) / 1000;
    await Promise.race([answered, outcomes.failed]);
  } finally {
    next = journeys.length;
    await outcomes.stop();
  }
  const answeredSeconds = (performance.now() - started) / 1000;
  const count = (wanted: string): number => [...ends.values()].filter(({ type }) => type === wanted).length;
  const latencies = [...ends].map(([orderNo, { at }]) => at - (asked.get(orderNo) ?? at));
  return {
    seated: count('OrderSeatsHeld'),
    refused: count('OrderClosed'),
    placedSeconds,
    answeredSeconds,
    latenciesMs: Float64Array.from(latencies).sort(),
    cpu: cpu(),
  };
};

const folded = async (world: World): Promise<{ readonly ledger: SeatLedger; readonly firstCome: FirstCome }> => {
  const ledger = new SeatLedger();
  const firstCome = new FirstCome();
  for await (const events of eventsOf(world.store, [segmentCategory.name, lockBookCategory.name, orderCategory.name]))
    for (const event of events)
      if (segmentCategory.owns(event)) ledger.addToSegment(event.stream, event);
      else if (lockBookCategory.owns(event)) ledger.addToBook(event);
      else if (orderCategory.owns(event)) firstCome.add(orderCategory.idOf(event.stream), event);
  return { ledger, firstCome };
};
