// The one runner of workflows. It follows the log, keeps the state of every subject that is not finished, and runs the
// steps that are due.
//
// Why it is as it is:
// - What is to be done is never stored. It is derived from a subject's state, and the state from events; so a crash
//   between any two lines loses nothing, and a checkpoint holds only a position and the names of unfinished subjects.
// - A step's own event usually comes back through the log and ends the step. If it does not come, the step is run again
//   after a pause. Running a step twice is harmless; forgetting one is not.
// - While the past is read, steps are not begun: a later event may show that they are done.
// - Subjects that a checkpoint names are read a few at a time, and steps that wait for a time go through a lane. So a
//   hundred thousand orders that are overdue after a night do not hold up the one that is placed now.
// - A subject with an event that this version does not understand is set aside; all others go on.
import { LogFollower } from '../log/follow-log.ts';
import { type Clock, pause, type Timer } from '../ports/clock.ts';
import type { EventStore, Position, RecordedEvent } from '../ports/event-store.ts';
import type { Logger } from '../ports/logger.ts';
import type { ProcessCheckpoints } from '../ports/process-checkpoints.ts';
import { CheckpointWriter } from '../process/checkpoint-writer.ts';
import { NotUnderstood, type StreamsSetAside } from '../streams/understood.ts';
import { Lane } from './lane.ts';
import { type BoundStep, type Due, dueSteps, stepName } from './step.ts';
import { TrackedSubjects } from './tracked-subjects.ts';
import type { Workflow } from './workflow.ts';

export type RunnerDeps = {
  readonly store: EventStore;
  readonly checkpoints: ProcessCheckpoints;
  readonly clock: Clock;
  readonly logger: Logger;
};

export type RunnerOptions<State> = {
  /** How often the checkpoint is saved while something changes. */
  readonly checkpointEveryMs: number;
  /** Steps that may be at work at once; beyond that the log is not read on. A waiting timer is not at work. */
  readonly maxAtWork?: number;
  /** Run steps one after another instead of side by side. */
  readonly inTurn?: boolean;
  /** Called for every new state, before its steps begin; undefined if the subject is forgotten. */
  readonly onState?: (subject: string, state: State | undefined) => void;
  /** Called for every event, before the state includes it. */
  readonly onEvent?: (event: RecordedEvent) => Promise<void>;
};

const FIRST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 30_000;
const BATCH = 1_000;
/** Steps that wait for a time, such as the end of the time to pay, are at work so many at once. */
const LANE_WIDTH = 500;
/** So many subjects of the checkpoint are read before others have their turn. */
const SUBJECTS_PER_SLICE = 100;
const MAX_AT_WORK = 50_000;
/** A longer wait is checked again in between, because the clock may have been wrong when it began. */
const LONGEST_TIMER_MS = 3_600_000;

/** What others see of a process that runs a workflow. */
export type RunningProcess = Pick<
  WorkflowRunner<unknown>,
  'name' | 'position' | 'unfinished' | 'isCaughtUp' | 'lost' | 'setAside' | 'start' | 'stop'
>;

/** A step that was begun: it waits for its time, is at work, or waits to be run again. */
type Attempt = { readonly timer: Timer | undefined };

