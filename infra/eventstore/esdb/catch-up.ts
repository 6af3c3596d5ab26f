// A subscription to the log that does not end by itself: after any failure it starts again at its position.
//
// Why it is as it is:
// - The client does not subscribe again by itself, and one that has failed may not recover. So every failure ends the
//   session; after a growing pause a new session starts, with a new client where the old one may be at fault.
// - A server keeps few events for a live subscription. One that does not take them fast enough is ended (before 24.2), or
//   reads the log until it has caught up again. So a subscription keeps a queue of its own, as long as `queueEvents`;
//   what does not fit stays in the log, and is read from there.
// - A connection may die without an error. So after some time of silence the end of the log is read: silence before the
//   end is a failure, silence at the end is normal.
// - A subscription may repeat events or leave one out. Events at or before the position are skipped, and the revisions
//   of a stream must follow one another (`RevisionWatch`).
// - The client reports checkpoints, and that it has caught up, before the events in front of them have been taken. They
//   count only when everything received has been taken; a position ahead of its events would lose them.
// - A checkpoint is only a number. A server that has nothing to tell says (-1,-1), which is 2^64-1; believed, it would
//   make every later event one that was received before. So a checkpoint counts only up to the end of the log, which is
//   read where it is not known to go so far.
// - Events before a faulty one are delivered before the failure is thrown, so they are not read again.
// - With a filter by category the position moves only by matching events and checkpoints. Servers before 23.10 do not
//   say when a subscription has caught up, so they are asked for the events of all categories.
import { type AllStreamSubscription, START, streamNameFilter } from '@eventstore/db-client';
import { EventStoreError, type Position, type RecordedEvent } from '@railhead/commands/ports/event-store.ts';
import { backOffMs, monotonicMs, pause } from './back-off.ts';
import { type BatchingClient, letGo } from './batching-client.ts';
import type { ClientHolder } from './client-holder.ts';
import { isDomainError, isNoEventThere, isTooSlow, notOfThisLog, SubscriptionFailure, toStoreError } from './errors.ts';
import { decodeEvent } from './event-codec.ts';
import { toldNumber } from './positions.ts';
import type { Reads } from './reads.ts';
import { RevisionWatch } from './revision-watch.ts';
import type { EsdbObserver, EsdbSettings } from './settings.ts';

export type CatchUpOptions = {
  readonly after: Position;
  /** Only streams of these categories; without them, all streams but the server's own. */
  readonly categories?: readonly string[];
  readonly batchSize: number;
  /** Events received and not taken; beyond it the server has to wait, or ends the subscription. */
  readonly queueEvents: number;
  readonly signal: AbortSignal;
  /** The log is known to have this position, so a subscription that has caught up is at least there. */
  readonly atLeast: Position;
};

/** `caughtUp`: with this batch the server reported that there is nothing older to come. */
export type Caught = {
  readonly events: readonly RecordedEvent[];
  readonly position: Position;
  readonly caughtUp: boolean;
};

export type CatchUpParts = {
  readonly clients: ClientHolder;
  readonly reads: Reads;
  readonly settings: EsdbSettings;
  readonly observer: EsdbObserver;
};

/** The server reports its position after reading so many records. */
const SEARCH_WINDOW = 2_000;

export async function* catchUp(parts: CatchUpParts, options: CatchUpOptions): AsyncGenerator<Caught> {
  const { clients, settings, observer } = parts;
  const { signal } = options;
  const watch = new RevisionWatch(settings.watchedStreams);
  let position = options.after;
  let progressMs = monotonicMs();
  for (let failures = 0; !signal.aborted && !clients.closed; failures += 1) {
    const client = clients.current;
    try {
      for await (const batch of session(client, parts, { ...options, after: position }, watch)) {
        failures = 0;
        progressMs = monotonicMs();
        position = batch.position;
        yield batch;
      }
      return;
    } catch (error) {
      if (signal.aborted || clients.closed) return;
      if (isDomainError(error)) throw toStoreError(error, 'following the log');
      if (error instanceof LogEndsBefore && monotonicMs() - progressMs > settings.giveUpAfterMs)
        throw notOfThisLog(position);
      clients.renew(client, error);
      observer.retried('subscription');
      // The server lives, and what it ended had got on: what was missed is in the log already.
      if (failures > 0 || !isTooSlow(error)) await pause(backOffMs(failures, settings), signal);
    }
  }
}

