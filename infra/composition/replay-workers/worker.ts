// The thread that builds a part of a generation: it folds the events of its keys, and writes their rows by a connection of
// its own. What becomes of an event that the model refuses, of a server that is away, and how fast it goes is decided by
// what feeds every read model.
import { parentPort, workerData } from 'node:worker_threads';
import type { Logger } from '@railhead/commands/ports/logger.ts';
import { zoneNamed } from '@railhead/commands/time/zone.ts';
import { readModelCategory } from '@railhead/domain/read-model/stream.ts';
import { ReplayPace } from '@railhead/projections/engine/generations/replay-pace.ts';
import { PartOutdated } from '@railhead/projections/engine/model-place.ts';
import { partOf } from '@railhead/projections/engine/part-places.ts';
import type { Projection } from '@railhead/projections/engine/projection.ts';
import { ProjectionRunner } from '@railhead/projections/engine/projection-runner.ts';
import type { ReadModel } from '@railhead/projections/engine/read-model.ts';
import { READ_MODELS } from '@railhead/projections/read-models.ts';
import { PartOfLog } from '../../eventstore/sqlite/part-of-log.ts';
import { liftWith, UpcastingStore } from '../../eventstore/upcasting-store.ts';
import { openSqlServer } from '../../sql/servers/open-server.ts';
import { systemClock } from '../../system/system-clock.ts';
import { UPCASTERS } from '../upcasters.ts';
import type { FromWorker, ToWorker, WorkerTask } from './messages.ts';

const TELLS_EVERY_MS = 200;

const port = parentPort;
if (port === null) throw new Error('a part of a replay is built on a thread of its own');
const tell = (message: FromWorker): void => port.postMessage(message);
// Safe cast: whoever starts this thread passes a task.
const { model: name, generation, part, log, until, database, zone, pacing } = workerData as WorkerTask;
const clock = systemClock(zoneNamed(zone));
// The thread that serves says what there is to say.
const logger: Logger = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

const first: ReadModel<unknown> | undefined = Object.values(READ_MODELS).find((each) => each.name === name);
const model = first?.generation?.(generation);
const inParts = model?.inParts;
if (model === undefined || inParts === undefined) throw new Error(`read model ${name} is not built in parts`);

/** The parts begin again together, and not one of them alone. */
const together = (projection: Projection): Projection => {
  const told = async <Value>(work: () => Promise<Value>): Promise<Value> => {
    try {
      return await work();
    } catch (error) {
      if (error instanceof PartOutdated) tell({ kind: 'outdated' });
      throw error;
    }
  };
  return {
    ...projection,
    load: (proof) => told(() => projection.load(proof)),
    drop: () => told(() => projection.drop()),
  };
};

const isOurs = (stream: string): boolean => {
  if (readModelCategory.holds({ stream })) return true;
  const key = inParts.keyOfStream(stream);
  return key === undefined || partOf(key, part.count) === part.index - 1;
};
const raw = new PartOfLog(log, until, isOurs);
const store = UPCASTERS.length === 0 ? raw : new UpcastingStore(raw, liftWith(UPCASTERS));
// The lease of the whole model keeps others away.
const { db, dialect } = openSqlServer(database, [], { clock, logger });
const projection = together(inParts.open({ db, dialect }, part));
let isBusy = pacing.isBusy;
const pace = new ReplayPace(clock, () => isBusy);
pace.now = pacing;
const named = { name: () => projection.name, isRead: () => false, pace };
const runner = new ProjectionRunner(store, projection, logger, clock, { generation: named });

const tellPlace = (): void => {
  const { failure } = runner;
  const events = pace.takenSince();
  tell({ kind: 'reached', position: runner.gate.position, events, ...(failure === undefined ? {} : { failure }) });
};
const timer = setInterval(tellPlace, TELLS_EVERY_MS);
let isOver = false;
const end = async (): Promise<void> => {
  if (isOver) return;
  isOver = true;
  clearInterval(timer);
  await runner.stop();
  await store.close();
  await db.destroy();
  port.close();
};
port.on('message', (message: ToWorker) => {
  if (message === 'end') void end();
  else {
    isBusy = message.isBusy;
    pace.now = message;
  }
});
runner.start();
runner.caughtUp.then(
  async () => {
    tellPlace();
    await runner.stop();
    tell({ kind: 'whole' });
    await end();
  },
  (error: unknown) => tell({ kind: 'stuck', why: error instanceof Error ? error.message : String(error) }),
);
