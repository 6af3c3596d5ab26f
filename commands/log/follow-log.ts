// The one follower of the log: under read models, workflows, watches and merged logs. It catches up, stays at the end,
// takes batches one after another, and when it loses the log it comes back with pauses, however long that takes.
import { defer, from, lastValueFrom, retry, throwError } from 'rxjs';
import type { Clock } from '../ports/clock.ts';
import type { EventBatch, EventStore, Position, SubscribeOptions } from '../ports/event-store.ts';
import type { Logger } from '../ports/logger.ts';

export type FollowerDeps = {
  readonly store: Pick<EventStore, 'subscribe'>;
  readonly clock: Pick<Clock, 'now' | 'after'>;
  readonly logger: Logger;
};

export type Following = {
  /** Who follows, in log lines. */
  readonly name: string;
  readonly categories?: readonly string[];
  readonly batchSize?: number;
  /** Where to read on; asked before each subscription. */
  readonly after: () => Position | Promise<Position>;
  /** The next batch comes when this resolves. A batch that it throws at comes again. */
  readonly take: (batch: EventBatch) => Promise<void>;
  /** Told of every loss before the pause; `taking` where `take` threw. True: give up, and `done` rejects. */
  readonly lost?: (error: unknown, why: 'log' | 'taking') => boolean;
};

const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 10_000;

/** `take` threw; the log itself is there. */
class TakingFailed extends Error {}

/** Follows until `stop`. */
export class LogFollower {
  /** Resolves once it has stopped; rejects where `lost` gave up. */
  readonly done: Promise<void>;
  readonly #deps: FollowerDeps;
  readonly #following: Following;
  readonly #stop = new AbortController();
  #position: Position = 0;
  /** Of the loss that lasts, ms since the epoch and how often it was tried since. */
  #lostSince: { readonly atMs: number; readonly why: 'log' | 'taking'; attempts: number } | undefined;

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

  /** Up to here every event has been taken. */
  get position(): Position {
    return this.#position;
  }

  /** Is the log, or what takes it, out of reach at the moment? */
  get isLost(): boolean {
    return this.#lostSince !== undefined;
  }

  /** The batch that is being taken is the last. Resolves, or rejects, as `done` does. */
  stop(): Promise<void> {
    this.#stop.abort();
    return this.done;
  }

  /** Yields after each batch: what has been taken ends a row of losses. */
  async *#read(): AsyncGenerator<void> {
    const { after, take, categories, batchSize } = this.#following;
    const { signal } = this.#stop;
    if (signal.aborted) return;
    this.#position = await after();
    const options: SubscribeOptions = {
      after: this.#position,
      signal,
      ...(categories === undefined ? {} : { categories }),
      ...(batchSize === undefined ? {} : { batchSize }),
    };
    for await (const batch of this.#deps.store.subscribe(options)) {
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

  /** The first loss of a row is logged; the pauses grow. */
  #lose(thrown: unknown, count: number): ReturnType<typeof from<Promise<void>>> | ReturnType<typeof throwError> {
    const [why, error] =
      thrown instanceof TakingFailed ? (['taking', thrown.cause] as const) : (['log', thrown] as const);
    const { name, lost } = this.#following;
    if (lost?.(error, why) === true) return throwError(() => error);
    const pauseMs = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(count - 1, 10));
    if (this.#lostSince?.why !== why) {
      const message = why === 'log' ? `${name} has lost the log` : `${name} could not take events of the log`;
      this.#deps.logger.warn({ err: error, follower: name, position: this.#position, pauseMs }, message);
      this.#lostSince = { atMs: this.#lostSince?.atMs ?? this.#deps.clock.now(), why, attempts: 0 };
    }
    this.#lostSince.attempts += 1;
    return from(this.#pause(pauseMs));
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

  /** Ends early when it is stopped. */
  async #pause(pauseMs: number): Promise<void> {
    const { signal } = this.#stop;
    await new Promise<void>((resolve) => {
      const timer = this.#deps.clock.after(pauseMs, resolve);
      const end = (): void => {
        timer.cancel();
        resolve();
      };
      if (signal.aborted) end();
      else signal.addEventListener('abort', end, { once: true });
    });
  }
}