/** One subscription of the client, until it fails or is aborted. */
async function* session(
  client: BatchingClient,
  { reads, settings }: CatchUpParts,
  options: CatchUpOptions,
  watch: RevisionWatch,
): AsyncGenerator<Caught> {
  const { categories, batchSize, signal, atLeast } = options;
  const { tellsCaughtUp } = await client.serverFeatures();
  await assertReaches(reads, options.after);
  // An older server does not report when it has caught up; without a filter every event moves the position.
  const prefixes = tellsCaughtUp ? categories?.map((category) => `${category}-`) : undefined;
  const heard = new Heard(
    client,
    { ...options, ...(prefixes === undefined ? {} : { prefixes }) },
    settings.stallAfterMs,
  );
  let position = options.after;
  /** The log is known to go so far. */
  let proven = Math.max(position, atLeast);
  try {
    for (;;) {
      if (heard.checkpoint > proven) {
        proven = Math.max(proven, await reads.end());
        heard.believeUpTo(proven);
      }
      const read = heard.take(batchSize);
      const { events, failure, ...taken } = decoded(read, position, watch);
      position = taken.position;
      const drained = heard.drained && failure === undefined;
      proven = Math.max(proven, position);
      if (drained) {
        const checkpoint = heard.checkpoint <= proven ? heard.checkpoint : 0;
        position = Math.max(position, checkpoint, heard.caughtUp ? atLeast : 0);
      }
      if (read.length > 0 || (drained && heard.takeNews()))
        yield { events, position, caughtUp: drained && heard.caughtUp };
      // Only now: the events before the faulty one have been delivered and are not read again.
      if (failure !== undefined) throw failure;
      if (signal.aborted) return;
      if (heard.error !== undefined && heard.drained)
        throw position > 0 && isNoEventThere(heard.error) ? notOfThisLog(position) : heard.error;
      if (client.isShut && heard.drained) throw new SubscriptionFailure('the connection was replaced under it');
      if (!(await heard.more())) await assertQuiet(reads, position, heard);
    }
  } finally {
    heard.end();
  }
}

/** The events up to the first faulty one, and the failure it caused. */
const decoded = (read: readonly Resolved[], after: Position, watch: RevisionWatch) => {
  const events: RecordedEvent[] = [];
  let position = after;
  try {
    for (const resolved of read) {
      const at = toldNumber(resolved.commitPosition);
      if (at === undefined)
        throw new EventStoreError('STORE_CORRUPT', `an event after ${position} has no position of a log`);
      // Received before: a subscription may repeat events.
      if (at <= position) continue;
      const event = decodeEvent(resolved);
      if (event !== undefined) {
        watch.check(event);
        events.push(event);
      }
      position = at;
    }
    return { events, position, failure: undefined };
  } catch (failure) {
    return { events, position, failure };
  }
};

/** A server that is behind another comes to it; another log, or one from a backup, may never. */
class LogEndsBefore extends SubscriptionFailure {}

/** Without this check a subscription from beyond the end would wait there in silence, and miss what is written below. */
const assertReaches = async (reads: Reads, position: Position): Promise<void> => {
  const end = position === 0 ? 0 : await reads.end();
  if (end < position) throw new LogEndsBefore(`the log ends at ${end}, before position ${position}`);
};

/** Silence is normal at the end of the log. Before the end it is a failure. */
const assertQuiet = async (reads: Reads, position: Position, heard: Heard): Promise<void> => {
  const end = await reads.lastPosition(position);
  if (end > position && !heard.moved)
    throw new SubscriptionFailure(`the subscription is silent at ${position}, the log goes to ${end}`);
};

