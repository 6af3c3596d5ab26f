// Sells one class of a run: collects operations while an append is in flight, decides the whole batch in memory, and
// writes one append per stream. Owns nothing but speed: if another process writes too, revisions keep both exact.
import type { Selling } from '@railhead/domain/allocation/choose-legs.ts';
import {
  type ClassStock,
  contradictionOf,
  extendStock,
  isOutgrown,
  untouchedStock,
} from '@railhead/domain/class-stock/class-stock.ts';
import { refuse } from '@railhead/domain/kernel/decision.ts';
import type { Seat } from '@railhead/domain/train-run/composition.ts';
import { type Clock, pause } from '../ports/clock.ts';
import { type EventStore, EventStoreError, MAX_EVENTS_PER_CALL } from '../ports/event-store.ts';
import type { Random } from '../ports/random.ts';
import { commitAtomically, isWritten, type PreparedBatch, prepareBatch } from './atomic-commit.ts';
import { type ClassKey, ClassStreams } from './class-streams.ts';
import type { LockOutcome, Operation } from './operation.ts';
import { takeOver } from './recovery.ts';
import { type SnapshotDeps, SnapshotKeeper } from './snapshot-keeper.ts';
import { commitByTry } from './try-commit.ts';

export type AllocatorDeps = SnapshotDeps & {
  readonly store: EventStore;
  readonly clock: Clock;
  readonly random: Random;
  /** Unique to this process's life: no two owners may share it. */
  readonly owner: string;
  /** Told once when a run's log contradicts itself and its sale stops. */
  readonly onSaleStopped: (key: ClassKey, detail: string) => void;
  /**
   * Nobody else can write these streams while this owner lives: a locked folder, one pool. Only then may a batch be sent
   * before the one ahead is known to be written: another owner could bring the streams to the very revisions it expects.
   */
  readonly soleWriter?: boolean;
  /** Operations of one batch at most; less is only useful to see many batches. */
  readonly batchLimit?: number;
  /** Told each time a batch meets another writer. */
  readonly onConflict?: (key: ClassKey) => void;
};

/** What one attempt to write a batch came to: answers in the order of the operations, or what to do before the next. */
export type BatchOutcome =
  | { readonly kind: 'done'; readonly answers: readonly (LockOutcome | 'again')[] }
  | { readonly kind: 'conflict' }
  | { readonly kind: 'takeOver' };

export type BatchContext = {
  readonly store: EventStore;
  /** How seats are chosen in the batch that is decided now. */
  readonly choosing: () => Selling;
  readonly stock: ClassStock;
  readonly streams: ClassStreams;
  /** Told when another writer was met and the batch goes on all the same. */
  readonly metAnother: () => void;
};

type Waiting = {
  readonly operation: Operation;
  readonly resolve: (outcome: LockOutcome) => void;
  readonly reject: (error: unknown) => void;
};

/** A batch that has been sent: how its writing ends is known once `written` resolves; it never rejects. */
type Flight = {
  readonly waiting: readonly Waiting[];
  readonly batch: PreparedBatch;
  readonly written: Promise<
    { readonly kind: 'written' | 'refused' } | { readonly kind: 'failed'; readonly error: unknown }
  >;
};

const isUnknown = (error: unknown): boolean => error instanceof EventStoreError && error.code === 'OUTCOME_UNKNOWN';

/** After meeting another writer, so many batches go one at a time. */
const CAUTIOUS_BATCHES = 20;
/** Operations of one batch, and the events they may become at most: inside one append call with room to spare. */
const MAX_BATCH = 1_000;
const MAX_BATCH_EVENTS = MAX_EVENTS_PER_CALL / 2;
/** Batches that meet another writer are tried again so often, with growing pauses, before their callers are told. */
const MAX_ATTEMPTS = 30;
/** Holds that may wait; more are refused at once. */
const MAX_WAITING = 100_000;
const FIRST_PAUSE_MS = 2;
const LONGEST_PAUSE_MS = 250;

/** The class that is sold: its seats in index order, and how they are chosen at an instant (ms since the epoch). */
export type ClassForSale = {
  readonly seats: readonly Seat[];
  readonly segments: number;
  readonly chooseAt: (nowMs: number) => Selling;
  /** The seats as the log has them now: another owner may have sold seats of coaches this one has not heard of. */
  readonly seatsNow: () => Promise<readonly Seat[]>;
};

export class ClassAllocator {
  readonly key: ClassKey;
  readonly #deps: AllocatorDeps;
  readonly #class: ClassForSale;
  readonly #segments: number;
  readonly #snapshots: SnapshotKeeper;
  #seats: readonly Seat[];
  #waiting: Waiting[] = [];
  #running = false;
  #loop: Promise<void> = Promise.resolve();
  /** Batches still to go one at a time. */
  #cautious = 0;
  #context: BatchContext | undefined;
  #stopped: string | undefined;

