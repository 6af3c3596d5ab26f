// How fast a read model in SQL catches up with a log of order lives, on each database that the machine has, beside a bare
// loader of the same rows: as many upserts, in as large transactions, and nothing decided or read.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import type { Position } from '@railhead/commands/ports/event-store.ts';
import { MemoryEventStore } from '@railhead/infra/eventstore/memory/memory-event-store.ts';
import { openReadDatabase } from '@railhead/infra/sql/read-database.ts';
import { openSqlServer } from '@railhead/infra/sql/servers/open-server.ts';
import { pagesOf } from '@railhead/projections/engine/pages.ts';
import { ProjectionRunner } from '@railhead/projections/engine/projection-runner.ts';
import { type ReadDatabase, tablesOf } from '@railhead/projections/engine/read-database.ts';
import { upsert } from '@railhead/projections/engine/upsert.ts';
import { ordersModel } from '@railhead/projections/orders/orders-model.ts';
import { ORDER_TABLE, type OrdersTables } from '@railhead/projections/orders/orders-tables.ts';
import { MARIADB } from '../services/mariadb.ts';
import { POSTGRES } from '../services/postgres.ts';
import { RunningServer } from '../services/running-server.ts';
import { reasonToSkip, type ServerKind } from '../services/server-kind.ts';
import { realClock } from '../support/fixed-clock.ts';
import { livesOf, writeOrder } from '../support/order-life.ts';
import { silentLogger } from '../support/read-side.ts';
import type { Benchmark, BenchResult } from './benchmark.ts';

const ORDERS_PER_SECOND = 5_000;
/** A batch of the engine while it catches up. */
const ROWS_A_COMMIT = 2_000;

/** As people run them: what is committed is on the disk. */
const SERVERS = [
  [POSTGRES, ['-c', 'fsync=on']],
  [MARIADB, ['--skip-debug-no-sync', '--innodb-flush-log-at-trx-commit=1']],
] as const;

export const catchingUp: Benchmark = {
  name: 'catching-up',
  about: 'events of order lives a second into the read model of orders, on SQLite, PostgreSQL and MariaDB',
  async *run({ seconds }) {
    const store = new MemoryEventStore();
    const orders = Math.max(1_000, Math.round(seconds * ORDERS_PER_SECOND));
    const lives = livesOf('0').length;
    for (let n = 0; n < orders; n += 1) {
      const orderNo = String(n);
      await writeOrder(store, orderNo, livesOf(orderNo)[n % lives] ?? []);
    }
    yield await intoFile(store);
    for (const [kind, args] of SERVERS) {
      const reason = reasonToSkip(kind);
      if (reason === undefined) yield await intoServer(store, kind, args);
      else yield skipped(kind, reason);
    }
  },
};

const skipped = (kind: ServerKind, reason: string): BenchResult => ({
  name: `catching-up/${kind.name}`,
  value: 0,
  unit: 'events/s',
  references: [],
  details: { skipped: reason },
});

const intoFile = async (store: MemoryEventStore): Promise<BenchResult> => {
  const folder = mkdtempSync(join(tmpdir(), 'railhead-bench-'));
  try {
    return await measure(store, 'SQLite', await openReadDatabase(folder, [ordersModel], silentLogger));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

const intoServer = async (store: MemoryEventStore, kind: ServerKind, args: readonly string[]): Promise<BenchResult> => {
  const server = await RunningServer.start(kind, { args });
  try {
    const { url } = await kind.ownPart(server.url, 'railhead_test_bench');
    return await measure(
      store,
      kind.name,
      openSqlServer(url, [ordersModel], { clock: realClock, logger: silentLogger }),
    );
  } finally {
    await server.discard();
  }
};

const measure = async (store: MemoryEventStore, name: string, database: ReadDatabase): Promise<BenchResult> => {
  const end: Position = await store.lastPosition();
  const runner = new ProjectionRunner(store, ordersModel.open(database).projection, silentLogger, realClock);
  const began = performance.now();
  runner.start();
  await runner.caughtUp;
  const value = (end * 1_000) / (performance.now() - began);
  await runner.stop();
  const bare = await bareLoader(database);
  await database.db.destroy();
  return {
    name: `catching-up/${name}`,
    value,
    unit: 'events/s',
    references: [
      {
        name: `the rows that came of it by a bare loader, ${ROWS_A_COMMIT} a commit (rows/s)`,
        value: bare.rowsPerSecond,
        ratio: value / bare.rowsPerSecond,
      },
    ],
    details: { events: end, rows: bare.rows },
  };
};

/** Writes the rows of the model once more, over themselves. */
const bareLoader = async ({
  db,
  dialect,
}: ReadDatabase): Promise<{ readonly rows: number; readonly rowsPerSecond: number }> => {
  const rows = await tablesOf<OrdersTables>(db).selectFrom('orders').selectAll().execute();
  const began = performance.now();
  for (const page of pagesOf(rows, ROWS_A_COMMIT))
    await db.transaction().execute((trx) => upsert({ trx, dialect, table: 'orders', key: ORDER_TABLE.key }, page));
  return { rows: rows.length, rowsPerSecond: (rows.length * 1_000) / (performance.now() - began) };
};
