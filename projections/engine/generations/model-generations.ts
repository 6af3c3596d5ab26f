// The generations of one model in this process: the one that is read, and at most one beside it. The log decides which is
// to be read; this process moves over as soon as nobody sees an older state by it.
import type { Position } from '@railhead/commands/ports/event-store.ts';
import { FIRST_GENERATION, type Generations, onlyTheFirst } from '@railhead/domain/replay/fold.ts';
import type { ProjectionRunner } from '../projection-runner.ts';
import type { OpenModel, ReadModel } from '../read-model.ts';
import { Turns } from '../turns.ts';
import type { ReplayPace } from './replay-pace.ts';

export type Size = { readonly rows: number; readonly bytes?: number };

export type OpenGeneration<Queries> = {
  readonly number: number;
  readonly model: ReadModel<Queries>;
  readonly opened: OpenModel<Queries>;
  readonly runner: ProjectionRunner;
  readonly pace: ReplayPace;
  /** What it stands in, as people call it. */
  readonly store: string;
  readonly isInDataFolder: boolean;
  /** Bytes where the store says them. */
  readonly size: () => Promise<Size>;
  /** Told when it is read from now on: it answers with everything up to this position. Absent: it always does. */
  readonly showsFrom?: (position: Position) => void;
  /** Throws away what is stored of it, when it takes nothing more. */
  readonly remove: () => Promise<void>;
  /** Closes what it alone has open, when nobody asks it any more. Absent: it has nothing of its own. */
  readonly close?: () => Promise<void>;
};

/** How a generation stands now. `isNext`: it is to be read, and is not yet, because it lacks what the other one has. */
export type Standing = { readonly isRead: () => boolean; readonly isNext: () => boolean };

/** `workers`: so many build it. */
export type Opening<Queries> = (number: number, standing: Standing, workers: number) => OpenGeneration<Queries>;

/** Told when another generation is opened, or one is closed. */
export type RunnersChanged = {
  readonly added: (runner: ProjectionRunner) => void;
  readonly removed: (runner: ProjectionRunner) => void;
  /** What stands there of a generation that the log does not know is thrown away: so many rows. */
  readonly unknown?: (generation: number, rows: number) => void;
  /** One could not be closed or removed: `again` is called after a while. */
  readonly failed: (error: unknown, again: () => void) => void;
};

/** How many of the last generations are looked after at a start, and how many that an older log does not know. */
const LOOKED_AFTER = 3;
const NOTHING: Size = { rows: 0 };
const NEITHER: Standing = { isRead: () => false, isNext: () => false };
/** One that has just taken over is waited for so long at most. */
const MOVES_WITHIN_MS = 5_000;

export class ModelGenerations<Queries> {
  readonly model: string;
  readonly #open: Opening<Queries>;
  readonly #changed: RunnersChanged;
  readonly #opened = new Map<number, OpenGeneration<Queries>>();
  readonly #turns = new Turns();
  #decided: Generations = onlyTheFirst;
  #read: OpenGeneration<Queries>;
  #isStarted = false;
  readonly #end: () => Promise<Position>;
  #moving: Promise<void> | undefined;

  /** `end`: the last position of the log. */
  constructor(model: string, open: Opening<Queries>, changed: RunnersChanged, end: () => Promise<Position>) {
    this.model = model;
    this.#end = end;
    this.#open = open;
    this.#changed = changed;
    this.#read = this.#opening(FIRST_GENERATION);
  }

  /** Opens what the log has decided on, before anything of the model is started or asked. */
  async begin(decided: Generations): Promise<void> {
    this.#decided = decided;
    const { serving, beside } = decided;
    // It was read until this process ended, perhaps, and has more than the other: then it is read until that has it too.
    this.#read = this.#opening(beside?.wasRead === true ? beside.generation : serving);
    for (const number of this.#needed()) this.#opening(number);
    const unneeded = [...this.#opened].filter(([number]) => !this.#needed().has(number));
    for (const [number, { runner }] of unneeded) {
      this.#opened.delete(number);
      this.#changed.removed(runner);
    }
    this.#setPace();
    for (const [, { close }] of unneeded) await close?.();
  }

  /** What was decided last, as far as this process knows. */
  get decided(): Generations {
    return this.#decided;
  }

  /** The generation to ask. What belongs to one question is asked of one. */
  get read(): OpenGeneration<Queries> {
    const wanted = this.#opened.get(this.#decided.serving);
    if (wanted !== undefined && wanted !== this.#read && hasAllOf(wanted.runner, this.#read.runner)) {
      this.#read = wanted;
      this.#moving = this.#moved(wanted).finally(() => {
        this.#moving = undefined;
      });
      if (this.#isStarted) this.#settleByAndBy();
    }
    return this.#read;
  }

  /** Who asks the generation that is read waits for this: it has just taken over. */
  get moving(): Promise<void> | undefined {
    return this.#moving;
  }

  /**
   * What somebody has seen of the other one may be further than this process knows, as where another feeds it; and no
   * further than the log was at that moment.
   */
  async #moved({ showsFrom, runner }: OpenGeneration<Queries>): Promise<void> {
    const end = await this.#end().catch(() => runner.gate.position);
    showsFrom?.(end);
    await runner.gate.waitFor(end, MOVES_WITHIN_MS);
  }