  constructor(deps: AllocatorDeps, key: ClassKey, forSale: ClassForSale) {
    this.#deps = deps;
    this.key = key;
    this.#class = forSale;
    this.#segments = forSale.segments;
    this.#seats = forSale.seats;
    this.#snapshots = new SnapshotKeeper(deps, key);
  }

  /** Coaches were added; their seats are sold from the next batch on. */
  extend(seats: readonly Seat[]): void {
    if (seats.length <= this.#seats.length) return;
    this.#seats = seats;
    if (this.#context !== undefined) extendStock(this.#context.stock, seats);
  }

  /** Operations not yet answered. */
  get depth(): number {
    return this.#waiting.length;
  }

  get idle(): boolean {
    return !this.#running;
  }

  /** Resolves when everything submitted has been answered and the last snapshot is saved. */
  async close(): Promise<void> {
    await this.#loop;
    this.#takeSnapshot('atTheEnd');
    await this.#snapshots.saved();
  }

  /** Rejects only for infrastructure failures; whether the operation was written may then be unknown. */
  submit(operation: Operation): Promise<LockOutcome> {
    // What ends a lock is always taken: it makes room.
    if (operation.kind === 'hold' && this.#waiting.length >= MAX_WAITING)
      return Promise.resolve(refuse('QUEUE_FULL', `${MAX_WAITING} operations wait for this class; try again shortly`));
    return new Promise((resolve, reject) => {
      this.#waiting.push({ operation, resolve, reject });
      if (this.#running) return;
      this.#running = true;
      this.#loop = this.#run();
    });
  }

  async #run(): Promise<void> {
    // Operations submitted in one turn go into one batch.
    await Promise.resolve();
    let ahead: Flight | undefined;
    while (this.#waiting.length > 0 || ahead !== undefined) {
      if (this.#snapshots.isDue('underLoad', this.#context?.streams)) {
        if (ahead !== undefined) await this.#land(ahead);
        ahead = undefined;
        this.#takeSnapshot('underLoad');
        continue;
      }
      if (this.#context === undefined || this.#waiting.length === 0 || this.#cautious > 0) {
        if (ahead !== undefined) await this.#land(ahead);
        ahead = undefined;
        if (this.#waiting.length > 0) await this.#settleNext();
      } else ahead = await this.#launchBehind(this.#context, ahead);
    }
    this.#takeSnapshot('atRest');
    // In the same turn as the last look at the queue: whoever submits next starts the loop again.
    this.#running = false;
  }

  /** With nothing in the air. */
  #takeSnapshot(when: Parameters<SnapshotKeeper['isDue']>[0]): void {
    const context = this.#context;
    if (context !== undefined && this.#snapshots.isDue(when, context.streams)) this.#snapshots.take(context);
  }

  /** One batch at a time: the way to begin, and the way through conflicts. */
  async #settleNext(): Promise<void> {
    const batch = this.#waiting.splice(0, this.#batchSize());
    this.#cautious = Math.max(0, this.#cautious - 1);
    try {
      await this.#settle(batch);
    } catch (error) {
      this.#context = undefined;
      for (const { reject } of batch) reject(error);
    }
  }

  /**
   * Decides the next batch while the one ahead is being written, and sends it after that one: where nobody else writes,
   * its revisions only fit if the one ahead is written. Returns what is still in the air.
   */
  async #launchBehind(context: BatchContext, ahead: Flight | undefined): Promise<Flight | undefined> {
    const { soleWriter = false, store } = this.#deps;
    const alone = !soleWriter || !store.capabilities.atomicStreams || isOutgrown(context.stock);
    if (alone || this.#isStopped(context.stock)) {
      this.#cautious = 1;
      return ahead;
    }
    const waiting = this.#waiting.splice(0, this.#batchSize());
    const operations = waiting.map(({ operation }) => operation);
    let batch: PreparedBatch;
    try {
      batch = prepareBatch(context, operations);
    } catch (error) {
      // A fault in a decision: nothing of this batch was sent, but the stock in memory is no longer to be trusted.
      this.#context = undefined;
      for (const { reject } of waiting) reject(error);
      return ahead;
    }
    if (!batch.fenced) {
      // Refusals alone prove nothing: neither that the batch ahead is written nor that nobody else decides.
      batch.rollBack();
      this.#waiting.unshift(...waiting);
      this.#cautious = Math.max(1, this.#cautious);
      return ahead;
    }
    const written: Flight['written'] =
      batch.appends.length === 0
        ? Promise.resolve({ kind: 'written' })
        : this.#deps.store.append(batch.appends, { atomic: true }).then(
            (results) => ({ kind: isWritten(results) ? 'written' : 'refused' }) as const,
            (error: unknown) => ({ kind: 'failed', error }) as const,
          );
    const flight: Flight = { waiting, batch, written };
    if (ahead === undefined) return flight;
    const landed = await ahead.written;
    if (landed.kind === 'written') {
      await this.#land(ahead);
      return flight;
    }
    await this.#crash([ahead, flight]);
    return undefined;
  }

  /** Answers a batch that was written; anything else is decided again, more cautiously. */
  async #land(flight: Flight): Promise<void> {
    const { kind } = await flight.written;
    if (kind !== 'written') return this.#crash([flight]);
    for (const [index, { resolve }] of flight.waiting.entries()) {
      const outcome = flight.batch.outcomes[index];
      if (outcome !== undefined) resolve(outcome);
    }
  }

