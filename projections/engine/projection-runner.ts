// Feeds one read model from the log: catches up, follows, reports the lag, and stops at an event that the model
// refuses.
import { LogFollower } from '@railhead/commands/log/follow-log.ts';
import { type Clock, pause } from '@railhead/commands/ports/clock.ts';
import {
  type EventBatch,
  type EventStore,
  EventStoreError,
  type Position,
} from '@railhead/commands/ports/event-store.ts';
import type { Logger } from '@railhead/commands/ports/logger.ts';
import type { StreamsSetAside } from '@railhead/commands/streams/understood.ts';
import type { LeftOut } from '@railhead/domain/read-model/fold.ts';
import { readModelCategory } from '@railhead/domain/read-model/stream.ts';
import { giveWay } from './give-way.ts';
import { LeftOutChanged, LeftOutFilter, type RefusedEvent } from './left-out-filter.ts';
import { ModelLag } from './model-lag.ts';
import { PaceKeeper } from './pace-keeper.ts';
import { PositionGate } from './position-gate.ts';
import type { Projection } from './projection.ts';
import { Refusals } from './refusals.ts';
import type { ProjectionState, RunnerOfGeneration, RunnerOptions } from './runner-options.ts';
import { ShownRows } from './shown-rows.ts';
import { proofOf } from './told-while-loading.ts';

const BATCH = 2_000;
/** Of a model that gives way: the thread is free again after some ten milliseconds. */
const SMALL_BATCH = 200;
/** How often a model that has stopped looks whether somebody has decided about an event. */
const STOPPED_LOOKS_MS = 1_000;

export class ProjectionRunner {
  readonly gate: PositionGate;
  readonly #store: EventStore;
  readonly #projection: Projection;
  readonly #logger: Logger;
  readonly #clock: Clock;
  readonly #pace: PaceKeeper;
  readonly #isBusy: (() => boolean) | undefined;
  readonly #generation: RunnerOfGeneration | undefined;
  #state: ProjectionState = 'stopped';
  readonly #refusals = new Refusals();
  readonly #rows: ShownRows;
  readonly #lag: ModelLag;
  readonly #filter: LeftOutFilter;
  /** Why it does not go on at the moment. */
  #failure: string | undefined;
  #follower: LogFollower | undefined;
  /** Is it to go on if it has to begin again? */
  #isWanted = false;
  /** Ends the wait for the lease. */
  #ending = new AbortController();
  /** What is stored is not what was written. */
  #isDamaged = false;
  /** Resolves when the follower has ended, for whatever reason. */
  #ended: Promise<void> = Promise.resolve();
  #live: (() => void) | undefined;
  /**
   * Resolves when the model has everything that was in the log at the start; rejects if the model fails before that.
   */
  readonly caughtUp: Promise<void>;
  #failed: ((error: unknown) => void) | undefined;

  constructor(
    store: EventStore,
    projection: Projection,
    logger: Logger,
    clock: Clock,
    { isBusy, setsAside = false, generation }: RunnerOptions = {},
  ) {
    this.#generation = generation;
    this.gate = new PositionGate(clock);
    this.#rows = new ShownRows(store);
    this.#lag = new ModelLag(store, this.gate, clock);
    this.#store = store;
    this.#projection = projection;
    this.#logger = logger;
    this.#clock = clock;
    if (projection.givesWay === true) this.#isBusy = isBusy;
    this.#filter = new LeftOutFilter({ store, clock, logger }, projection, setsAside);
    this.#pace = new PaceKeeper(clock, this.gate, projection.pace ?? { leastMs: 0, mostMs: 0 });
    this.caughtUp = new Promise((resolve, reject) => {
      this.#live = resolve;
      this.#failed = reject;
    });
    // Not an unhandled rejection where nobody waits for it.
    this.caughtUp.catch(() => {});
  }

  get name(): string {
    return this.#generation?.name() ?? this.#projection.name;
  }

