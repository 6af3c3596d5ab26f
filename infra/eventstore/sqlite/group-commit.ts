// Collects appends and sends them to the writer's thread together: one transaction and one fsync for all of them.
//
// Why it is as it is:
// - The fsync is the cost: a commit of a thousand events takes hardly longer than a commit of one.
// - SQLite is synchronous, so it has a thread of its own; otherwise every commit would stop all requests.
// - Up to three messages are with the thread, so that it has the next one when it finishes a commit. All other appends
//   wait here: the longer the disk takes, the larger the next commit is.
// - A message leaves at the end of the turn, so that calls made together are committed together. A full one leaves at
//   once.
// - What waits here is bounded in events. An append beyond that is refused before anything of it is sent.
// - Subscribers hear of a commit before its callers do: a caller who then reads finds the events.
// - If the thread dies, the appends it had been sent have an unknown outcome, because they may be on disk. Those that
//   wait here are certainly not written. Nothing is accepted afterwards.
import { Worker } from 'node:worker_threads';
import {
  type AppendResult,
  EventStoreError,
  type Position,
  type StreamAppend,
} from '@railhead/commands/ports/event-store.ts';
import type { SqliteLimits } from './limits.ts';
import { type EncodedJob, FIELDS_PER_EVENT } from './writer.ts';
import type { WriterOptions, WriterReply, WriterRequest } from './writer-thread.ts';

type Pending = {
  readonly job: EncodedJob;
  readonly appends: readonly StreamAppend[];
  readonly events: number;
  readonly resolve: (results: readonly AppendResult[]) => void;
  readonly reject: (error: EventStoreError) => void;
};

/** Messages with the writer at once: one is being written, the others wait in its queue, so that it never idles. */
const MAX_IN_FLIGHT = 3;
/** With so many waiting events a message is sent at once, without waiting for the end of the turn. */
const FULL_ENOUGH = 2_000;

/** What one commit wrote, in log order. */
export type Written = { readonly appends: readonly StreamAppend[]; readonly results: readonly AppendResult[] };

export type CommitListener = (position: Position, written: readonly Written[]) => void;

/** The thread's file is beside this one and has the same ending: source or build output. */
const THREAD = import.meta.url.endsWith('.ts') ? './writer-thread.ts' : './writer-thread.js';

export const startWriterThread = (options: WriterOptions): Worker =>
  new Worker(new URL(THREAD, import.meta.url), { workerData: options });

type GroupCommitOptions = {
  readonly limits: Pick<SqliteLimits, 'maxWaitingEvents' | 'maxEventsPerCommit'>;
  /** Starts the writer's thread; a test passes one that it can hold back and kill. */
  readonly startThread: () => Worker;
};

export class GroupCommit {
  readonly #worker: Worker;
  readonly #limits: GroupCommitOptions['limits'];
  readonly #exited: Promise<void>;
  readonly #onCommit: CommitListener;
  readonly #waiting: Pending[] = [];
  readonly #inFlight = new Map<number, readonly Pending[]>();
  #waitingEvents = 0;
  #seq = 0;
  #scheduled = false;
  #ended: EventStoreError | undefined;
  #drained: (() => void) | undefined;

  private constructor(worker: Worker, limits: GroupCommitOptions['limits'], onCommit: CommitListener) {
    this.#worker = worker;
    this.#limits = limits;
    this.#onCommit = onCommit;
    worker.on('message', (reply: WriterReply) => this.#receive(reply));
    worker.on('error', (error) => this.#lose(error));
    this.#exited = new Promise((resolve) => {
      worker.on('exit', () => {
        this.#lose(new Error('the writer stopped'));
        resolve();
      });
    });
  }

