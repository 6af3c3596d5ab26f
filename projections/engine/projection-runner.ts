// Feeds one read model from the log: catches up, follows, reports the lag, and stops at an event that the model
// refuses.
import { LogFollower } from '@railhead/commands/log/follow-log.ts';
import { type Clock, pause } from '@railhead/commands/ports/clock.ts';
import {
  bearsOut,
  type EventBatch,
  type EventStore,
  EventStoreError,
  type Position,
} from '@railhead/commands/ports/event-store.ts';
import type { Logger } from '@railhead/commands/ports/logger.ts';
import type { StreamsSetAside } from '@railhead/commands/streams/understood.ts';
import type { SeenPlace } from './model-lease.ts';
import { PositionGate } from './position-gate.ts';
import type { Pace, Projection } from './projection.ts';

const BATCH = 2_000;
/** Of a model that gives way: the thread is free again after some ten milliseconds. */
const SMALL_BATCH = 200;
/** How often a model that gives way looks whether the rush is over, and how long it waits at most for a batch. */
const GIVES_WAY_MS = 100;
const GIVES_WAY_AT_MOST_MS = 60_000;
/** A page, not one event: a store may leave events of its own out of it. */
const PAGE = 100;
/** Retries of a batch that the model refuses; then the model stops. A log, disk or database out of reach is waited for without limit. */
const MAX_RETRIES = 8;

/** Pacing starts after this many fast batches in a row. */
const BURST = 32;

/** `standby`: another process feeds the model; this one shows what is there, and takes over when the other is gone. */
export type ProjectionState = 'stopped' | 'standby' | 'catchingUp' | 'live' | 'failed';

export class ProjectionRunner {
  readonly gate: PositionGate;
  readonly #store: EventStore;
  readonly #projection: Projection;
  readonly #logger: Logger;
  readonly #clock: Clock;
  readonly #pace: PaceKeeper;
  readonly #isBusy: (() => boolean) | undefined;
  #state: ProjectionState = 'stopped';
  /** How many times in a row the model has refused a batch. */
  #refusals = 0;
  /** Why it does not go on at the moment. */
  #failure: string | undefined;
  /** When the newest event that the model took since the start was written, RFC 3339. */
  #newestTakenAt: string | undefined;
  #follower: LogFollower | undefined;
  /** Is it to go on if it has to begin again? */
  #isWanted = false;
  /** Ends the wait for the lease. */
  #ending = new AbortController();
  /** Has it had everything that was in the log, at least once since it was started? */
  #wasWhole = false;
  /** Resolves when the follower has ended, for whatever reason. */
  #ended: Promise<void> = Promise.resolve();
  #live: (() => void) | undefined;
  /**
   * Resolves when the model has everything that was in the log at the start; rejects if the model fails before that.
   */
  readonly caughtUp: Promise<void>;
  #failed: ((error: unknown) => void) | undefined;

  /** `isBusy`: has the process no time to spare at the moment? */
  constructor(store: EventStore, projection: Projection, logger: Logger, clock: Clock, isBusy?: () => boolean) {
    this.gate = new PositionGate(clock);
    this.#store = store;
    this.#projection = projection;
    this.#logger = logger;
    this.#clock = clock;
    if (projection.givesWay === true) this.#isBusy = isBusy;
    this.#pace = new PaceKeeper(clock, this.gate, projection.pace ?? { leastMs: 0, mostMs: 0 });
    this.caughtUp = new Promise((resolve, reject) => {
      this.#live = resolve;
      this.#failed = reject;
    });
    // Not an unhandled rejection where nobody waits for it.
    this.caughtUp.catch(() => {});
  }

  get name(): string {
    return this.#projection.name;
  }

  get setAside(): StreamsSetAside {
    return this.#projection.setAside;
  }

  /** What keeps the model from going on, or has stopped it. */
  get failure(): string | undefined {
    return this.#failure ?? this.#projection.outOfReach;
  }

  get isOptional(): boolean {
    return this.#projection.isOptional === true;
  }

  get state(): ProjectionState {
    return this.#state;
  }

