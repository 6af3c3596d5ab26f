// A process that rebuilds one model from a log on disk, and says how much memory that took: `node rebuild-once.ts FOLDER
// memory|SQLite`.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { SqliteEventStore } from '@railhead/infra/eventstore/sqlite/sqlite-event-store.ts';
import { openReadDatabase } from '@railhead/infra/sql/read-database.ts';
import { availabilityModel } from '@railhead/projections/availability/availability.ts';
import { ReplayPace } from '@railhead/projections/engine/generations/replay-pace.ts';
import { ProjectionRunner } from '@railhead/projections/engine/projection-runner.ts';
import { ordersModel } from '@railhead/projections/orders/orders-model.ts';
import { realClock } from '../support/fixed-clock.ts';
import { silentLogger } from '../support/read-side.ts';

const [folder = '', into = ''] = process.argv.slice(2);
const of = { memory: availabilityModel, SQLite: ordersModel }[into];
const model = of?.generation?.(2);
if (model === undefined) throw new Error(`there is no model for ${into}`);

const peakBytes = (): number =>
  Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? 0) * 1_024;

const scratch = mkdtempSync(join(folder, 'rebuilt-'));
const store = await SqliteEventStore.open({ folder });
const database = await openReadDatabase(scratch, [model], silentLogger);
try {
  const beforeBytes = peakBytes();
  const pace = new ReplayPace(realClock);
  pace.now = { isPaused: false, eventsPerSecond: 0, part: {} };
  const generation = { name: () => model.name, isRead: () => false, pace };
  const { projection } = model.open(database);
  const runner = new ProjectionRunner(store, projection, silentLogger, realClock, { generation });
  const events = await store.lastPosition();
  const began = performance.now();
  runner.start();
  await runner.caughtUp;
  const eventsPerSecond = (events * 1_000) / (performance.now() - began);
  const heapBytes = process.memoryUsage().heapUsed;
  await runner.stop();
  process.stdout.write(JSON.stringify({ events, eventsPerSecond, beforeBytes, peakBytes: peakBytes(), heapBytes }));
} finally {
  await database.db.destroy();
  await store.close();
  rmSync(scratch, { recursive: true, force: true });
}
