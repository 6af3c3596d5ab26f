// A process that builds the second generation of the orders in parts, as a server does, until it is whole or killed:
// `node build-in-parts.ts FOLDER DATABASE WORKERS EVENTS_A_SECOND`. It prints each position that it comes to.
import { partsBuiltBy } from '@railhead/infra/composition/replay-workers/run-workers.ts';
import { logPath, SqliteEventStore } from '@railhead/infra/eventstore/sqlite/sqlite-event-store.ts';
import { openSqlServer } from '@railhead/infra/sql/servers/open-server.ts';
import { ReplayPace } from '@railhead/projections/engine/generations/replay-pace.ts';
import { ProjectionRunner } from '@railhead/projections/engine/projection-runner.ts';
import { ordersModel } from '@railhead/projections/orders/orders-model.ts';
import { realClock } from './fixed-clock.ts';
import { silentLogger } from './read-side.ts';

const [folder = '', database = '', workers = '', eventsPerSecond = ''] = process.argv.slice(2);
const generation = 2;
const model = ordersModel.generation?.(generation);
if (model === undefined) throw new Error('orders have generations');
const store = await SqliteEventStore.open({ folder });
const [clock, logger, count] = [realClock, silentLogger, Number(workers)];
const pacing = { isPaused: false, eventsPerSecond: Number(eventsPerSecond), part: {}, isBusy: false };
const parts = partsBuiltBy({
  count,
  model: model.name.split('@', 1)[0] ?? '',
  generation,
  places: { log: logPath(folder), database },
  clock,
  logger,
  end: () => store.lastPosition(),
  pacing: () => pacing,
});
const at = openSqlServer(database, [model], { clock, logger });
const pace = new ReplayPace(clock);
pace.now = { isPaused: false, eventsPerSecond: 0, part: {} };
const { projection } = model.open(at, parts);
const named = { name: () => model.name, isRead: () => false, pace };
const runner = new ProjectionRunner(store, projection, logger, clock, { generation: named });
const tell = (what: string): boolean => process.stdout.write(`${what}\n`);
const timer = setInterval(() => tell(`at ${runner.gate.position}`), 50);
runner.start();
await runner.caughtUp;
clearInterval(timer);
tell('whole');
await runner.stop();
await at.db.destroy();
await store.close();