  /** Are questions answered from all that the log had a moment ago? */
  get isReady(): boolean {
    if (this.#projection.outOfReach !== undefined) return false;
    return this.#state === 'live' || (this.#state === 'standby' && this.#wasWhole && this.#failure === undefined);
  }

  /** At most so many events are missing in the model. `end`: the last position of the log, for who has asked for it. */
  async lag(end?: Position): Promise<number> {
    return Math.max(0, (end ?? (await this.#store.lastPosition())) - this.gate.position);
  }

  /**
   * While the model is behind: the age of the newest event that it has taken, in seconds. If it has taken none since
   * the start: the age of the first event that it lacks. 0 when it has everything.
   */
  async lagSeconds(end?: Position): Promise<number> {
    if ((await this.lag(end)) === 0) return 0;
    const at = this.#newestTakenAt ?? (await this.#firstMissingAt());
    return at === undefined ? 0 : Math.max(0, this.#clock.now() - Date.parse(at)) / 1_000;
  }

  start(): void {
    this.#isWanted = true;
    this.#state = 'catchingUp';
    this.#ending = new AbortController();
    const { categories } = this.#projection;
    this.#follower = new LogFollower(
      { store: this.#store, clock: this.#clock, logger: this.#logger },
      {
        name: `the read model ${this.name}`,
        categories,
        batchSize: this.#projection.givesWay === true ? SMALL_BATCH : BATCH,
        after: () => this.#load(),
        take: (batch) => this.#take(batch),
        lost: (error, why) => this.#lose(error, why),
      },
    );
    this.#ended = this.#follower.done.catch((error: unknown) => {
      this.#state = 'failed';
      this.#failed?.(error);
      this.#logger.error({ err: error, model: this.name, position: this.gate.position }, 'a read model has stopped');
    });
  }

  /** Takes nothing more until `start`. To whoever asks, it is catching up, from the beginning. */
  async hold(): Promise<void> {
    this.#isWanted = false;
    await this.#end();
    this.#state = 'catchingUp';
    this.#refusals = 0;
    this.#wasWhole = false;
    this.gate.fallBack();
  }

  async stop(): Promise<void> {
    this.#isWanted = false;
    await this.#end();
    if (this.#state === 'failed' || this.#state === 'stopped') return;
    this.#state = 'stopped';
    await this.#projection.close?.();
  }

  async #end(): Promise<void> {
    this.#ending.abort();
    // It rejects if the model has failed, which was logged then.
    this.#follower?.stop().catch(() => {});
    await this.#ended;
    // Whoever cannot be told finds out by itself.
    await this.#projection.lease?.release().catch(() => {});
  }

  /** The lease is lost, or its row: whoever reads the place again finds out what to do. */
  async #beginAgain(): Promise<void> {
    const ending = this.#ending;
    await this.#end();
    // Unless somebody has started it meanwhile.
    if (this.#isWanted && this.#ending === ending) this.start();
  }

  /** Waits while another process feeds the model. False: it is to end. */
  async #acquire(): Promise<boolean> {
    const { lease } = this.#projection;
    if (lease === undefined) return true;
    this.#state = 'standby';
    const end = await this.#store.lastPosition();
    let proven: SeenPlace | undefined;
    const isOurs = await lease.acquire(
      this.#ending.signal,
      async (place) => {
        if (place.position === proven?.position && place.fingerprint === proven.fingerprint) return this.gate.isAwaited;
        // What this process cannot see yet it cannot prove either.
        if (place.position > (await this.#store.lastPosition())) return this.gate.isAwaited;
        if (await bearsOut(this.#store, place)) {
          proven = place;
          this.#failure = place.position < this.gate.position ? 'it is built again' : undefined;
          if (place.position === 0) this.gate.fallBack();
          this.gate.reach(place.position);
          if (place.position >= end) this.#beWhole();
        } else this.#failure = 'its rows are of another log';
        return this.gate.isAwaited;
      },
      () => void this.#beginAgain(),
    );
    this.#state = 'catchingUp';
    return isOurs;
  }

  async #load(): Promise<Position> {
    if (!(await this.#acquire())) return this.gate.position;
    const after = await this.#projection.load({
      fingerprintAt: (position) => this.#store.fingerprintAt(position),
      dropped: (position) =>
        this.#logger.warn(
          { model: this.name, position },
          'a read model was at a position of another log; it is built again from this one',
        ),
      setAside: (stream, why) =>
        this.#logger.error(
          { model: this.name, stream, why },
          'a read model does not understand an event; its stream is set aside',
        ),
      notKept: (error) =>
        this.#logger.warn(
          { err: error, model: this.name },
          'a read model could not keep its states; the next start has more to read',
        ),
    });
    // It is built from the beginning: whoever asks for a position waits again.
    if (after === 0) this.gate.fallBack();
    this.gate.reach(after);
    if (after >= (await this.#store.lastPosition())) this.#goLive();
    return after;
  }

  async #take(batch: EventBatch): Promise<void> {
    if (this.#isBusy?.() === true) await this.#giveWay(this.#isBusy);
    await this.#projection.apply(batch);
    this.#refusals = 0;
    this.#failure = undefined;
    this.#newestTakenAt = batch.events.at(-1)?.meta.at ?? this.#newestTakenAt;
    this.gate.reach(batch.position);
    if (!batch.caughtUp) return;
    this.#goLive();
    await this.#pace.keep();
  }

  async #giveWay(isBusy: () => boolean): Promise<void> {
    for (let waitedMs = 0; waitedMs < GIVES_WAY_AT_MOST_MS; waitedMs += GIVES_WAY_MS) {
      if (!isBusy() || this.gate.isAwaited || this.#ending.signal.aborted) return;
      await pause(this.#clock, GIVES_WAY_MS);
    }
  }

  /** True (the follower ends): the model has refused the same batch too many times. What passes is no refusal. */
  #lose(error: unknown, why: 'log' | 'taking'): boolean {
    this.#state = 'catchingUp';
    this.#failure = error instanceof Error ? error.message : String(error);
    if (why === 'taking' && !this.#isPassing(error)) this.#refusals += 1;
    return this.#refusals > MAX_RETRIES;
  }

  #isPassing(error: unknown): boolean {
    return error instanceof EventStoreError
      ? error.code !== 'STORE_CORRUPT' && error.code !== 'EVENT_NOT_UNDERSTOOD'
      : this.#projection.isPassing?.(error) === true;
  }

  async #firstMissingAt(): Promise<string | undefined> {
    const { events } = await this.#store.readAll({ after: this.gate.position, limit: PAGE });
    return events[0]?.meta.at;
  }

  #goLive(): void {
    this.#state = 'live';
    this.#failure = undefined;
    this.#beWhole();
  }

  #beWhole(): void {
    this.#wasWhole = true;
    this.#live?.();
  }
}

