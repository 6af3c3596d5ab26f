// Starts the threads that build a generation in parts, tells them how fast they may go, and waits until all of them have
// what the log had.
import { existsSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import type { Clock } from '@railhead/commands/ports/clock.ts';
import type { Position } from '@railhead/commands/ports/event-store.ts';
import type { Logger } from '@railhead/commands/ports/logger.ts';
import type { PartsBuilder, PartsEnd } from '@railhead/projections/engine/parts-of-model.ts';
import type { FromWorker, ToWorker, WorkerPacing, WorkerTask } from './messages.ts';

const TOLD_EVERY_MS = 200;
/** After that a thread that was told to end is ended. */
const ENDS_WITHIN_MS = 10_000;
/** The thread's file is beside this one and has the same ending: source or build output. */
const THREAD = import.meta.url.endsWith('.ts') ? './worker.ts' : './worker.js';

/** Where threads find what this process has open. */
export type WorkerPlaces = {
  /** The file of the log; absent: it is no file here. */
  readonly log?: string;
  /** The address of the database server; absent: there is none. */
  readonly database?: string;
};

/** Why workers cannot be had here; undefined where they can. */
export const refusalOfPlaces = ({ log, database }: WorkerPlaces): string | undefined => {
  if (database === undefined)
    return 'SQLite lets one write at a time, and what is read would wait for the workers: this needs a database server';
  if (log === undefined || !existsSync(log))
    return 'workers read the log from its file, and it is not in the data folder';
  return undefined;
};

type Building = {
  readonly count: number;
  readonly model: string;
  readonly generation: number;
  readonly places: Required<WorkerPlaces>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly end: () => Promise<Position>;
  readonly pacing: () => WorkerPacing;
};

export const partsBuiltBy = (building: Building): PartsBuilder => ({
  count: building.count,
  run: async (asked) => {
    const until = await building.end();
    const crew = new Crew(building, until, asked);
    try {
      return await crew.done;
    } finally {
      await crew.end();
    }
  },
  stuck: (why) =>
    building.logger.warn(
      { model: building.model, generation: building.generation, why },
      'a worker of a replay cannot go on; the model is built again by one',
    ),
});

type Asked = Parameters<PartsBuilder['run']>[0];

class Crew {
  readonly done: Promise<PartsEnd>;
  readonly #building: Building;
  readonly #asked: Asked;
  readonly #workers: readonly Worker[];
  readonly #exits: readonly Promise<unknown>[];
  readonly #positions: Position[];
  readonly #failures: (string | undefined)[];
  readonly #timer: NodeJS.Timeout;
  #told = '';

  constructor(building: Building, until: Position, asked: Asked) {
    this.#building = building;
    this.#asked = asked;
    const { count, model, generation, places, clock, pacing } = building;
    this.#positions = Array.from({ length: count }, () => 0);
    this.#failures = this.#positions.map(() => undefined);
    this.#workers = this.#positions.map((_, at) => {
      const part = { index: at + 1, count, epoch: asked.epoch };
      const zone = clock.zone.name;
      const task: WorkerTask = { model, generation, part, ...places, until, zone, pacing: pacing() };
      return new Worker(new URL(THREAD, import.meta.url), { workerData: task });
    });
    this.#exits = this.#workers.map((worker) => new Promise((resolve) => worker.once('exit', resolve)));
    this.done = this.#whenDone(until);
    this.done.catch(() => {});
    this.#timer = setInterval(() => this.#pace(), TOLD_EVERY_MS);
  }

  #whenDone(until: Position): Promise<PartsEnd> {
    let building = this.#workers.length;
    return new Promise((resolve, reject) => {
      const isEnded = (): void => resolve({ kind: 'ended' });
      if (this.#asked.ending.aborted) isEnded();
      this.#asked.ending.addEventListener('abort', isEnded, { once: true });
      for (const [at, worker] of this.#workers.entries()) {
        worker.on('error', reject);
        let isWhole = false;
        worker.once('exit', () => {
          if (!isWhole) reject(new Error('a worker of a replay ended by itself'));
        });
        worker.on('message', (message: FromWorker) => {
          if (message.kind === 'reached') return this.#reached(at, message);
          if (message.kind !== 'whole') return resolve(message);
          isWhole = true;
          building -= 1;
          if (building === 0) resolve({ kind: 'whole', position: until });
        });
      }
    });
  }

  #reached(at: number, { position, events, failure }: Extract<FromWorker, { kind: 'reached' }>): void {
    this.#positions[at] = position;
    this.#failures[at] = failure;
    this.#asked.reached(
      Math.min(...this.#positions),
      events,
      this.#failures.find((why) => why !== undefined),
    );
  }

  #pace(): void {
    const pacing = this.#building.pacing();
    const text = JSON.stringify(pacing);
    if (text !== this.#told) for (const worker of this.#workers) worker.postMessage(pacing satisfies ToWorker);
    this.#told = text;
  }

  /** Resolves when none of them writes any more. */
  async end(): Promise<void> {
    clearInterval(this.#timer);
    for (const worker of this.#workers) worker.postMessage('end' satisfies ToWorker);
    const late = this.#building.clock.after(ENDS_WITHIN_MS, () => {
      for (const worker of this.#workers) void worker.terminate();
    });
    await Promise.all(this.#exits);
    late.cancel();
  }
}
