// Sells one class of a run. It collects operations while an append is on its way, decides the whole batch in memory, and
// writes one append per stream.
//
// Why it is as it is:
// - Appends are the cost, not events: a thousand operations in one batch cost hardly more than one.
// - The stock in memory is a cache, not an authority. If another process writes to the same streams, the expected
//   revisions refuse the batch, and it is decided again on what the log says.
// - Where nobody else can write (`soleWriter`), the next batch is decided and sent while the one before is still being
//   written. Its revisions follow from that one, so it can only be written if that one is: the store refuses the second
//   when it has refused the first. With another writer this would not hold, so then batches go one at a time.
// - After a refusal or an unknown outcome the next batches go one at a time, and on growing pauses: two processes that
//   meet again and again would otherwise only refuse each other.
// - Nothing is answered before it is known to be written.

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
import type { ClassId } from '@railhead/domain/train-run/stream.ts';
import { type Clock, pause } from '../ports/clock.ts';
import { type EventStore, MAX_EVENTS_PER_CALL } from '../ports/event-store.ts';
import type { Random } from '../ports/random.ts';
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
  /** Unique to this process's life: no two owners may share it. */
  readonly owner: string;
  /** Told once when a run's log contradicts itself and its sale stops. */
  readonly onSaleStopped: (key: ClassId, detail: string) => void;
  /**
   * Nobody else can write these streams while this owner lives: a locked folder, one pool. Only then may a batch be sent
   * before the one ahead is known to be written: another owner could bring the streams to the very revisions it expects.
   */
  readonly soleWriter?: boolean;
  /** Operations of one batch at most; less is only useful to see many batches. */
  readonly batchLimit?: number;
  /** Told each time a batch meets another writer. */
  readonly onConflict?: (key: ClassId) => void;
};

/** After meeting another writer, so many batches go one at a time. */
const CAUTIOUS_BATCHES = 20;
/** Operations of one batch, and the events they may become at most: inside one append call with room to spare. */
const MAX_BATCH = 1_000;
const MAX_BATCH_EVENTS = MAX_EVENTS_PER_CALL / 2;
/** Batches that meet another writer are tried again so often, with growing pauses, before their callers are told. */
const MAX_ATTEMPTS = 30;
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
  readonly key: ClassId;
  readonly #deps: AllocatorDeps;
  readonly #class: ClassForSale;
  readonly #segments: number;
  readonly #snapshots: SnapshotKeeper;
  #seats: readonly Seat[];
  readonly #waiting = new WaitingLine();
  #running = false;
  #loop: Promise<void> = Promise.resolve();
  /** Batches still to go one at a time. */
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
    const answered = this.#waiting.join(operation);
    if (!this.#running) {
      this.#running = true;
      this.#loop = this.#run();
    }
    return answered;
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
    const waiting = this.#waiting.next(this.#batchSize());
    const operations = waiting.map(({ operation }) => operation);
    let batch: PreparedBatch;
    try {
      batch = prepareBatch(context, operations);
    } catch (error) {
      // A fault in a decision: nothing of this batch was sent, but the stock in memory is no longer to be trusted.
      this.#context = undefined;
      rejectAll(waiting, error);
      return ahead;
    }
    if (!batch.fenced) {
      // Refusals alone prove nothing: neither that the batch ahead is written nor that nobody else decides.
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

  /** Answers a batch that was written; anything else is decided again, more cautiously. */
  async #land(flight: Flight): Promise<void> {
    if ((await flight.landing).kind === 'written') answer(flight);
    else await this.#takeBack([flight]);
  }

  /** The first of these flights was not written. Takes back what was not, and puts it in front of the queue again. */
  async #takeBack(flights: readonly Flight[]): Promise<void> {
    this.#deps.onConflict?.(this.key);
    this.#cautious = CAUTIOUS_BATCHES;
    const landings = await Promise.all(flights.map(({ landing }) => landing));
    // Where something was written after something that was not, or nobody knows, the log has to be read again.
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