  /** The first of these flights was not written. Takes all back that was not, and puts it first in the queue again. */
  async #crash(flights: readonly Flight[]): Promise<void> {
    this.#deps.onConflict?.(this.key);
    this.#cautious = CAUTIOUS_BATCHES;
    const ends = await Promise.all(flights.map(({ written }) => written));
    // Where something was written after something that was not, or nobody knows, the log has to be read again.
    if (!ends.every(({ kind }) => kind === 'refused')) this.#context = undefined;
    for (const [index, flight] of [...flights.entries()].reverse()) {
      const end = ends[index];
      if (end?.kind === 'written') await this.#land(flight);
      else if (end?.kind === 'failed' && !isUnknown(end.error))
        for (const { reject } of flight.waiting) reject(end.error);
      else {
        if (this.#context !== undefined) flight.batch.rollBack();
        this.#waiting.unshift(...flight.waiting);
      }
    }
  }

  /** A hold writes to each of its segments, opens some, and is followed by the book's and the order's events. */
  #batchSize(): number {
    return Math.max(
      1,
      Math.min(this.#deps.batchLimit ?? MAX_BATCH, Math.floor(MAX_BATCH_EVENTS / (this.#segments + 4))),
    );
  }

  async #settle(batch: readonly Waiting[]): Promise<void> {
    let open = [...batch];
    for (let attempt = 0; open.length > 0; attempt += 1) {
      if (attempt === MAX_ATTEMPTS) {
        const contended = refuse('CONTENDED', 'another process keeps writing to this run; try again');
        for (const { resolve } of open) resolve(contended);
        return;
      }
      if (attempt > 0) await this.#backOff(attempt);
      const outcome = await this.#attempt(open.map(({ operation }) => operation));
      if (outcome.kind === 'takeOver') this.#context = undefined;
      if (outcome.kind !== 'done') {
        this.#deps.onConflict?.(this.key);
        continue;
      }
      const again: Waiting[] = [];
      for (const [index, waiting] of open.entries()) {
        const answer = outcome.answers[index] ?? 'again';
        if (answer === 'again') again.push(waiting);
        else waiting.resolve(answer);
      }
      open = again;
    }
  }

  async #attempt(operations: readonly Operation[]): Promise<BatchOutcome> {
    try {
      const context = await this.#open();
      if (context === 'taken') return { kind: 'takeOver' };
      if (context === undefined || this.#isStopped(context.stock)) {
        const stopped = refuse('SALE_STOPPED', this.#stopped ?? 'the sale of this class has stopped');
        return { kind: 'done', answers: operations.map(() => stopped) };
      }
      if (isOutgrown(context.stock)) this.extend(await this.#class.seatsNow());
      return this.#deps.store.capabilities.atomicStreams
        ? await commitAtomically(context, operations)
        : await commitByTry(context, operations);
    } catch (error) {
      // Nobody knows what was written: read it all again, and decide on that.
      if (isUnknown(error)) return { kind: 'takeOver' };
      throw error;
    }
  }

  /** Reads the streams and opens the book, ending what an earlier owner left half done. */
  async #open(): Promise<BatchContext | 'taken' | undefined> {
    if (this.#context !== undefined) return this.#context;
    const { store, owner, clock } = this.#deps;
    const streams = new ClassStreams(store, owner, this.key, this.#segments);
    const kept = await this.#snapshots.load(streams, this.#seats, this.#segments);
    const stock = kept ?? untouchedStock(this.#seats, this.#segments);
    const metAnother = (): void => this.#deps.onConflict?.(this.key);
    const choosing = (): Selling => this.#class.chooseAt(clock.now());
    const context: BatchContext = { store, choosing, stock, streams, metAnother };
    await streams.readAll(stock);
    if (this.#isStopped(stock)) return undefined;
    if (!(await takeOver(context, { owner, clock }))) return 'taken';
    // Coaches may have been added while the streams were read.
    extendStock(stock, this.#seats);
    this.#context = context;
    return context;
  }

  #isStopped(stock: ClassStock): boolean {
    const contradiction = contradictionOf(stock);
    if (contradiction !== undefined && this.#stopped === undefined) {
      this.#stopped = contradiction;
      this.#deps.onSaleStopped(this.key, contradiction);
    }
    return this.#stopped !== undefined;
  }

  async #backOff(attempt: number): Promise<void> {
    const ceiling = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(attempt, 10));
    await pause(this.#deps.clock, ceiling * this.#deps.random.next());
  }
}
