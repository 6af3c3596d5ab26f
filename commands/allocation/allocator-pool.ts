// The allocators of this process, one for each class of a run. They open when first needed; beyond a limit, idle ones
// go.

import { refuse } from '@railhead/domain/kernel/decision.ts';
import { SEAT_CLASSES } from '@railhead/domain/kernel/seat-class.ts';
import { classSizes } from '@railhead/domain/train-run/composition.ts';
import type { OpenedRun } from '@railhead/domain/train-run/fold.ts';
import type { ClassId } from '@railhead/domain/train-run/stream.ts';
import { className } from '@railhead/domain/train-run/stream.ts';
import type { RunDirectory } from '../runs/run-directory.ts';
import { NotUnderstood } from '../streams/understood.ts';
import { type AllocatorDeps, ClassAllocator } from './class-allocator.ts';
import type { Allocators, LockOutcome, Operation } from './operation.ts';
import { type SellingRules, sellingOf } from './selling-rules.ts';

export type PoolDeps = AllocatorDeps & { readonly rules: SellingRules };

/**
 * Open allocators at most. A busy one with 1,200 seats and 10 segments takes a few MB, an idle one a few hundred KB.
 */
const MAX_OPEN = 4_000;
/** Beyond the limit, so many are looked at for each one that opens: most are idle, so the number falls back. */
const LOOKED_AT = 3;

export class AllocatorPool implements Allocators {
  readonly #deps: PoolDeps;
  readonly #runs: RunDirectory;
  readonly #open = new Map<string, Promise<ClassAllocator | undefined>>();

  readonly #told: PoolDeps['onSaleStopped'];
  readonly #stopped = new Map<string, string>();

  constructor(deps: PoolDeps, runs: RunDirectory) {
    this.#deps = { ...deps, onSaleStopped: (key, detail) => this.#stop(key, detail) };
    this.#told = deps.onSaleStopped;
    this.#runs = runs;
  }

  /** Classes that are sold no more by this process, `{train}_{date}_{class}`, and why. */
  get stopped(): ReadonlyMap<string, string> {
    return this.#stopped;
  }

  async submit(key: ClassId, operation: Operation): Promise<LockOutcome> {
    const allocator = await this.#allocator(key);
    return allocator === undefined
      ? refuse('SALE_STOPPED', `${key.train} on ${key.date} is not on sale in ${key.seatClass}`)
      : allocator.submit(operation);
  }

  /** Seats of all classes that are free on some part of the way. Of a class that is not open here all seats count. */
  async seatsLeft(train: string, date: string): Promise<number> {
    const run = await this.#runs.find(train, date).catch(orNotUnderstood);
    if (run === undefined || run instanceof NotUnderstood) return 0;
    let left = 0;
    for (const { seatClass, seats } of classSizes(run.composition)) {
      if (seatClass === 'standing') continue;
      const allocator = await this.#open.get(className({ train, date, seatClass }));
      left += allocator?.seatsLeft ?? seats;
    }
    return left;
  }

  /** Opens the classes of a run before its sale does. */
  async warm(train: string, date: string): Promise<void> {
    const run = await this.#runs.find(train, date).catch(orNotUnderstood);
    if (run === undefined || run instanceof NotUnderstood) return;
    for (const { seatClass } of classSizes(run.composition))
      await (await this.#allocator({ train, date, seatClass }))?.warm();
  }

  /** Coaches were added to the run: its open allocators sell their seats too. */
  async extend(train: string, date: string): Promise<void> {
    const run = await this.#runs.find(train, date).catch(orNotUnderstood);
    if (run === undefined || run instanceof NotUnderstood) return;
    for (const seatClass of SEAT_CLASSES) {
      const allocator = await this.#open.get(className({ train, date, seatClass }));
      allocator?.extend(this.#runs.seatsOf(run, seatClass));
    }
  }

  /**
   * Call it when nothing more is submitted. Resolves when every operation has been answered and every snapshot saved.
   */
  async close(): Promise<void> {
    const opened = await Promise.allSettled(this.#open.values());
    await Promise.all(opened.map((result) => (result.status === 'fulfilled' ? result.value?.close() : undefined)));
  }

  #allocator(key: ClassId): Promise<ClassAllocator | undefined> {
    const name = className(key);
    const known = this.#open.get(name);
    if (known !== undefined) return known;
    this.#stopped.delete(name);
    const opening = this.#create(key);
    this.#open.set(name, opening);
    // Not remembered: a missing class may be added, and a run that could not be read may be readable later.
    const forget = (): boolean => this.#open.delete(name);
    opening.then((allocator) => allocator ?? forget(), forget);
    if (this.#open.size > MAX_OPEN) void this.#closeOldest();
    return opening;
  }

  async #create(key: ClassId): Promise<ClassAllocator | undefined> {
    const run = await this.#runWith(key).catch(orNotUnderstood);
    if (run === undefined) return undefined;
    if (run instanceof NotUnderstood) {
      this.#stop(key, run.message);
      return undefined;
    }
    const seats = this.#runs.seatsOf(run, key.seatClass);
    const seatsNow = async () => {
      const now = await this.#runs.findNow(key.train, key.date);
      return now === undefined ? seats : this.#runs.seatsOf(now, key.seatClass);
    };
    const selling = sellingOf(this.#deps.rules, run, key.seatClass);
    if (!selling.ok) {
      // Not sold at all: a seat sold against its quota cannot be taken back, but a sale that stopped can be resumed.
      this.#deps.onSaleStopped(key, `${selling.refusal.code}: ${selling.refusal.detail}`);
      return undefined;
    }
    const chooseAt = selling.value;
    return new ClassAllocator(this.#deps, key, { seats, segments: run.stops.length - 1, chooseAt, seatsNow });
  }

  #stop(key: ClassId, detail: string): void {
    this.#stopped.set(className(key), detail);
    this.#told(key, detail);
  }

  /** The run, if it has seats of this class. Memory may lack coaches added elsewhere, so the log is asked too. */
  async #runWith({ train, date, seatClass }: ClassId): Promise<OpenedRun | undefined> {
    const hasSeats = (run: OpenedRun | undefined): boolean =>
      run !== undefined && this.#runs.seatsOf(run, seatClass).length > 0;
    const known = await this.#runs.find(train, date);
    if (hasSeats(known)) return known;
    const now = await this.#runs.findNow(train, date);
    return hasSeats(now) ? now : undefined;
  }

  /**
   * Forgets the oldest allocator if it is idle, and else looks at it again when all others have had their turn. Nothing
   * is lost: its state is in the log, and it is opened again when needed.
   */
  async #closeOldest(): Promise<void> {
    for (let looked = 0; looked < LOOKED_AT && this.#open.size > MAX_OPEN; looked += 1) {
      const [oldest] = this.#open;
      if (oldest === undefined) return;
      const [name, opening] = oldest;
      this.#open.delete(name);
      this.#open.set(name, opening);
      const allocator = await opening;
      const isIdle = allocator === undefined || (allocator.idle && allocator.depth === 0);
      // It may have been closed meanwhile, and opened again.
      if (isIdle && this.#open.get(name) === opening) this.#open.delete(name);
    }
  }
}

/** A newer version has written to the run: it knows what the run is made of, and this one does not. */
const orNotUnderstood = (error: unknown): NotUnderstood => {
  if (error instanceof NotUnderstood) return error;
  throw error;
};
