// How far a read model is behind a log that grows all the time: from the moment an event is written until the model has it,
// while nobody waits for it.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { MemoryEventStore } from '@railhead/infra/eventstore/memory/memory-event-store.ts';
import { openReadDatabase } from '@railhead/infra/sql/read-database.ts';
import { openSqlServer } from '@railhead/infra/sql/servers/open-server.ts';
import { ReplayPace } from '@railhead/projections/engine/generations/replay-pace.ts';
import { ProjectionRunner } from '@railhead/projections/engine/projection-runner.ts';
import type { ReadDatabase } from '@railhead/projections/engine/read-database.ts';
import type { ReadModel } from '@railhead/projections/engine/read-model.ts';
import { ordersModel } from '@railhead/projections/orders/orders-model.ts';
import { MARIADB } from '../services/mariadb.ts';
import { POSTGRES } from '../services/postgres.ts';
import { RunningServer } from '../services/running-server.ts';
import { reasonToSkip } from '../services/server-kind.ts';
import { realClock } from '../support/fixed-clock.ts';
import { livesOf, writeOrder } from '../support/order-life.ts';
import { silentLogger } from '../support/read-side.ts';
import type { Benchmark, BenchResult } from './benchmark.ts';
import { percentile, percentiles } from './buyers.ts';

const EVENTS_PER_SECOND = 10_000;
/** How often events are written, and how often the model is looked at. */
const WRITES_MS = 10;
const LOOKS_MS = 2;
const BATCHES_TO_END_MS = 5_000;
/** What was there before, and how fast it is built again beside. */
const [HISTORY, REBUILT_PER_SECOND] = [40_000, 3_000];
const SECOND: ReadModel<unknown> = ordersModel.generation?.(2) ?? ordersModel;
const MODELS = [ordersModel, SECOND];

/** As people run them: what is committed is on the disk. */
const SERVERS = [
  [POSTGRES, ['-c', 'fsync=on']],
  [MARIADB, ['--skip-debug-no-sync', '--innodb-flush-log-at-trx-commit=1']],
] as const;

export const lag: Benchmark = {
  name: 'lag',
  about: `how long the model of orders lacks an event, at ${EVENTS_PER_SECOND.toLocaleString('en')} events a second, on SQLite, PostgreSQL and MariaDB`,
  async *run({ seconds }) {
    const folder = mkdtempSync(join(tmpdir(), 'railhead-bench-lag-'));
    try {
      yield await measure('SQLite', await openReadDatabase(folder, MODELS, silentLogger), seconds);
      rmSync(join(folder, 'read.db'));
      yield await measure('SQLite-rebuilt', await openReadDatabase(folder, MODELS, silentLogger), seconds, true);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
    for (const [kind, args] of SERVERS) {
      const reason = reasonToSkip(kind);
      if (reason !== undefined) {
        yield { name: `lag/${kind.name}`, value: 0, unit: 'ms p99', references: [], details: { skipped: reason } };
        continue;
      }
      const server = await RunningServer.start(kind, { args });
      try {
        const { url } = await kind.ownPart(server.url, 'railhead_test_lag');
        const options = { clock: realClock, logger: silentLogger };
        yield await measure(kind.name, openSqlServer(url, MODELS, options), seconds);
        const { url: other } = await kind.ownPart(server.url, 'railhead_test_lag_2');
        yield await measure(`${kind.name}-rebuilt`, openSqlServer(other, MODELS, options), seconds, true);
      } finally {
        await server.discard();
      }
    }
  },
};

/** `isRebuilt`: another generation of the model is built meanwhile, in the same process and database. */
const measure = async (
  name: string,
  database: ReadDatabase,
  seconds: number,
  isRebuilt = false,
): Promise<BenchResult> => {
  const store = new MemoryEventStore();
  if (isRebuilt)
    for (let order = 0; order < HISTORY; order += 1)
      await writeOrder(store, `H${order}`, livesOf(`H${order}`)[order % 9] ?? []);
  const runner = new ProjectionRunner(store, ordersModel.open(database).projection, silentLogger, realClock);
  runner.start();
  await runner.caughtUp;
  const pace = new ReplayPace(realClock);
  pace.now = { isPaused: false, eventsPerSecond: REBUILT_PER_SECOND, part: {} };
  const generation = { name: () => 'the other one', isRead: () => false, pace };
  const other = new ProjectionRunner(store, SECOND.open(database).projection, silentLogger, realClock, { generation });
  if (isRebuilt) other.start();
  const written: { readonly position: number; readonly at: number }[] = [];
  const lags: number[] = [];
  let seen = 0;
  const look = setInterval(() => {
    const now = performance.now();
    for (; seen < written.length; seen += 1) {
      const next = written[seen];
      if (next === undefined || next.position > runner.gate.position) return;
      lags.push(now - next.at);
    }
  }, LOOKS_MS);
  const lives = livesOf('0').length;
  const began = performance.now();
  let [orders, events] = [0, 0];
  while (performance.now() - began < seconds * 1_000) {
    const due = ((performance.now() - began) / 1_000) * EVENTS_PER_SECOND;
    for (; events < due; orders += 1) {
      const orderNo = String(orders);
      const life = livesOf(orderNo)[orders % lives] ?? [];
      await writeOrder(store, orderNo, life);
      events += life.length;
    }
    written.push({ position: await store.lastPosition(), at: performance.now() });
    await new Promise((resolve) => setTimeout(resolve, WRITES_MS));
  }
  const tookSeconds = (performance.now() - began) / 1_000;
  await runner.gate.waitFor(await store.lastPosition(), BATCHES_TO_END_MS);
  await new Promise((resolve) => setTimeout(resolve, LOOKS_MS * 2));
  clearInterval(look);
  await runner.stop();
  const rebuilt = other.gate.position;
  if (isRebuilt) await other.stop();
  await database.db.destroy();
  const sorted = Float64Array.from(lags).sort();
  return {
    name: `lag/${name}`,
    value: percentile(sorted, 0.99),
    unit: 'ms p99',
    ...percentiles(sorted),
    references: [],
    details: {
      events,
      eventsPerSecond: Math.round(events / tookSeconds),
      samples: lags.length,
      notSeen: written.length - lags.length,
      ...(isRebuilt ? { rebuiltEvents: rebuilt, rebuiltPerSecond: REBUILT_PER_SECOND } : {}),
    },
  };
};
