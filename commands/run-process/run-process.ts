// Carries out what is decided about whole runs: a cancelled run's orders are closed and their money goes back; seats
// sold by count are given out before departure. Follows the log, so a crash between two steps loses nothing.

import { decide, type RunCommand } from '@railhead/domain/train-run/decide.ts';
import { parseRunName, type RunId, runCategory, runName } from '@railhead/domain/train-run/stream.ts';
import { pause, type Timer } from '../ports/clock.ts';
import type { Position, RecordedEvent } from '../ports/event-store.ts';
import type { Logger } from '../ports/logger.ts';
import type { ProcessCheckpoint, ProcessCheckpoints } from '../ports/process-checkpoints.ts';
import { CheckpointWriter } from '../process/checkpoint-writer.ts';
import type { OpenRun } from '../runs/run-directory.ts';
import { boardingMs } from '../runs/sale-window.ts';
import { ownOrigin } from '../streams/append.ts';
import { notUnderstood } from '../streams/load.ts';
import { transact } from '../streams/transact.ts';
import { closeOrdersOfCancelled, type RunWorkDeps, seatOrders } from './run-work.ts';

export type RunProcessDeps = RunWorkDeps & {
  readonly checkpoints: ProcessCheckpoints;
  readonly logger: Logger;
  /** Seats sold by count are given out so long before the train leaves its first stop. */
  readonly assignMinutes: number;
};

const BATCH = 1_000;
/** The position moves with every event of the log, also of those that are nothing to runs; it is saved so often. */
const SAVE_EVERY_MS = 1_000;
const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 30_000;
/** Timers reach no further; a run that departs later is looked at again. */
const LONGEST_TIMER_MS = 86_400_000;

export class RunProcess {
  readonly #deps: RunProcessDeps;
  readonly #stop = new AbortController();
  /** Runs with something to do, and when they are looked at next. */
  readonly #unfinished = new Map<string, Timer | undefined>();
  /** How often each run waits to be looked at: what is done now may not be all. */
  readonly #due = new Map<string, number>();
  /** Since the last checkpoint. */
  readonly #begun = new Set<string>();
  readonly #finished = new Set<string>();
  #position: Position = 0;
  #savedAtMs = Number.NEGATIVE_INFINITY;
  readonly #checkpoint: CheckpointWriter;
  #following: Promise<void> = Promise.resolve();
  /** Runs are worked on one after another. */
  #work: Promise<void> = Promise.resolve();

  constructor(deps: RunProcessDeps) {
    this.#deps = deps;
    this.#checkpoint = new CheckpointWriter(deps.checkpoints);
  }

  /** Runs that wait for their cancellation to be settled or their seats to be given out. */
  get unfinished(): number {
    return this.#unfinished.size;
  }

  /** Log position up to which every event has been taken into account. */
  get position(): Position {
    return this.#position;
  }