/**
 * Lets a single batch through at once, and pauses after batches in quick succession so that events collect. The longer
 * pause, for which nobody waits, does not count as rest: it would end the load that it is there for.
 */
class PaceKeeper {
  readonly #clock: Clock;
  readonly #gate: PositionGate;
  readonly #pace: Pace;
  /** When the last batches were finished, in milliseconds of a clock that stands still in the longer pauses. */
  readonly #done: number[] = [];
  #uncountedMs = 0;

  constructor(clock: Clock, gate: PositionGate, pace: Pace) {
    this.#clock = clock;
    this.#gate = gate;
    this.#pace = pace;
  }

  async keep(): Promise<void> {
    const { leastMs, mostMs } = this.#pace;
    if (leastMs === 0) return;
    const now = this.#clock.now() - this.#uncountedMs;
    this.#done.push(now);
    const [first = now] = this.#done;
    if (this.#done.length <= BURST) return;
    this.#done.shift();
    if (Math.abs(now - first) >= BURST * leastMs) return;
    await pause(this.#clock, leastMs);
    const since = this.#clock.now();
    await this.#unlessAwaited(mostMs - leastMs);
    this.#uncountedMs += this.#clock.now() - since;
  }

  #unlessAwaited(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = this.#clock.after(ms, () => {
        forget();
        resolve();
      });
      const forget = this.#gate.whenAwaited(() => {
        timer.cancel();
        resolve();
      });
    });
  }
}
