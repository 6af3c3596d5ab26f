// A subscription to the log that does not end by itself: it begins again where it stood after any failure, with pauses,
// and checks that positions grow, that no stream leaves a revision out, and that it is not silent while the log goes on.
import { type AllStreamSubscription, START, streamNameFilter } from '@eventstore/db-client';
import { EventStoreError, type Position, type RecordedEvent } from '@railhead/commands/ports/event-store.ts';
import { backOffMs, monotonicMs, pause } from './back-off.ts';
import type { BatchingClient } from './batching-client.ts';
import type { ClientHolder } from './client-holder.ts';
import { isDomainError, toStoreError } from './errors.ts';
import { decodeEvent } from './event-codec.ts';
import type { Reads } from './reads.ts';
import { RevisionWatch } from './revision-watch.ts';
import type { EsdbObserver, EsdbSettings } from './settings.ts';

export type CatchUpOptions = {
  readonly after: Position;
  /** Only streams of these categories; all that are ours without it. */
  readonly categories?: readonly string[];
  readonly batchSize: number;
  readonly signal: AbortSignal;
  /** The log is known to reach so far: a subscriber that has caught up has at least this position. */
  readonly atLeast: Position;
};

/** `caughtUp`: the server said so with this batch. */
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

/** The server looks at so many records before it says how far it is. */
const SEARCH_WINDOW = 2_000;

export async function* catchUp(parts: CatchUpParts, options: CatchUpOptions): AsyncGenerator<Caught> {
  const { clients, settings, observer } = parts;
  const { signal } = options;
  const watch = new RevisionWatch(settings.watchedStreams);
  let position = options.after;
  for (let failures = 0; !signal.aborted && !clients.closed; failures += 1) {
    const client = clients.current;
    try {
      for await (const batch of session(client, parts, { ...options, after: position }, watch)) {
        failures = 0;
        position = batch.position;
        yield batch;
      }
      return;
    } catch (error) {
      if (signal.aborted || clients.closed) return;
      if (isDomainError(error)) throw toStoreError(error, 'following the log');
      clients.renew(client, error);
      observer.retried('subscription');
      await pause(backOffMs(failures, settings), signal);
    }
  }
}

/** One subscription of the client's, until it fails or the caller has seen enough. */
async function* session(
  client: BatchingClient,
  { reads, settings }: CatchUpParts,
  options: CatchUpOptions,
  watch: RevisionWatch,
): AsyncGenerator<Caught> {
  const { categories, batchSize, signal, atLeast } = options;
  const { tellsCaughtUp } = await client.serverFeatures();
  // An older server does not say when it has caught up: then every event must come, so that the position moves.
  const prefixes = tellsCaughtUp ? categories?.map((category) => `${category}-`) : undefined;
  const heard = new Heard(
    client,
    { ...options, ...(prefixes === undefined ? {} : { prefixes }) },
    settings.stallAfterMs,
  );
  let position = options.after;
  try {
    for (;;) {
      const read = heard.take(batchSize);
      const { events, failure, ...taken } = decoded(read, position, watch);
      position = taken.position;
      const drained = heard.drained && failure === undefined;
      if (drained) position = Math.max(position, heard.checkpoint, heard.caughtUp ? atLeast : 0);
      if (read.length > 0 || (drained && heard.takeNews()))
        yield { events, position, caughtUp: drained && heard.caughtUp };
      // What came before it has been delivered, so that it is not read again.
      if (failure !== undefined) throw failure;
      if (signal.aborted) return;
      if (heard.error !== undefined && heard.drained) throw heard.error;
      if (!(await heard.more())) await assertQuiet(reads, position, heard);
    }
  } finally {
    heard.end();
  }
}

/** Events up to the first that is not as it should be. */
const decoded = (read: readonly Resolved[], after: Position, watch: RevisionWatch) => {
  const events: RecordedEvent[] = [];
  let position = after;
  try {
    for (const resolved of read) {
      const at = Number(resolved.commitPosition ?? 0n);
      // Heard before: a subscription may repeat itself.
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

/** Silence is fine at the end of the log, and nowhere else. */
const assertQuiet = async (reads: Reads, position: Position, heard: Heard): Promise<void> => {
  const end = await reads.lastPosition(position);
  if (end > position && !heard.moved)
    throw new EventStoreError('STORE_UNAVAILABLE', `the subscription is silent at ${position}, the log goes to ${end}`);
};

type Resolved = Parameters<typeof decodeEvent>[0] & { readonly commitPosition?: bigint };

/** What a subscription has brought and nobody has taken yet. */
class Heard {
  readonly #subscription: AllStreamSubscription;
  readonly #signal: AbortSignal;
  readonly #watch: NodeJS.Timeout;
  readonly #onAbort = (): void => this.#wake();
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
    options: Pick<CatchUpOptions, 'after' | 'batchSize' | 'signal'> & { readonly prefixes?: readonly string[] },
    stallAfterMs: number,
  ) {
    const { after, batchSize, prefixes, signal } = options;
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
      // It is called before the events in front of it have been taken; it counts once they have.
      checkpointReached: async (_: unknown, { commit }: { commit: bigint }) => {
        this.checkpoint = Number(commit);
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
      { highWaterMark: batchSize },
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
      .on('error', (error) => this.#fail(error))
      .on('end', () => this.#fail(new Error('the server ended the subscription')))
      .on('close', () => this.#fail(new Error('the subscription was closed')));
  }

  get drained(): boolean {
    return this.#subscription.readableLength === 0;
  }

  /** Something is here to be looked at. */
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

  /** Whether a checkpoint or the end of history was told since it was last asked. */
  takeNews(): boolean {
    const news = this.#news;
    this.#news = false;
    return news;
  }

  /** False if nothing came for `stallAfterMs`. */
  async more(): Promise<boolean> {
    this.#silent = false;
    if (!this.moved && !this.#signal.aborted)
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    return !this.#silent || this.moved || this.#signal.aborted;
  }

  end(): void {
    this.#ended = true;
    clearInterval(this.#watch);
    this.#signal.removeEventListener('abort', this.#onAbort);
    this.#subscription.on('error', () => {});
    this.#subscription.unsubscribe().catch(() => {});
    this.#subscription.destroy();
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