type Resolved = Parameters<typeof decodeEvent>[0] & { readonly commitPosition?: bigint };

/** Everything that a subscription has received and nobody has taken yet. */
class Heard {
  readonly #subscription: AllStreamSubscription;
  readonly #signal: AbortSignal;
  readonly #watch: NodeJS.Timeout;
  /** Whoever iterates may be busy for long, or never come back. */
  readonly #onAbort = (): void => {
    this.end();
    this.#wake();
  };
  #heardAt = monotonicMs();
  #silent = false;
  #wake: () => void = () => {};
  #news = false;
  #ended = false;
  checkpoint: Position = 0;
  caughtUp = false;
  error: unknown;

  constructor(
    client: BatchingClient,
    options: Pick<CatchUpOptions, 'after' | 'queueEvents' | 'signal'> & { readonly prefixes?: readonly string[] },
    stallAfterMs: number,
  ) {
    const { after, queueEvents, prefixes, signal } = options;
    this.#signal = signal;
    signal.addEventListener('abort', this.#onAbort);
    this.#watch = setInterval(() => {
      if (monotonicMs() - this.#heardAt < stallAfterMs) return;
      this.#heardAt = monotonicMs();
      this.#silent = true;
      this.#wake();
    }, stallAfterMs / 2);
    const window = {
      maxSearchWindow: SEARCH_WINDOW,
      checkpointInterval: 1,
      // Called before the events in front of it are taken; it counts once they have been.
      checkpointReached: async (_: unknown, { commit }: { commit: bigint }) => {
        this.checkpoint = toldNumber(commit) ?? this.checkpoint;
        this.#tell();
      },
    };
    this.#subscription = client.subscribeToAll(
      {
        fromPosition: after > 0 ? { commit: BigInt(after), prepare: BigInt(after) } : START,
        filter:
          prefixes === undefined
            ? streamNameFilter({ regex: '^[^$]', ...window })
            : streamNameFilter({ prefixes: [...prefixes], ...window }),
      },
      { highWaterMark: queueEvents },
    );
    this.#subscription
      .on('readable', () => {
        this.#heardAt = monotonicMs();
        this.#wake();
      })
      .on('caughtUp' as never, () => {
        this.caughtUp = true;
        this.#tell();
      })
      .on('fellBehind' as never, () => {
        this.caughtUp = false;
      })
      .on('error', (error) => this.#fail(error))
      .on('end', () => this.#fail(new Error('the server ended the subscription')))
      .on('close', () => this.#fail(new Error('the subscription was closed')));
  }

  get drained(): boolean {
    return this.#subscription.readableLength === 0;
  }

  /** There is something to take, or to act on. */
  get moved(): boolean {
    return this.#news || !this.drained || this.error !== undefined;
  }

  take(limit: number): readonly Resolved[] {
    const taken: Resolved[] = [];
    while (taken.length < limit) {
      const next: Resolved | null = this.#subscription.read();
      if (next === null) break;
      taken.push(next);
    }
    return taken;
  }

  /** The log ends here: a checkpoint beyond it is no position of this log. */
  believeUpTo(end: Position): void {
    if (this.checkpoint > end) this.checkpoint = 0;
  }

  /** Was a checkpoint or the end of history reported since the last call? */
  takeNews(): boolean {
    const news = this.#news;
    this.#news = false;
    return news;
  }

  /** Waits for something to take. False if nothing was received for `stallAfterMs`. */
  async more(): Promise<boolean> {
    this.#silent = false;
    if (!this.moved && !this.#signal.aborted)
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    return !this.#silent || this.moved || this.#signal.aborted;
  }

  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    clearInterval(this.#watch);
    this.#signal.removeEventListener('abort', this.#onAbort);
    letGo(this.#subscription, () => this.#subscription.unsubscribe());
  }

  #tell(): void {
    this.#news = true;
    this.#heardAt = monotonicMs();
    this.#wake();
  }

  #fail(error: unknown): void {
    if (this.#ended) return;
    this.error ??= error;
    this.#wake();
  }
}
