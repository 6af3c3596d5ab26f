// How fast the free seats of many runs catch up into Redis, beside a bare loader of the same fields; and a search of thirty
// trains from Redis, beside the same search in memory.
import { performance } from 'node:perf_hooks';
import type { NewEvent } from '@railhead/commands/ports/event-store.ts';
import { lockBookCategory } from '@railhead/domain/seat-lock/stream.ts';
import { segmentCategory } from '@railhead/domain/segment-inventory/stream.ts';
import { type ClassId, runCategory } from '@railhead/domain/train-run/stream.ts';
import { MemoryEventStore } from '@railhead/infra/eventstore/memory/memory-event-store.ts';
import { RedisStates } from '@railhead/infra/redis/redis-states.ts';
import { availabilityModel } from '@railhead/projections/availability/availability.ts';
import { sharedAvailability } from '@railhead/projections/availability/shared-availability.ts';
import type { AvailabilityQueries } from '@railhead/projections/availability/shown-stock.ts';
import type { Projection } from '@railhead/projections/engine/projection.ts';
import { ProjectionRunner } from '@railhead/projections/engine/projection-runner.ts';
import type { StateChanges } from '@railhead/projections/engine/state-store.ts';
import { Redis } from 'ioredis';
import { closeRedis, REDIS } from '../services/redis.ts';
import { RunningServer } from '../services/running-server.ts';
import { reasonToSkip } from '../services/server-kind.ts';
import { newEvent } from '../support/events.ts';
import { realClock } from '../support/fixed-clock.ts';
import { openedRun, stopsOf } from '../support/opened-run.ts';
import { inMemory, preparedWith, silentLogger } from '../support/read-side.ts';
import { acquired, confirmed, held } from '../support/seat-events.ts';
import { seededRandom } from '../support/seeded-random.ts';
import type { Benchmark, BenchResult } from './benchmark.ts';
import { percentiles } from './buyers.ts';

const ORDERS_PER_SECOND = 20_000;
const [TRAINS, SEATS, STOPS] = [2_000, 600, 10];
const CLASSES = ['business', 'first', 'second'] as const;
const DATE = '2026-12-01';
const SEARCHED = 30;

export const readCache: Benchmark = {
  name: 'read-cache',
  about: 'events a second into the free seats in Redis, and a search of thirty trains from there beside memory',
  async *run({ seconds }) {
    const reason = reasonToSkip(REDIS);
    if (reason !== undefined) {
      yield { name: 'read-cache', value: 0, unit: 'events/s', references: [], details: { skipped: reason } };
      return;
    }
    const store = await seatLogOf(Math.round(seconds * ORDERS_PER_SECOND));
    const server = await RunningServer.start(REDIS, {});
    const states = new RecordedStates(server.url, { clock: realClock, logger: silentLogger });
    const client = new Redis(server.url);
    try {
      const { projection, queries } = sharedAvailability(states, store);
      const value = await caughtUp(store, projection);
      const database = await preparedWith(inMemory(), [availabilityModel]);
      const memory = availabilityModel.open(database);
      const inProcess = await caughtUp(store, memory.projection);
      const bare = await bareLoader(await store.lastPosition(), states.moved, client);
      yield {
        name: 'read-cache/catching-up',
        value,
        unit: 'events/s',
        references: [
          { name: 'the same fields by a bare loader', value: bare.value, ratio: value / bare.value },
          { name: 'the model in memory', value: inProcess, ratio: value / inProcess },
        ],
        details: bare.details,
      };
      yield await searches(queries, memory.queries, seconds);
      await database.db.destroy();
    } finally {
      closeRedis(client);
      await states.close();
      await server.discard();
    }
  },
};

/** Remembers what was written, for the bare loader. */
class RecordedStates extends RedisStates {
  readonly moved: StateChanges['states'][] = [];

  override move(...[model, fence, place, changes]: Parameters<RedisStates['move']>): Promise<boolean> {
    if (changes !== undefined) this.moved.push(changes.states);
    return super.move(model, fence, place, changes);
  }
}

