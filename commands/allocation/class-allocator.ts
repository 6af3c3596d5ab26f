// Sells one class of a run. It collects operations while an append is in flight, decides the whole batch in memory, and
// writes one append to each stream.
//
// Why it is as it is:
// - Appends are the cost, not events: a batch of a thousand operations costs hardly more than one operation.
// - The stock in memory is a cache, not an authority. If another process writes to the same streams, the expected
//   revisions refuse the batch, and it is decided again on what the log says.
// - Where nobody else can write (`soleWriter`), the next batch is decided and sent while the one before is still being
//   written. Its expected revisions assume that the one before is written, so if the store refuses that one, it refuses
//   this one too. Another writer could make the revisions fit all the same; with one, batches go one at a time.
// - After a refusal or an unknown outcome the next batches go one at a time, and repeated attempts wait for random
//   pauses with a growing limit. Otherwise two processes on the same class would keep refusing each other.
// - Nothing is answered before it is known to be written.

import { freeCount } from '@railhead/domain/allocation/bitmap.ts';
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
import { type ClassId, className } from '@railhead/domain/train-run/stream.ts';
import { type Clock, pause } from '../ports/clock.ts';
import type { EventStore } from '../ports/event-store.ts';
import type { Random } from '../ports/random.ts';
import { metaOf, ownOrigin } from '../streams/append.ts';
import { NotUnderstood } from '../streams/understood.ts';
import { commitAtomically, type PreparedBatch, prepareBatch } from './atomic-commit.ts';
import type { BatchContext, BatchOutcome } from './batch.ts';
import { ClassStreams } from './class-streams.ts';
import { answer, type Flight, isUnknown, launch } from './flight.ts';
import type { LockOutcome, Operation } from './operation.ts';
import { takeOver } from './recovery.ts';
import { type SnapshotDeps, SnapshotKeeper } from './snapshot-keeper.ts';
import { commitByTry } from './try-commit.ts';
import { rejectAll, type Waiting, WaitingLine } from './waiting-line.ts';

export type AllocatorDeps = SnapshotDeps & {
  readonly store: EventStore;
  readonly clock: Clock;
  readonly random: Random;
  /** Unique to one life of one process: no two owners may share it. */
  readonly owner: string;
  /** Called once, when a run's log contradicts itself and its sale stops. */
  readonly onSaleStopped: (key: ClassId, detail: string) => void;
  /**
   * Nobody else can write these streams while this owner lives: the folder is locked, and there is one pool. Only then
   * may a batch be sent before the one ahead of it is known to be written. Another owner could bring the streams to
   * exactly the revisions that the second batch expects.
   */
  readonly soleWriter?: boolean;
  /** The most operations in one batch. Only tests set it, to get many batches. */
  readonly batchLimit?: number;
  /** Called each time a batch meets another writer. */
  readonly onConflict?: (key: ClassId) => void;
};

/** After another writer was met, so many batches go one at a time. */
const CAUTIOUS_BATCHES = 20;
/**
 * The most operations of one batch. Each becomes one or two events at most, with a few for each segment: well below the
 * limit of one append call.
 */
const MAX_BATCH = 1_000;
/** Attempts to write a batch that meets another writer, before its callers get `CONTENDED`. */
const MAX_ATTEMPTS = 30;
const FIRST_PAUSE_MS = 2;
const LONGEST_PAUSE_MS = 250;

/** The class on sale: its seats in index order, and how they are chosen at an instant (ms since the epoch). */
export type ClassForSale = {
  readonly seats: readonly Seat[];
  readonly segments: number;
  readonly chooseAt: (nowMs: number) => Selling;
  /** The seats as the log has them now. Another owner may have sold seats of coaches that this one does not know. */
  readonly seatsNow: () => Promise<readonly Seat[]>;
};

