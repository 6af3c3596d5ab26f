// How fast a generation is built from a log on disk beside the one that is read, in each store that the machine has, beside
// reading the same log alone.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import type { EventStore, StreamAppend } from '@railhead/commands/ports/event-store.ts';
import { MemoryEventStore } from '@railhead/infra/eventstore/memory/memory-event-store.ts';
import { SqliteEventStore } from '@railhead/infra/eventstore/sqlite/sqlite-event-store.ts';
import { RedisStates } from '@railhead/infra/redis/redis-states.ts';
import { ElasticOrderIndex } from '@railhead/infra/search/elastic-order-index.ts';
import { openReadDatabase } from '@railhead/infra/sql/read-database.ts';
import { openSqlServer } from '@railhead/infra/sql/servers/open-server.ts';
import { availabilityModel } from '@railhead/projections/availability/availability.ts';
import { ReplayPace } from '@railhead/projections/engine/generations/replay-pace.ts';
import type { Projection } from '@railhead/projections/engine/projection.ts';
import { ProjectionRunner } from '@railhead/projections/engine/projection-runner.ts';
import type { ReadModel } from '@railhead/projections/engine/read-model.ts';
import { openOrderSearch } from '@railhead/projections/order-search/order-search-model.ts';
import { ordersModel } from '@railhead/projections/orders/orders-model.ts';
import { ELASTICSEARCH } from '../services/elasticsearch.ts';
import { MARIADB } from '../services/mariadb.ts';
import { POSTGRES } from '../services/postgres.ts';
import { REDIS } from '../services/redis.ts';
import { RunningServer } from '../services/running-server.ts';
import { reasonToSkip, type ServerKind } from '../services/server-kind.ts';
import { realClock } from '../support/fixed-clock.ts';
import { livesOf, writeOrder } from '../support/order-life.ts';
import { silentLogger } from '../support/read-side.ts';
import type { Benchmark, BenchResult } from './benchmark.ts';
import { seatLogOf } from './read-cache.ts';

const [SEATS_PER_SECOND, ORDERS_PER_SECOND] = [20_000, 5_000];
const STREAMS_AT_ONCE = 500;
const PAGE = 2_000;
const GENERATION = 2;
/** As people run them: what is committed is on the disk. */
const SERVERS = [
  [POSTGRES, ['-c', 'fsync=on']],
  [MARIADB, ['--skip-debug-no-sync', '--innodb-flush-log-at-trx-commit=1']],
] as const;

type Built = { readonly projection: Projection; readonly close: () => Promise<unknown> };