  /** The name under which its rows are stored. */
  get storedAs(): string {
    return this.#projection.name;
  }

  /** Streams of which it takes nothing more, and why. */
  get setAside(): StreamsSetAside {
    return this.#filter.setAside;
  }

  /** What was decided about events that it leaves out. */
  get leftOut(): LeftOut {
    return this.#filter.leftOut;
  }

  /** The event at which it stands, or has stopped. */
  get refused(): RefusedEvent | undefined {
    return this.#filter.refused;
  }

  /** Does it read streams of this category? */
  reads(category: string): boolean {
    return this.#projection.categories?.includes(category) ?? true;
  }

  /** What keeps the model from going on, or has stopped it. */
  get failure(): string | undefined {
    return this.#failure ?? this.#outOfReach;
  }

  get #outOfReach(): string | undefined {
    return this.#projection.outOfReach ?? this.#projection.lease?.failure;
  }

  /** Why nobody may be answered from its rows; undefined where they may, even if they are behind. */
  get unreadable(): string | undefined {
    return this.#rows.unreadable;
  }

  /** Is it of a generation that is not read? */
  get isBeside(): boolean {
    return this.#generation?.isRead() === false;
  }

  /** Does the process serve without it? */
  get isOptional(): boolean {
    if (this.isBeside) return true;
    return this.#projection.isOptional === true || (this.#projection.isPart === true && this.wasWhole);
  }

  /** Has it had everything that was in the log, at least once since it was started? */
  get wasWhole(): boolean {
    return this.#rows.wasWhole;
  }

  get state(): ProjectionState {
    return this.#state;
  }

  /** Are questions answered from all that the log had a moment ago? */
  get isReady(): boolean {
    if (this.#outOfReach !== undefined) return false;
    return this.#state === 'live' || (this.#state === 'standby' && this.wasWhole && this.#failure === undefined);
  }

  /** As `ModelLag.events`. */
  lag(end?: Position): Promise<number> {
    return this.#lag.events(end);
  }

  /** As `ModelLag.seconds`. */
  lagSeconds(end?: Position): Promise<number> {
    return this.#lag.seconds(end);
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
        ...(categories === undefined ? {} : { categories: [...new Set([...categories, readModelCategory.name])] }),
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
      void this.#goOnWhenDecided();
    });
  }

  /** Takes nothing more until `start`. To whoever asks, it is catching up, from the beginning. */
  async hold(): Promise<void> {
    this.#isWanted = false;
    await this.#end();
    this.#state = 'catchingUp';
    this.#refusals.end();
    this.#rows.forget();
    this.gate.fallBack();
  }

  /** Throws the rows away, and takes the log from its beginning. */
  async rebuild(): Promise<void> {
    await this.hold();
    this.#isDamaged = true;
    this.start();
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
    this.#rows.beginToLook();
    const isOurs = await lease.acquire(
      this.#ending.signal,
      async (place) => {
        const looked = await this.#rows.look(place);
        if (looked.kind === 'unproven') this.#failure = looked.why;
        if (looked.kind === 'proven') this.#see(place.position, end);
        return this.gate.isAwaited;
      },
      () => void this.#beginAgain(),
    );
    this.#state = 'catchingUp';
    return isOurs;
  }

  /** Another process feeds it, and is there. `end`: of the log when this process began to look. */
  #see(position: Position, end: Position): void {
    const hasAll = this.#rows.seeOwnerAt(position);
    this.#failure = hasAll ? undefined : 'it is built again';
    if (position === 0) this.gate.fallBack();
    this.gate.reach(position);
    if (hasAll && position >= end) this.#beWhole();
    this.#rows.reach(position);
  }

  async #load(): Promise<Position> {
    await this.#generation?.prepare?.();
    if (!(await this.#acquire())) return this.gate.position;
    await this.#filter.read();
    let isDropped = false;
    const proof = proofOf(this.#store, this.#logger, () => this.name);
    let after = await this.#projection.load({
      ...proof,
      dropped: (position) => {
        isDropped = true;
        proof.dropped(position);
      },
      reached: (position, events, failure) => {
        this.gate.reach(position);
        this.#failure = failure;
        this.#generation?.pace.count(events);
      },
      ending: this.#ending.signal,
    });
    if (this.#isDamaged && after > 0) {
      await this.#projection.drop();
      [after, isDropped] = [0, true];
    }
    this.#isDamaged = false;
    if (await this.#filter.dropIfAgainst(after)) [after, isDropped] = [0, true];
    this.#rows.loaded();
    // Where several have it, somebody may have emptied it; a place of its own may never have been stored.
    if (isDropped || (after === 0 && this.#projection.lease !== undefined)) this.#rows.begin();
    // It is built from the beginning: whoever asks for a position waits again.
    if (after === 0) this.gate.fallBack();
    this.gate.reach(after);
    if (after >= (await this.#store.lastPosition())) this.#goLive();
    return after;
  }

  /** Does somebody wait for what it has not taken yet? */
  get #isAwaited(): boolean {
    const { gate } = this;
    // What is built beside has a pace of its own; where that is set meanwhile, somebody compares it, for example.
    return gate.isAwaited || this.#generation?.isNext?.() === true || this.#generation?.pace.isSet === true;
  }

  async #take(batch: EventBatch): Promise<void> {
    if (this.#isBusy?.() === true) await giveWay(this.#isBusy, this.#clock, () => this.#isAwaited, this.#ending.signal);
    let taken = await this.#filter.takenOf(batch, this.gate.position);
    if (this.#refusals.areSome) {
      await this.#filter.applySingly(taken, this.#refusals.areMany, this.#isPassing);
      taken = { ...taken, events: [] };
    }
    if (!(await this.#apply(taken))) return;
    this.#refusals.end();
    this.#filter.refused = undefined;
    this.#failure = undefined;
    this.#lag.newestTakenAt = batch.events.at(-1)?.meta.at ?? this.#lag.newestTakenAt;
    this.gate.reach(batch.position);
    this.#rows.reach(batch.position);
    if (!batch.caughtUp) return;
    this.#goLive();
    await this.#pace.keep();
  }

  /** False: it was ended before everything was taken. */
  async #apply(batch: EventBatch): Promise<boolean> {
    const pace = this.#generation?.pace;
    if (pace?.isSet === true)
      return pace.inPieces(batch, this.#ending.signal, async (piece) => {
        await this.#projection.apply(piece);
        this.gate.reach(piece.position);
      });
    await this.#projection.apply(batch);
    return true;
  }

  /** It has stopped. It goes on where somebody, perhaps in another process, has decided about an event. */
  async #goOnWhenDecided(): Promise<void> {
    const ending = this.#ending;
    do {
      await pause(this.#clock, STOPPED_LOOKS_MS, ending.signal);
      if (ending.signal.aborted) return;
    } while (!(await this.#filter.hasNewDecisions()));
    await this.#beginAgain();
  }

  /** True (the follower ends): the model has refused the same event too many times. What passes is no refusal. */
  #lose(error: unknown, why: 'log' | 'taking'): boolean {
    this.#state = 'catchingUp';
    this.#failure = error instanceof Error ? error.message : String(error);
    if (why === 'taking' && !this.#isPassing(error)) this.#refusals.add(this.#filter.refused?.position);
    return this.#refusals.areTooMany;
  }

  readonly #isPassing = (error: unknown): boolean => {
    if (error instanceof LeftOutChanged) return true;
    return error instanceof EventStoreError
      ? error.code !== 'STORE_CORRUPT' && error.code !== 'EVENT_NOT_UNDERSTOOD'
      : this.#projection.isPassing?.(error) === true;
  };

  #goLive(): void {
    this.#state = 'live';
    this.#failure = undefined;
    this.#beWhole();
  }

  #beWhole(): void {
    this.#rows.beWhole();
    this.#live?.();
  }
}