export class ClassAllocator {
  readonly key: ClassId;
  readonly #deps: AllocatorDeps;
  readonly #class: ClassForSale;
  readonly #segments: number;
  readonly #snapshots: SnapshotKeeper;
  #seats: readonly Seat[];
  readonly #waiting = new WaitingLine();
  #running = false;
  #loop: Promise<void> = Promise.resolve();
  /** Number of batches that still go one at a time. */
  #cautious = 0;
  #context: BatchContext | undefined;
  #stopped: string | undefined;

  constructor(deps: AllocatorDeps, key: ClassId, forSale: ClassForSale) {
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
    if (this.#context === undefined) return;
    extendStock(this.#context.stock, seats);
    this.#serveSoon();
  }

  /** There may be seats for somebody who waits, and nobody else may come to ask. */
  #serveSoon(): void {
    if ((this.#context?.stock.book.line.waiting.size ?? 0) === 0) return;
    const meta = metaOf(this.#deps.clock, ownOrigin(`serve-${className(this.key)}`));
    // Whoever waits is served by the next operation, if not by this one.
    void this.submit({ kind: 'serve', orderNo: '', meta }).catch(() => undefined);
  }

  /** Seats free on at least one segment, at least so many; undefined while the class is not open here. */
  get seatsLeft(): number | undefined {
    if (this.#context === undefined) return undefined;
    const { occupancy, book } = this.#context.stock;
    if (book.closed !== undefined || this.#stopped !== undefined) return 0;
    let most = 0;
    for (let segment = 0; segment < occupancy.segments; segment += 1)
      most = Math.max(most, freeCount(occupancy, segment, segment + 1));
    return most;
  }

  /** Opens the class before anybody asks for a seat. What keeps it from that is found by the first who does. */
  async warm(): Promise<void> {
    if (this.#context !== undefined || this.#running) return;
    this.#running = true;
    this.#loop = this.#open()
      .catch(() => undefined)
      .then(() => this.#run());
    await this.#loop;
  }

  /** Operations not yet answered. */
  get depth(): number {
    return this.#waiting.length;
  }

  get idle(): boolean {
    return !this.#running;
  }

  /** Why the class is sold no more by this process; undefined while it is. */
  get stopped(): string | undefined {
    return this.#stopped;
  }

  /** Resolves when every submitted operation has been answered and the last snapshot is saved. */
  async close(): Promise<void> {
    await this.#loop;
    this.#takeSnapshot('atTheEnd');
    await this.#snapshots.saved();
  }

  /** Rejects only for infrastructure failures. It is then unknown whether the operation was written. */
  submit(operation: Operation): Promise<LockOutcome> {
    const answered = this.#waiting.join(operation);
    if (!this.#running) {
      this.#running = true;
      this.#loop = this.#run();
    }
    return answered;
  }

  async #run(): Promise<void> {
    // Wait one turn, so that operations submitted together go into one batch.
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
    // No await between the last look at the queue and this line: the next `submit` starts the loop again.
    this.#running = false;
  }

  /** Call it only while no batch is in flight. */
  #takeSnapshot(when: Parameters<SnapshotKeeper['isDue']>[0]): void {
    const context = this.#context;
    if (context !== undefined && this.#snapshots.isDue(when, context.streams)) this.#snapshots.take(context);
  }

  /** Settles one batch before the next is decided: at the start, and during conflicts. */
  async #settleNext(): Promise<void> {
    const batch = this.#waiting.next(this.#batchSize());
    this.#cautious = Math.max(0, this.#cautious - 1);
    try {
      await this.#settle(batch);
    } catch (error) {
      this.#context = undefined;
      rejectAll(batch, error);
    }
  }

  /**
   * Decides the next batch while the one ahead is being written, and sends it behind that one. Returns the batch that
   * is then in flight.
   */
  async #launchBehind(context: BatchContext, ahead: Flight | undefined): Promise<Flight | undefined> {
    const { soleWriter = false, store } = this.#deps;
    const alone = !soleWriter || !store.capabilities.atomicStreams || isOutgrown(context.stock);
    if (alone || this.#isStopped(context.stock)) {
      this.#cautious = 1;
      return ahead;
    }
    const waiting = this.#waiting.next(this.#batchSize());
    const operations = waiting.map(({ operation }) => operation);
    let batch: PreparedBatch;
    try {
      batch = prepareBatch(context, operations);
    } catch (error) {
      // A bug in a decision. Nothing of this batch was sent, but the stock in memory can no longer be trusted.
      this.#context = undefined;
      rejectAll(waiting, error);
      return ahead;
    }
    if (!batch.fenced) {
      // A batch of refusals writes nothing, so no revision checks the stock it was decided on. It is settled by itself.
      batch.rollBack();
      this.#waiting.putBack(waiting);
      this.#cautious = Math.max(1, this.#cautious);
      return ahead;
    }
    const flight = launch(store, waiting, batch);
    if (ahead === undefined) return flight;
    if ((await ahead.landing).kind === 'written') {
      answer(ahead);
      return flight;
    }
    await this.#takeBack([ahead, flight]);
    return undefined;
  }

  /** Waits for a batch. Answers it if it was written; otherwise it is decided again, one batch at a time. */
  async #land(flight: Flight): Promise<void> {
    if ((await flight.landing).kind === 'written') answer(flight);
    else await this.#takeBack([flight]);
  }

  /** The first of these batches was not written. Answers those that were, and queues the others again, in front. */
  async #takeBack(flights: readonly Flight[]): Promise<void> {
    this.#deps.onConflict?.(this.key);
    this.#cautious = CAUTIOUS_BATCHES;
    const landings = await Promise.all(flights.map(({ landing }) => landing));
    // A batch may have been written after one that was not, or an outcome is unknown: the log has to be read again.
    if (!landings.every(({ kind }) => kind === 'refused')) this.#context = undefined;
    for (const [index, flight] of [...flights.entries()].reverse()) {
      const landing = landings[index];
      if (landing?.kind === 'written') answer(flight);
      else if (landing?.kind === 'failed' && !isUnknown(landing.error)) rejectAll(flight.waiting, landing.error);
      else {
        if (this.#context !== undefined) flight.batch.rollBack();
        this.#waiting.putBack(flight.waiting);
      }
    }
  }

  #batchSize(): number {
    return Math.max(1, this.#deps.batchLimit ?? MAX_BATCH);
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
      if (outcome.servesAgain === true) this.#serveSoon();
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
      if (error instanceof NotUnderstood) return this.#stopForStranger(error, operations);
      // It is unknown what was written: read everything again and decide on that.
      if (isUnknown(error)) return { kind: 'takeOver' };
      throw error;
    }
  }

  /** A newer version has written to the class: it knows what it sold, and this one does not. */
  #stopForStranger({ message }: NotUnderstood, operations: readonly Operation[]): BatchOutcome {
    this.#context = undefined;
    if (this.#stopped === undefined) this.#deps.onSaleStopped(this.key, message);
    this.#stopped ??= message;
    const stopped = refuse('SALE_STOPPED', this.#stopped);
    return { kind: 'done', answers: operations.map(() => stopped) };
  }

  /** Reads the streams and takes over the class, which ends what an earlier owner left unfinished. */
  async #open(): Promise<BatchContext | 'taken' | undefined> {
    if (this.#context !== undefined) return this.#context;
    const { store, owner, clock } = this.#deps;
    const streams = new ClassStreams(store, owner, this.key, this.#segments);
    const kept = await this.#snapshots.load(streams, this.#seats, this.#segments);
    const stock = kept ?? untouchedStock(this.#seats, this.#segments);
    const metAnother = (): void => this.#deps.onConflict?.(this.key);
    const choosing = (): Selling => this.#class.chooseAt(clock.now());
    const context: BatchContext = { store, clock, choosing, stock, streams, metAnother, gone: new Set() };
    await streams.readAll(stock);
    if (this.#isStopped(stock)) return undefined;
    if (!(await takeOver(context, { owner, clock }))) return 'taken';
    // Coaches may have been added while the streams were being read.
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