export const replay: Benchmark = {
  name: 'replay',
  about: 'events a second into another generation of a model, from a log on disk, into each store',
  async *run({ seconds }) {
    const folder = mkdtempSync(join(tmpdir(), 'railhead-bench-'));
    try {
      const seats = await onDisk(join(folder, 'seats'), await seatLogOf(Math.round(seconds * SEATS_PER_SECOND)));
      yield await measure('memory', seats, () => inFile(join(folder, 'memory'), generationOf(availabilityModel)));
      yield await onServer(REDIS, seats, [], async ({ url }) => {
        const states = new RedisStates(url, { clock: realClock, logger: silentLogger });
        const opened = generationOf(availabilityModel).openShared?.(states, seats);
        if (opened === undefined) throw new Error('free seats can be shared');
        return { projection: opened.projection, close: () => states.close() };
      });
      await seats.close();
      const orders = await onDisk(join(folder, 'orders'), await ordersLog(Math.round(seconds * ORDERS_PER_SECOND)));
      yield await measure('SQLite', orders, () => inFile(join(folder, 'sqlite'), generationOf(ordersModel)));
      for (const [kind, args] of SERVERS)
        yield await onServer(kind, orders, args, async (server) => {
          const { url } = await kind.ownPart(server.url, 'railhead_test_bench');
          const model = generationOf(ordersModel);
          const database = openSqlServer(url, [model], { clock: realClock, logger: silentLogger });
          return { projection: model.open(database).projection, close: () => database.db.destroy() };
        });
      yield await onServer(ELASTICSEARCH, orders, [], async ({ url }) => {
        const index = new ElasticOrderIndex({ url, prefix: 'bench-', clock: realClock, generation: GENERATION });
        return { projection: openOrderSearch(index).projection, close: () => index.close() };
      });
      await orders.close();
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

const generationOf = <Queries>(model: ReadModel<Queries>): ReadModel<Queries> => {
  const made = model.generation?.(GENERATION);
  if (made === undefined) throw new Error(`${model.name} has no generations`);
  return made;
};

const inFile = async (folder: string, model: ReadModel<unknown>): Promise<Built> => {
  mkdirSync(folder);
  const database = await openReadDatabase(folder, [model], silentLogger);
  return { projection: model.open(database).projection, close: () => database.db.destroy() };
};

const onServer = async (
  kind: ServerKind,
  store: EventStore,
  args: readonly string[],
  open: (server: RunningServer) => Promise<Built>,
): Promise<BenchResult> => {
  const reason = reasonToSkip(kind);
  if (reason !== undefined)
    return { name: `replay/${kind.name}`, value: 0, unit: 'events/s', references: [], details: { skipped: reason } };
  const server = await RunningServer.start(kind, args.length === 0 ? {} : { args });
  try {
    return await measure(kind.name, store, () => open(server));
  } finally {
    await server.discard();
  }
};

const measure = async (name: string, store: EventStore, open: () => Promise<Built>): Promise<BenchResult> => {
  const { projection, close } = await open();
  const pace = new ReplayPace(realClock);
  pace.now = { isPaused: false, eventsPerSecond: 0, part: {} };
  const generation = { name: () => name, isRead: () => false, pace };
  const runner = new ProjectionRunner(store, projection, silentLogger, realClock, { generation });
  const end = await store.lastPosition();
  const alone = await readAlone(store);
  const began = performance.now();
  runner.start();
  await runner.caughtUp;
  const value = (end * 1_000) / (performance.now() - began);
  await runner.stop();
  await close();
  return {
    name: `replay/${name}`,
    value,
    unit: 'events/s',
    references: [{ name: 'the same log, only read', value: alone, ratio: value / alone }],
    details: { events: end },
  };
};

const readAlone = async (store: EventStore): Promise<number> => {
  const began = performance.now();
  let events = 0;
  for (let after = 0; ; ) {
    const page = await store.readAll({ after, limit: PAGE });
    events += page.events.length;
    if (page.position <= after || page.caughtUp) return (events * 1_000) / (performance.now() - began);
    after = page.position;
  }
};

const ordersLog = async (orders: number): Promise<MemoryEventStore> => {
  const store = new MemoryEventStore();
  const lives = livesOf('0').length;
  for (let n = 0; n < orders; n += 1) await writeOrder(store, String(n), livesOf(String(n))[n % lives] ?? []);
  return store;
};

const onDisk = async (folder: string, log: MemoryEventStore): Promise<SqliteEventStore> => {
  mkdirSync(folder);
  const store = await SqliteEventStore.open({ folder });
  const { events } = await log.readAll({ after: 0, limit: Number.MAX_SAFE_INTEGER });
  let appends = new Map<string, StreamAppend['events'][number][]>();
  const write = async (): Promise<void> => {
    await store.append([...appends].map(([stream, of]) => ({ stream, expected: 'any' as const, events: of })));
    appends = new Map();
  };
  for (const { stream, revision: _, position: __, ...event } of events) {
    const known = appends.get(stream) ?? [];
    appends.set(stream, known);
    known.push(event);
    if (appends.size >= STREAMS_AT_ONCE) await write();
  }
  await write();
  // Opened anew it has nothing in memory.
  await store.close();
  return SqliteEventStore.open({ folder });
};