  async start(): Promise<void> {
    const { position, unfinished } = await this.#checkpoint.load();
    this.#position = position;
    for (const name of unfinished) this.#unfinished.set(name, undefined);
    for (const name of unfinished) this.#consider(name, 0);
    this.#following = this.#follow();
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    for (const timer of this.#unfinished.values()) timer?.cancel();
    await this.#following;
    await this.#work;
    // The log has it all; without a saved place the next start reads more of it.
    await this.#save().catch((error: unknown) => {
      this.#deps.logger.warn({ err: error }, 'the run process could not save its place');
    });
  }

  async #follow(): Promise<void> {
    const { store, logger, clock } = this.#deps;
    const { signal } = this.#stop;
    for (let failures = 0; !signal.aborted; failures += 1) {
      try {
        const options = { after: this.#position, categories: [runCategory.name], batchSize: BATCH, signal };
        for await (const batch of store.subscribe(options)) {
          for (const event of batch.events) await this.#take(event);
          this.#position = batch.position;
          failures = 0;
          if (batch.caughtUp) await this.#saveNowAndThen();
        }
        return;
      } catch (error) {
        logger.error({ err: error, failures }, 'the run process lost the log; it reads on');
        await pause(clock, Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(failures, 10)));
      }
    }
  }

  async #take(event: RecordedEvent): Promise<void> {
    const { runs, pool } = this.#deps;
    if (!runCategory.owns(event)) throw notUnderstood(runCategory, event);
    const run = runCategory.idOf(event.stream);
    const name = runName(run);
    const { train, date } = run;
    switch (event.type) {
      case 'TrainRunOpened':
        if ((event.data.lateAssignment?.length ?? 0) > 0) this.#begin(name);
        return;
      case 'CoachesAdded':
        runs.forget(train, date);
        await pool.extend(train, date);
        return;
      case 'TrainRunCancelled':
        runs.forget(train, date);
        this.#begin(name);
        return;
      default:
        runs.forget(train, date);
    }
  }

  #begin(name: string): void {
    if (!this.#unfinished.has(name)) {
      this.#unfinished.set(name, undefined);
      this.#begun.add(name);
      this.#finished.delete(name);
    }
    this.#consider(name, 0);
  }

  #consider(name: string, failures: number): void {
    this.#unfinished.get(name)?.cancel();
    this.#due.set(name, (this.#due.get(name) ?? 0) + 1);
    this.#work = this.#work.then(async () => {
      if (this.#stop.signal.aborted) return;
      this.#due.set(name, (this.#due.get(name) ?? 0) - 1);
      try {
        await this.#perform(name);
      } catch (error) {
        this.#deps.logger.warn({ err: error, run: name, failures }, 'a run could not be carried on; it will be');
        this.#later(name, Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(failures, 10)), failures + 1);
      }
    });
  }

  #later(name: string, delayMs: number, failures: number): void {
    if (this.#stop.signal.aborted) return;
    const timer = this.#deps.clock.after(Math.min(delayMs, LONGEST_TIMER_MS), () => this.#consider(name, failures));
    this.#unfinished.set(name, timer);
  }

  async #perform(name: string): Promise<void> {
    const { train, date } = runOf(name);
    const run = await this.#deps.runs.findNow(train, date);
    if (run === undefined) return this.#done(name);
    if (run.status === 'cancelled') {
      if (!run.settled) {
        const orders = await closeOrdersOfCancelled(this.#deps, run, `${train} on ${date} is cancelled`);
        await this.#change(run, { id: `settle-${name}`, type: 'SettleCancellation', orders });
      }
      return this.#done(name);
    }
    if (run.seatsAssigned || (run.lateAssignment ?? []).length === 0) return this.#done(name);
    const { clock, assignMinutes } = this.#deps;
    const waitMs = boardingMs(run, 0) - assignMinutes * 60_000 - clock.now();
    if (waitMs > 0) return this.#later(name, waitMs, 0);
    const orders = await seatOrders(this.#deps, run);
    await this.#change(run, { id: `assign-${name}`, type: 'FinishAssignment', orders });
    this.#done(name);
  }

  async #change(run: OpenRun, command: Exclude<RunCommand, { readonly type: 'OpenRun' }>): Promise<void> {
    const changed = await transact(this.#deps, runCategory, run, ownOrigin(command.id), (now) => decide(now, command));
    if (!changed.ok) throw new Error(`${changed.refusal.code}: ${changed.refusal.detail}`);
  }

  /** Unless it has changed meanwhile and is looked at again. */
  #done(name: string): void {
    if ((this.#due.get(name) ?? 0) > 0) return;
    this.#due.delete(name);
    this.#unfinished.delete(name);
    this.#begun.delete(name);
    this.#finished.add(name);
  }

  /** Names at once, a position alone now and then: reading on from an older one repeats what is harmless. */
  async #saveNowAndThen(): Promise<void> {
    const isDue = Math.abs(this.#deps.clock.now() - this.#savedAtMs) >= SAVE_EVERY_MS;
    const isNew = this.#begun.size > 0 || this.#finished.size > 0;
    if (isDue || isNew || this.#checkpoint.inDoubt) await this.#save();
  }

  /** What is begun and finished between two checkpoints is never written. */
  async #save(): Promise<void> {
    const change = { position: this.#position, begun: [...this.#begun], finished: [...this.#finished] };
    this.#begun.clear();
    this.#finished.clear();
    await this.#checkpoint.save(change, () => this.#whole());
    this.#savedAtMs = this.#deps.clock.now();
  }

  #whole(): ProcessCheckpoint {
    this.#begun.clear();
    this.#finished.clear();
    return { position: this.#position, unfinished: [...this.#unfinished.keys()] };
  }
}

/** Names come from streams and from checkpoints, both written here. */
const runOf = (name: string): RunId => {
  const run = parseRunName(name);
  if (run === undefined) throw new Error(`${name} names no run`);
  return run;
};