  /** Resolves when the log is open; rejects with the reason if it cannot be. */
  static async open({ limits, startThread }: GroupCommitOptions, onCommit: CommitListener): Promise<GroupCommit> {
    const worker = startThread();
    const first = await new Promise<WriterReply>((resolve, reject) => {
      worker.once('message', resolve);
      worker.once('error', reject);
    });
    if (first.kind === 'open') {
      onCommit(first.position, []);
      return new GroupCommit(worker, limits, onCommit);
    }
    await worker.terminate();
    throw first.kind === 'failed'
      ? new EventStoreError(first.code, first.message)
      : new EventStoreError('STORE_UNAVAILABLE', 'the writer spoke out of turn');
  }

  append(job: EncodedJob, appends: readonly StreamAppend[]): Promise<readonly AppendResult[]> {
    if (this.#ended !== undefined) return Promise.reject(this.#ended);
    const events = job.appends.reduce((total, append) => total + append.fields.length / FIELDS_PER_EVENT, 0);
    if (this.#waitingEvents + events > this.#limits.maxWaitingEvents)
      return Promise.reject(new EventStoreError('STORE_OVERLOADED', 'too many events wait to be written'));
    return new Promise((resolve, reject) => {
      this.#waiting.push({ job, appends, events, resolve, reject });
      this.#waitingEvents += events;
      if (this.#waitingEvents >= FULL_ENOUGH) this.#flush();
      else this.#schedule();
    });
  }

  /** Writes what is waiting, then stops the thread. Further appends are refused. */
  async close(): Promise<void> {
    if (this.#ended === undefined) {
      this.#ended = new EventStoreError('STORE_CLOSED', 'the event store is closed');
      if (this.#waiting.length > 0 || this.#inFlight.size > 0)
        await new Promise<void>((resolve) => {
          this.#drained = resolve;
          this.#flush();
        });
    }
    this.#worker.postMessage('close' satisfies WriterRequest);
    await this.#exited;
  }

  /** Waits for the end of the turn, so that calls made together are sent together. */
  #schedule(): void {
    if (this.#scheduled || this.#inFlight.size >= MAX_IN_FLIGHT) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#flush();
    });
  }

  #flush(): void {
    while (this.#waiting.length > 0 && this.#inFlight.size < MAX_IN_FLIGHT) {
      let events = 0;
      let take = 0;
      for (const pending of this.#waiting) {
        if (take > 0 && events + pending.events > this.#limits.maxEventsPerCommit) break;
        events += pending.events;
        take += 1;
      }
      const batch = this.#waiting.splice(0, take);
      this.#waitingEvents -= events;
      this.#seq += 1;
      this.#inFlight.set(this.#seq, batch);
      this.#worker.postMessage({ seq: this.#seq, jobs: batch.map(({ job }) => job) } satisfies WriterRequest);
    }
  }

  #receive(reply: WriterReply): void {
    if (reply.kind === 'open') return;
    const batch = this.#inFlight.get(reply.seq) ?? [];
    this.#inFlight.delete(reply.seq);
    if (reply.kind === 'done') {
      const written = batch.map(({ appends }, index) => ({ appends, results: reply.results[index] ?? [] }));
      // Subscribers first: a caller whose append is answered must find its events.
      this.#onCommit(reply.position, written);
      for (const [index, pending] of batch.entries()) pending.resolve(reply.results[index] ?? []);
    } else {
      for (const pending of batch) pending.reject(new EventStoreError(reply.code, reply.message));
    }
    this.#flush();
    if (this.#waiting.length === 0 && this.#inFlight.size === 0) this.#drained?.();
  }

  /** The thread has died. What it was sent may be written; what waited here is not. */
  #lose(cause: Error): void {
    this.#ended ??= new EventStoreError('STORE_UNAVAILABLE', `the event log's writer failed: ${cause.message}`, {
      cause,
    });
    for (const batch of this.#inFlight.values())
      for (const pending of batch)
        pending.reject(new EventStoreError('OUTCOME_UNKNOWN', 'the writer failed before it answered', { cause }));
    this.#inFlight.clear();
    for (const pending of this.#waiting.splice(0)) pending.reject(this.#ended);
    this.#drained?.();
  }
}