  /** What is not read of what was decided. Until this process has moved, that is the one that is to be read. */
  get beside(): OpenGeneration<Queries> | undefined {
    const { serving, beside } = this.#decided;
    if (beside === undefined) return undefined;
    return this.#opened.get(beside.generation === this.read.number ? serving : beside.generation);
  }

  /**
   * Removes what the last generations have left, where a process ended before it was done, and those of a log that was
   * put back from an older backup. Others start by themselves now.
   */
  async removeLeft(): Promise<void> {
    this.#isStarted = true;
    const { last } = this.#decided;
    const newest = last + LOOKED_AFTER;
    const numbers = Array.from({ length: Math.min(newest, 2 * LOOKED_AFTER) }, (_, back) => newest - back);
    await this.#turns.take(async () => {
      for (const number of numbers)
        if (this.#isStarted && !this.#needed().has(number) && !this.#opened.has(number)) await this.#removeLeft(number);
    });
  }

  /**
   * Removes what stands under the number of the next generation: another one of that number may have left it, of a log that
   * was since put back. Throws what the store throws.
   */
  async clearNext(): Promise<void> {
    await this.#turns.take(async () => {
      const next = this.#decided.last + 1;
      if (this.#isStarted && !this.#opened.has(next)) await this.#removeLeft(next);
    });
  }

  async #removeLeft(number: number): Promise<void> {
    const { remove, close, size } = this.#open(number, NEITHER, 1);
    try {
      // Where nothing is there, nothing can be counted.
      const { rows } = number > this.#decided.last ? await size().catch(() => NOTHING) : NOTHING;
      // Somebody may have begun it just now.
      if (this.#needed().has(number)) return;
      await remove();
      if (rows > 0) this.#changed.unknown?.(number, rows);
    } finally {
      await close?.();
    }
  }

  /** Does as the log says. Resolves when what is not needed is gone. */
  async follow(decided: Generations): Promise<void> {
    this.#decided = decided;
    await this.#settle();
  }

  /** Opens and removes nothing more. */
  async end(): Promise<void> {
    this.#isStarted = false;
    await this.#turns.take(async () => {});
  }

  /** Closes what each generation has open for itself, after nothing is fed or asked any more. */
  async close(): Promise<void> {
    for (const { close } of this.#opened.values()) await close?.();
  }

  /** What cannot be removed now is removed later. */
  #settleByAndBy(): void {
    this.#settle().catch((error: unknown) => {
      this.#changed.failed(error, () => {
        if (this.#isStarted) this.#settleByAndBy();
      });
    });
  }

  #settle(): Promise<void> {
    return this.#turns.take(async () => {
      if (!this.#isStarted) return;
      const needed = this.#needed();
      for (const number of needed) if (!this.#opened.has(number)) this.#opening(number).runner.start();
      this.#setPace();
      for (const [number, generation] of this.#opened) {
        if (needed.has(number)) continue;
        this.#changed.removed(generation.runner);
        await generation.runner.stop();
        await generation.remove();
        this.#opened.delete(number);
        await generation.close?.();
      }
    });
  }

  #needed(): ReadonlySet<number> {
    const { serving, beside } = this.#decided;
    return new Set([serving, ...(beside === undefined ? [] : [beside.generation]), this.#read.number]);
  }

  #setPace(): void {
    const { beside, serving } = this.#decided;
    for (const [number, { pace }] of this.#opened)
      pace.now = beside !== undefined && beside.generation === number && number > serving ? beside : undefined;
  }

  #opening(number: number): OpenGeneration<Queries> {
    const known = this.#opened.get(number);
    if (known !== undefined) return known;
    const { beside } = this.#decided;
    const workers = beside?.generation === number ? beside.workers : 1;
    const isRead = () => this.read.number === number;
    const isNext = () => this.#decided.serving === number && this.#read.number !== number;
    const opened = this.#open(number, { isRead, isNext }, workers);
    this.#opened.set(number, opened);
    this.#changed.added(opened.runner);
    return opened;
  }
}

/** Would nobody see an older state by it than by the other? One that nothing can be said of is left for one that is whole. */
const hasAllOf = (one: ProjectionRunner, other: ProjectionRunner): boolean => {
  if (one.unreadable !== undefined) return false;
  return other.unreadable === undefined ? one.gate.position >= other.gate.position : one.wasWhole;
};