export class WorkflowRunner<State> {
  readonly #workflow: Workflow<State>;
  readonly #deps: RunnerDeps;
  readonly #options: RunnerOptions<State>;
  readonly #subjects = new TrackedSubjects<State>();
  readonly #started = new Map<string, Map<string, Attempt>>();
  readonly #setAside = { streams: new Map<string, string>(), subjects: new Set<string>() };
  readonly #checkpoint: CheckpointWriter;
  readonly #stop = new AbortController();
  #position: Position = 0;
  /** Subjects to be considered when everything that was in the log at the start has been read. Then undefined. */
  #past: Set<string> | undefined = new Set();
  #pastEnds: Position | undefined;
  #saveTimer: Timer | undefined;
  #follower: LogFollower | undefined;
  readonly #stopped = new Promise<void>((resolve) => {
    this.#stop.signal.addEventListener('abort', () => resolve(), { once: true });
  });
  #reading: Promise<void> = Promise.resolve();
  readonly #lane = new Lane(LANE_WIDTH);
  #atWork = 0;
  #room: (() => void) | undefined;
  #turn: Promise<void> = Promise.resolve();

  constructor(workflow: Workflow<State>, deps: RunnerDeps, options: RunnerOptions<State>) {
    this.#workflow = workflow;
    this.#deps = deps;
    this.#options = options;
    this.#checkpoint = new CheckpointWriter(deps.checkpoints, deps.store);
  }

  /** As it is told to people: `order process`. */
  get name(): string {
    return this.#workflow.name;
  }

  /** Log position up to which every event has been taken into account. */
  get position(): Position {
    return this.#position;
  }

  /** Subjects of the checkpoint whose states are still to be read. */
  get unread(): number {
    return this.#subjects.unread.size;
  }

  /** Subjects that are not finished yet, without those that are set aside. */
  get unfinished(): number {
    return this.#subjects.size - this.#setAside.subjects.size;
  }

  /** Has everything been read that was in the log at the start? */
  get isCaughtUp(): boolean {
    return this.#past === undefined;
  }

  /** Why the log, or what is done with it, is out of reach at the moment. */
  get lost(): string | undefined {
    return this.#follower?.lost;
  }

  /** Streams with an event that this version does not understand, and what is strange about it. */
  get setAside(): StreamsSetAside {
    return this.#setAside.streams;
  }

  async start(): Promise<void> {
    const { categories } = this.#workflow;
    const name = `the ${this.name}`;
    const { checkpoint, dropped } = await this.#checkpoint.load();
    if (dropped)
      this.#deps.logger.warn({ process: name }, `${name} was at a position of another log; it reads this one`);
    this.#position = checkpoint.position;
    this.#subjects.restore(checkpoint);
    this.#follower = new LogFollower(this.#deps, {
      name,
      categories,
      batchSize: BATCH,
      after: async () => {
        this.#pastEnds ??= await this.#deps.store.lastPosition();
        // There may have been nothing to read, or the log was lost after the last event of the past.
        if (this.#position >= this.#pastEnds) this.#leavePast();
        return this.#position;
      },
      take: (batch) => this.#takeBatch(batch.events, batch.position, batch.caughtUp),
    });
    this.#scheduleSave();
    this.#reading = this.#readUnfinished();
  }

  /** Reads the subjects of the checkpoint, without hurry: it waits while the lane has enough to do. */
  async #readUnfinished(): Promise<void> {
    const { unread } = this.#subjects;
    let failures = 0;
    while (unread.size > 0 && !this.#stop.signal.aborted) {
      try {
        for (const subject of this.#subjects.someUnread(SUBJECTS_PER_SLICE)) await this.#readSubject(subject);
        failures = 0;
      } catch (error) {
        if (this.#stop.signal.aborted) return;
        this.#deps.logger.warn({ err: error }, `the ${this.name} could not read what is unfinished; it tries again`);
        failures += 1;
      }
      await this.#unlessStopped(this.#lane.room());
      await this.#unlessStopped(pause(this.#deps.clock, failures === 0 ? 0 : retryMs(failures - 1)));
    }
  }

  async #readSubject(subject: string): Promise<void> {
    if (this.#stop.signal.aborted) return;
    const state = await this.#load(subject);
    // An event of it may have come meanwhile.
    if (!this.#subjects.unread.has(subject)) return;
    this.#subjects.setRead(subject, state);
    this.#options.onState?.(subject, state);
    this.#consider(subject);
  }

  #unlessStopped(work: Promise<void>): Promise<void> {
    return Promise.race([work, this.#stopped]);
  }

  /** Stops reading, lets no further step begin, saves where it was. */
  async stop(): Promise<void> {
    this.#stop.abort();
    this.#room?.();
    await this.#follower?.stop();
    await this.#reading;
    this.#saveTimer?.cancel();
    for (const attempts of this.#started.values()) for (const attempt of attempts.values()) attempt.timer?.cancel();
    this.#started.clear();
    await this.#turn;
    await this.#save();
  }

  async #takeBatch(events: readonly RecordedEvent[], position: Position, caughtUp: boolean): Promise<void> {
    const touched = new Set<string>();
    try {
      for (const event of events) {
        await this.#options.onEvent?.(event);
        const subject = await this.#take(event);
        if (subject !== undefined) touched.add(subject);
      }
      this.#position = Math.max(this.#position, position);
    } finally {
      // Also after a failure: the events handled before it may not come again.
      for (const subject of touched) this.#recall(subject);
    }
    if (caughtUp || this.#position >= (this.#pastEnds ?? 0)) this.#leavePast();
    const { maxAtWork = MAX_AT_WORK } = this.#options;
    while (this.#atWork > maxAtWork && !this.#stop.signal.aborted)
      await new Promise<void>((resolve) => {
        this.#room = resolve;
      });
  }

  async #take(event: RecordedEvent): Promise<string | undefined> {
    const { subjectOf, subjectOfStream, isFirst, initial, evolve } = this.#workflow;
    const subject = subjectOf(event);
    if (subject === undefined) {
      const { stream, type, version, position } = event;
      this.#setStreamAside(subjectOfStream(stream), stream, `${type} version ${version} at position ${position}`);
      return undefined;
    }
    if (this.#setAside.subjects.has(subject)) return undefined;
    // A first event that is delivered again may belong to a subject that ended long ago.
    const isNew = isFirst(event) && event.position > this.#position;
    const before = this.#subjects.get(subject) ?? (isNew ? initial : await this.#load(subject));
    if (this.#setAside.subjects.has(subject)) return undefined;
    this.#set(subject, evolve(before, event));
    return subject;
  }

  /** Reads a subject that is not tracked from the log; it may turn out to be set aside. */
  async #load(subject: string): Promise<State> {
    try {
      return await this.#workflow.load(this.#deps.store, subject);
    } catch (error) {
      if (!(error instanceof NotUnderstood)) throw error;
      this.#setStreamAside(subject, error.stream, error.strangeness);
      return this.#workflow.initial;
    }
  }

  /**
   * Nothing more is done for the subject. It stays among the unfinished, so that a version that understands the event
   * finds it in the checkpoint.
   */
  #setStreamAside(subject: string | undefined, stream: string, why: string): void {
    const { initial } = this.#workflow;
    if (subject !== undefined && !this.#setAside.subjects.has(subject)) {
      this.#setAside.subjects.add(subject);
      this.#subjects.set(subject, this.#subjects.get(subject) ?? initial);
      this.#options.onState?.(subject, undefined);
      for (const attempt of this.#started.get(subject)?.values() ?? []) attempt.timer?.cancel();
      this.#started.delete(subject);
    }
    if (this.#setAside.streams.has(stream)) return;
    this.#setAside.streams.set(stream, why);
    this.#deps.logger.error({ stream, why }, `the ${this.name} does not understand an event; its stream is set aside`);
  }

  #set(subject: string, state: State): void {
    this.#subjects.set(subject, state);
    this.#options.onState?.(subject, state);
  }

  /** During catch-up, steps are deferred: a later event may show that they are done. */
  #recall(subject: string): void {
    const state = this.#subjects.get(subject);
    const isOver =
      state !== undefined && this.#workflow.isFinished(state) && dueSteps(this.#workflow.steps, state).length === 0;
    if (this.#past !== undefined && !isOver) {
      this.#past.add(subject);
      return;
    }
    this.#past?.delete(subject);
    this.#consider(subject);
  }

  #leavePast(): void {
    const past = this.#past ?? [];
    this.#past = undefined;
    for (const subject of past) this.#consider(subject);
  }

  /** Begins steps that are due, drops those that no longer are, and forgets a finished subject. */
  #consider(subject: string): void {
    const state = this.#subjects.get(subject);
    if (state === undefined || this.#stop.signal.aborted || this.#setAside.subjects.has(subject)) return;
    const due = new Map(
      dueSteps(this.#workflow.steps, state).map((one) => [stepName(one.step.kind, one.key), one] as const),
    );
    const started = this.#started.get(subject) ?? new Map<string, Attempt>();
    for (const [name, attempt] of started)
      if (!due.has(name)) {
        attempt.timer?.cancel();
        started.delete(name);
      }
    for (const [name, one] of due) if (!started.has(name)) this.#begin(subject, one.step, one, started, 0);
    if (started.size > 0) {
      this.#started.set(subject, started);
      return;
    }
    this.#started.delete(subject);
    if (!this.#workflow.isFinished(state)) return;
    this.#subjects.forget(subject);
    this.#options.onState?.(subject, undefined);
  }

  #begin(subject: string, step: BoundStep<State>, due: Due, started: Map<string, Attempt>, attempt: number): void {
    const name = stepName(step.kind, due.key);
    const waitMs = Math.max(0, (due.notBeforeMs ?? 0) - this.#deps.clock.now());
    if (waitMs > 0) {
      const again = (): void => this.#begin(subject, step, due, started, attempt);
      started.set(name, { timer: this.#deps.clock.after(Math.min(waitMs, LONGEST_TIMER_MS), again) });
      return;
    }
    if (this.#stop.signal.aborted) return;
    started.set(name, { timer: undefined });
    void this.#inItsPlace(
      due,
      () => started.has(name) && !this.#stop.signal.aborted,
      () => this.#perform(subject, step, due.key),
    )
      .catch((error: unknown) =>
        this.#deps.logger.warn(
          { err: error, subject, step: step.kind, attempt },
          `the ${this.name}: a step failed; it will be run again`,
        ),
      )
      .then(() => this.#runAgainLater(subject, step, due, started, attempt));
  }

  /** Runs it at once, through the lane, or after everything begun before; not at all if nobody wants it by then. */
  #inItsPlace(due: Due, isWanted: () => boolean, perform: () => Promise<void>): Promise<void> {
    const run = async (): Promise<void> => (isWanted() ? this.#counted(perform) : undefined);
    if (this.#options.inTurn === true) {
      const performed = this.#turn.then(run);
      this.#turn = performed.catch(() => {});
      return performed;
    }
    return due.notBeforeMs === undefined ? this.#counted(perform) : this.#lane.run(run);
  }

  async #counted(perform: () => Promise<void>): Promise<void> {
    this.#atWork += 1;
    try {
      await perform();
    } finally {
      this.#atWork -= 1;
      if (this.#atWork <= (this.#options.maxAtWork ?? MAX_AT_WORK)) this.#room?.();
    }
  }

  async #perform(subject: string, step: BoundStep<State>, key: string): Promise<void> {
    const current = (): State => this.#subjects.get(subject) ?? this.#workflow.initial;
    const learnt = await step.run({ key, current });
    const state = this.#subjects.get(subject);
    if (learnt === undefined || state === undefined) return;
    this.#set(subject, { ...state, ...learnt });
    this.#consider(subject);
  }

  /** Usually the step's event arrives through the log before this pause ends; otherwise the step is run again. */
  #runAgainLater(
    subject: string,
    step: BoundStep<State>,
    due: Due,
    started: Map<string, Attempt>,
    attempt: number,
  ): void {
    const name = stepName(step.kind, due.key);
    const isWanted = (): boolean => this.#started.get(subject) === started && started.has(name);
    if (!isWanted()) return;
    const delayMs = retryMs(attempt);
    const again = (): void => {
      const state = this.#subjects.get(subject);
      if (state === undefined || !isWanted()) return;
      // What the step has learnt may put it off.
      const now = step.due(state).find(({ key }) => key === due.key) ?? due;
      this.#begin(subject, step, now, started, attempt + 1);
    };
    started.set(name, { timer: this.#deps.clock.after(delayMs, again) });
  }

  #scheduleSave(): void {
    if (this.#stop.signal.aborted) return;
    this.#saveTimer = this.#deps.clock.after(this.#options.checkpointEveryMs, () => {
      void this.#save().then(() => this.#scheduleSave());
    });
  }

  /** State and position are taken in one turn, so they belong together. If the save fails, the next start reads more. */
  async #save(): Promise<void> {
    const position = this.#position;
    if (this.#subjects.isSaved(position) && !this.#checkpoint.inDoubt) return;
    try {
      await this.#checkpoint.save(this.#subjects.changeUpTo(position), () => this.#subjects.wholeAt(this.#position));
    } catch (error) {
      this.#deps.logger.warn({ err: error }, `the ${this.name} could not save its place`);
    }
  }
}

const retryMs = (attempt: number): number => Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(attempt, 10));