/** Orders of one seat each on journeys of one to three segments: holds, lock, and its confirmation. */
export const seatLogOf = async (orders: number): Promise<MemoryEventStore> => {
  const store = new MemoryEventStore();
  const random = seededRandom(1);
  const append = (stream: string, ...events: readonly NewEvent[]) =>
    store.append([{ stream, expected: 'any', events: [...events] }]);
  const eventOf = ({ type, version, data }: { type: string; version: number; data: unknown }): NewEvent =>
    newEvent(data, type, version);
  const stops = stopsOf(...Array.from({ length: STOPS }, (_, seq) => `S${seq}`));
  for (let train = 0; train < TRAINS; train += 1) {
    const run = { train: `G${train}`, date: DATE };
    const opened = openedRun({ ...run, stops, composition: [] });
    await append(runCategory.stream(run), eventOf({ type: 'TrainRunOpened', version: 2, data: opened }));
  }
  /** The seats of a class are sold in turn. */
  const sold = new Map<string, number>();
  const opened = new Set<string>();
  for (let order = 0; order < orders; order += 1) {
    const train = `G${random.below(random.below(TRAINS) + 1)}`;
    const id: ClassId = { train, date: DATE, seatClass: CLASSES[random.below(CLASSES.length)] ?? 'second' };
    const book = lockBookCategory.stream(id);
    const seat = sold.get(book) ?? 0;
    if (seat === SEATS) continue;
    sold.set(book, seat + 1);
    const from = random.below(STOPS - 3);
    const to = from + 1 + random.below(3);
    const lockId = `L${order}`;
    for (let seq = from; seq < to; seq += 1) {
      const stream = segmentCategory.stream({ ...id, seq });
      if (!opened.has(stream))
        await append(stream, eventOf({ type: 'SegmentOpened', version: 1, data: { seats: SEATS } }));
      opened.add(stream);
      await append(stream, eventOf(held(lockId, [seat])));
    }
    await append(book, eventOf(acquired(lockId, { orderNo: lockId, epoch: 1, legs: [{ from, to, seats: [seat] }] })));
    // A third is not paid yet.
    if (order % 3 !== 0) await append(book, eventOf(confirmed(lockId)));
  }
  return store;
};

/** Events a second, from the beginning of the log to its end. */
const caughtUp = async (store: MemoryEventStore, projection: Projection): Promise<number> => {
  const runner = new ProjectionRunner(store, projection, silentLogger, realClock);
  const began = performance.now();
  runner.start();
  await runner.caughtUp;
  const value = ((await store.lastPosition()) * 1_000) / (performance.now() - began);
  await runner.stop();
  return value;
};

/** In as many commands as there were batches. Events a second. */
const bareLoader = async (
  events: number,
  moved: readonly StateChanges['states'][],
  client: Redis,
): Promise<Required<Pick<BenchResult, 'value' | 'details'>>> => {
  const began = performance.now();
  let [fields, bytes] = [0, 0];
  for (const states of moved) {
    const values: (string | Buffer)[] = [];
    for (const [name, state] of states) {
      values.push(`=${name}`, Buffer.from(state.buffer, state.byteOffset, state.byteLength));
      bytes += state.byteLength;
    }
    fields += states.size;
    if (values.length > 0) await client.hset('bare', ...values);
  }
  const value = (events * 1_000) / (performance.now() - began);
  return {
    value,
    details: { events, trains: TRAINS, batches: moved.length, fields, megabytes: Math.round(bytes / 1e6) },
  };
};

const searches = async (
  shared: AvailabilityQueries,
  memory: AvailabilityQueries,
  seconds: number,
): Promise<BenchResult> => {
  const timed = async (queries: AvailabilityQueries): Promise<readonly number[]> => {
    const random = seededRandom(2);
    const latencies: number[] = [];
    for (const until = performance.now() + seconds * 1_000; performance.now() < until; ) {
      const ids = Array.from({ length: SEARCHED }, () => `G${random.below(TRAINS)}`).flatMap((train) =>
        CLASSES.map((seatClass) => ({ train, date: DATE, seatClass })),
      );
      const began = performance.now();
      for (const stock of await queries.stocks(ids)) stock.count(SEATS, 2, 6);
      latencies.push(performance.now() - began);
    }
    return latencies;
  };
  const mean = (latencies: readonly number[]): number =>
    latencies.reduce((sum, one) => sum + one, 0) / latencies.length;
  const [there, here] = [await timed(shared), await timed(memory)];
  return {
    name: 'read-cache/search',
    value: mean(there),
    unit: 'ms a search',
    ...percentiles(Float64Array.from(there).sort()),
    references: [{ name: 'the same in memory', value: mean(here), ratio: mean(there) / mean(here) }],
    details: { trains: SEARCHED, classes: SEARCHED * CLASSES.length },
  };
};
