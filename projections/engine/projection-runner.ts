// Feeds one read model from the log: catches up, stays up, tells its lag, and stops at an event it cannot take.
import { type Clock, pause } from '@railhead/commands/ports/clock.ts';
import type { EventStore, Position } from '@railhead/commands/ports/event-store.ts';
import type { Logger } from '@railhead/commands/ports/logger.ts';
import { defer, from, lastValueFrom, retry, throwError } from 'rxjs';
import { PositionGate } from './position-gate.ts';
import type { Projection } from './projection.ts';

const FIRST_RETRY_MS = 200;
const LONGEST_RETRY_MS = 10_000;
const BATCH = 2_000;
/** A batch that its model refuses so often in a row stops it. A log that is out of reach is waited for, however long. */
const MAX_RETRIES = 8;

/** A pace is kept by a model that has had so many batches in a row faster than that. */
const BURST = 32;

export type ProjectionState = 'stopped' | 'catchingUp' | 'live' | 'failed';

export class ProjectionRunner {
  readonly gate: PositionGate;
  readonly #store: EventStore;
  readonly #projection: Projection;
  readonly #logger: Logger;
  readonly #clock: Clock;
  readonly #stop = new AbortController();
  #state: ProjectionState = 'stopped';
  /** How often in a row the model has refused a batch. */
  #refusals = 0;
  #running: Promise<unknown> = Promise.resolve();
  #live: (() => void) | undefined;
  /** Resolves when the model first has everything that was in the log when it started; rejects if it fails before. */
  readonly caughtUp: Promise<void>;
  #failed: ((error: unknown) => void) | undefined;

  constructor(store: EventStore, projection: Projection, logger: Logger, clock: Clock) {
    this.gate = new PositionGate(clock);
    this.#store = store;
    this.#projection = projection;
    this.#logger = logger;
    this.#clock = clock;
    this.caughtUp = new Promise((resolve, reject) => {
      this.#live = resolve;
      this.#failed = reject;
    });
    // Whoever waits hears of it; nobody has to wait.
    this.caughtUp.catch(() => {});
  }

  get name(): string {
    return this.#projection.name;
  }

  get state(): ProjectionState {
    return this.#state;
  }

  /** Events the model has not taken yet, at most. */
  async lag(): Promise<number> {
    return Math.max(0, (await this.#store.lastPosition()) - this.gate.position);
  }

  start(): void {
    this.#state = 'catchingUp';
    this.#running = lastValueFrom(
      defer(() => from(this.#follow())).pipe(
        retry({
          resetOnSuccess: true,
          delay: (error, count) => {
            if (this.#refusals > MAX_RETRIES) return throwError(() => error);
            this.#state = 'catchingUp';
            this.#logger.warn({ err: error, model: this.name, count }, 'a read model failed to apply events; again');
            return from(pause(this.#clock, Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** count)));
          },
        }),
      ),
      { defaultValue: undefined },
    ).catch((error: unknown) => {
      this.#state = 'failed';
      this.#failed?.(error);
      this.#logger.error({ err: error, model: this.name, position: this.gate.position }, 'a read model has stopped');
    });
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
    if (this.#state !== 'failed') this.#state = 'stopped';
  }

  /** Yields the position after each batch: what has been applied ends a row of failures. */
  async *#follow(): AsyncGenerator<Position> {
    const after: Position = await this.#projection.load();
    this.gate.reach(after);
    const { categories } = this.#projection;
    const signal = this.#stop.signal;
    if (after >= (await this.#store.lastPosition())) this.#goLive();
    const pace = new Pace(this.#clock, this.#projection.paceMs ?? 0);
    for await (const batch of this.#store.subscribe({ after, categories, batchSize: BATCH, signal })) {
      this.#refusals += 1;
      await this.#projection.apply(batch);
      this.#refusals = 0;
      this.gate.reach(batch.position);
      if (batch.caughtUp) this.#goLive();
      yield batch.position;
      if (batch.caughtUp) await pace.keep();
    }
  }

  #goLive(): void {
    this.#state = 'live';
    this.#live?.();
  }
}

/** Lets what comes in quick succession collect, and what comes alone through at once. */
class Pace {
  readonly #clock: Clock;
  readonly #ms: number;
  /** When the last batches were done, ms since the epoch. */
  readonly #done: number[] = [];

  constructor(clock: Clock, ms: number) {
    this.#clock = clock;
    this.#ms = ms;
  }

  async keep(): Promise<void> {
    if (this.#ms === 0) return;
    const now = this.#clock.now();
    this.#done.push(now);
    const [first = now] = this.#done;
    if (this.#done.length <= BURST) return;
    this.#done.shift();
    if (Math.abs(now - first) < BURST * this.#ms) await pause(this.#clock, this.#ms);
  }
}
