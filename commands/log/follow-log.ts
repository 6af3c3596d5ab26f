// The one follower of the log, used by read models, workflows, watches and merged logs. It catches up, then waits for
// new events, and handles one batch after another. When it loses the log it subscribes again, with pauses, without
// limit.
import { defer, from, lastValueFrom, retry, throwError } from 'rxjs';
import { type Clock, pause } from '../ports/clock.ts';
import type { EventBatch, EventStore, Position, SubscribeOptions } from '../ports/event-store.ts';
import type { Logger } from '../ports/logger.ts';

export type FollowerDeps = {
  readonly store: Pick<EventStore, 'subscribe'>;
  readonly clock: Pick<Clock, 'now' | 'after'>;
  readonly logger: Logger;
};

export type Following = {
  /** The follower's name in log lines. */
  readonly name: string;
  readonly categories?: readonly string[];
  readonly batchSize?: number;
  /** The position after which to read; asked before each subscription. */
  readonly after: () => Position | Promise<Position>;
  /** Handles a batch. The next one comes when this resolves; a batch on which it throws comes again. */
  readonly take: (batch: EventBatch) => Promise<void>;
  /** Called for every loss, before the pause; `taking` if `take` threw. True ends the follower: `done` rejects. */
  readonly lost?: (error: unknown, why: 'log' | 'taking') => boolean;
};

const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 10_000;

/** `take` threw; the log itself is available. */
class TakingFailed extends Error {}

const assertPosition = (position: Position): Position => {
  if (!Number.isSafeInteger(position) || position < 0) throw new Error(`${position} is no position of a log`);
  return position;
};

/**
 * A follower goes on after the position it was given: a wrong one would lose events in silence. So a batch throws if its
 * position is none of a log, or before the follower's or its own events, or if its events are out of order. Events of
 * before may come again; handlers expect that.
 */
const assertGoesOn = (position: Position, batch: EventBatch): void => {
  assertPosition(batch.position);
  let last = 0;
  for (const { position: at } of batch.events) {
    if (at <= last) throw new Error(`the log sent the event at ${at} after ${last}`);
    last = at;
  }
  const reached = Math.max(position, last);
  if (batch.position < reached) throw new Error(`the log says it is at ${batch.position}, after ${reached}`);
};

/** Follows the log until `stop`. */
export class LogFollower {
  /** Resolves when the follower has stopped; rejects if `lost` ended it. */
  readonly done: Promise<void>;
  readonly #deps: FollowerDeps;
  readonly #following: Following;
  readonly #stop = new AbortController();
  #position: Position = 0;
  /** The loss that still lasts: when it began (ms since the epoch), why, and the attempts since. */
  #lostSince: { readonly atMs: number; readonly why: 'log' | 'taking'; reason: string; attempts: number } | undefined;

  constructor(deps: FollowerDeps, following: Following) {
    this.#deps = deps;
    this.#following = following;
    this.done = lastValueFrom(
      defer(() => from(this.#read())).pipe(
        retry({ resetOnSuccess: true, delay: (error, count) => this.#lose(error, count) }),
      ),
      { defaultValue: undefined },
    ).then(() => {});
  }

  /** Every event up to here has been handled. */
  get position(): Position {
    return this.#position;
  }

  /** Has the follower lost the log, or does its handler keep throwing? */
  get isLost(): boolean {
    return this.#lostSince !== undefined;
  }

  /** Why, as of the last attempt; undefined while it follows. */
  get lost(): string | undefined {
    return this.#lostSince?.reason;
  }

  /** Stops after the batch in hand. Settles as `done` does. */
  stop(): Promise<void> {
    this.#stop.abort();
    return this.done;
  }

  /** Yields after each batch, which resets the pauses of `retry`. */
  async *#read(): AsyncGenerator<void> {
    const { after, take, categories, batchSize } = this.#following;
    const { signal } = this.#stop;
    if (signal.aborted) return;
    this.#position = assertPosition(await after());
    const options: SubscribeOptions = {
      after: this.#position,
      signal,
      ...(categories === undefined ? {} : { categories }),
      ...(batchSize === undefined ? {} : { batchSize }),
    };
    for await (const batch of this.#deps.store.subscribe(options)) {
      assertGoesOn(this.#position, batch);
      try {
        await take(batch);
      } catch (cause) {
        throw new TakingFailed('', { cause });
      }
      this.#position = batch.position;
      this.#find();
      yield;
    }
  }

  /** Logs the first of several losses, and pauses longer each time. */
  #lose(thrown: unknown, count: number): ReturnType<typeof from<Promise<void>>> | ReturnType<typeof throwError> {
    const [why, error] =
      thrown instanceof TakingFailed ? (['taking', thrown.cause] as const) : (['log', thrown] as const);
    const { name, lost } = this.#following;
    if (lost?.(error, why) === true) return throwError(() => error);
    const pauseMs = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(count - 1, 10));
    if (this.#lostSince?.why !== why) {
      const message = why === 'log' ? `${name} has lost the log` : `${name} could not take events of the log`;
      this.#deps.logger.warn({ err: error, follower: name, position: this.#position, pauseMs }, message);
      this.#lostSince = { atMs: this.#lostSince?.atMs ?? this.#deps.clock.now(), why, reason: '', attempts: 0 };
    }
    this.#lostSince.attempts += 1;
    this.#lostSince.reason = error instanceof Error ? error.message : String(error);
    return from(pause(this.#deps.clock, pauseMs, this.#stop.signal));
  }

  #find(): void {
    if (this.#lostSince === undefined) return;
    const { atMs, attempts } = this.#lostSince;
    this.#lostSince = undefined;
    const { name } = this.#following;
    const lostMs = this.#deps.clock.now() - atMs;
    this.#deps.logger.warn(
      { follower: name, position: this.#position, attempts, lostMs },
      `${name} goes on with the log`,
    );
  }
}
