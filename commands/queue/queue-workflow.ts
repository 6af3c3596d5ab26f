// The workflow of queues: opens the waiting room when the sale opens, admits those who wait, ends a queue that nobody needs.
import { admissionRate, stepOf } from '@railhead/domain/run-queue/admission.ts';
import type { QueueClosed } from '@railhead/domain/run-queue/events.ts';
import { inLine, isRoomShut, type RunQueue, waitingOf } from '@railhead/domain/run-queue/fold.ts';
import { runQueueCategory } from '@railhead/domain/run-queue/stream.ts';
import type { OpenedRun } from '@railhead/domain/train-run/fold.ts';
import { parseRunName, type RunId, runName } from '@railhead/domain/train-run/stream.ts';
import { type Clock, timestampOf } from '../ports/clock.ts';
import type { RecordedEvent } from '../ports/event-store.ts';
import type { RunDirectory } from '../runs/run-directory.ts';
import { boardingMs, lastBoardingStop } from '../runs/sale-window.ts';
import { type OpeningTimes, runOpensLaterMs, runOpensMs } from '../sale-openings/opening-times.ts';
import { WARM_BEFORE_MS } from '../sale-openings/warm-openings.ts';
import { ownOrigin } from '../streams/append.ts';
import { NotUnderstood } from '../streams/understood.ts';
import { bind, type Step } from '../workflow/step.ts';
import type { Workflow } from '../workflow/workflow.ts';
import type { QueueLine } from './queue-line.ts';
import type { RunQueues } from './run-queues.ts';

/** Free seats as the allocators of this process know them. */
export type SeatsOfRuns = {
  seatsLeft(train: string, date: string): Promise<number>;
  warm(train: string, date: string): Promise<void>;
};

export type QueueWorkDeps = {
  readonly clock: Clock;
  readonly runs: RunDirectory;
  readonly pool: SeatsOfRuns;
  readonly openings: OpeningTimes;
  readonly queues: RunQueues;
  /** Is there so much asked for the run that its queue is still needed? */
  readonly isHot: (name: string) => boolean;
};

/** What the steps learn of time is in the names of what is due: a step that was put off is due anew. */
export type QueueState = {
  readonly line: QueueLine | undefined;
  readonly revision: number;
  readonly looksMs: number;
  readonly admitsMs: number;
  /** Nobody is admitted before: the sale opens later, although the room was opened. */
  readonly heldMs: number;
  readonly calmMs: number;
  readonly endsMs: number;
  readonly isWarm: boolean;
};

const unread: QueueState = {
  line: undefined,
  revision: -1,
  looksMs: 0,
  admitsMs: 0,
  heldMs: 0,
  calmMs: 0,
  endsMs: 0,
  isWarm: false,
};

type QueueStep = Step<QueueState, QueueWorkDeps>;

/** An opening that was changed meanwhile is noticed so soon, and a run that was cancelled while nobody waited. */
const LOOKS_EVERY_MS = 5_000;
/** No step is shorter, whatever the rate. */
const SHORTEST_STEP_MS = 500;
/** Who admits nobody at this rate asks again. */
const ASKS_AGAIN_MS = 1_000;
/** A queue that came by itself goes when nobody has waited for so long. */
const CALM_MS = 60_000;

const due = (key: string, atMs: number) => [{ key: `${key}@${atMs}`, ...(atMs === 0 ? {} : { notBeforeMs: atMs }) }];
const queueOf = ({ line }: QueueState): Readonly<RunQueue> | undefined =>
  line === undefined || line.queue.closed !== undefined ? undefined : line.queue;

const lineOf = ({ line }: QueueState): QueueLine => {
  if (line === undefined) throw new Error('a step of a queue that was never read');
  return line;
};

const done = (written: { readonly ok: boolean; readonly refusal?: { readonly detail: string } }): void => {
  if (!written.ok) throw new Error(written.refusal?.detail);
};

const openRoom: QueueStep = {
  kind: 'openRoom',
  due: (state) => {
    const queue = queueOf(state);
    return queue !== undefined && isRoomShut(queue) ? due('look', state.looksMs) : [];
  },
  run: async ({ current, deps: { clock, runs, openings, pool } }) => {
    const state = current();
    const line = lineOf(state);
    const { train, date } = line.run;
    const run = await runs.find(train, date);
    const opensMs = run === undefined ? undefined : runOpensMs(openings, run);
    line.opensMs = opensMs;
    if (opensMs === undefined || opensMs <= clock.now()) {
      done(await line.openRoom());
      return undefined;
    }
    const isNear = opensMs - clock.now() <= WARM_BEFORE_MS;
    if (isNear && !state.isWarm) await pool.warm(train, date);
    return { isWarm: isNear, looksMs: Math.min(opensMs, clock.now() + LOOKS_EVERY_MS) };
  },
};

/** Why nobody waits for this run any more. */
export const endOf = (run: OpenedRun | undefined, nowMs: number): QueueClosed['data']['reason'] | undefined => {
  if (run?.status === 'cancelled') return 'RUN_CANCELLED';
  return run === undefined || boardingMs(run, lastBoardingStop(run)) <= nowMs ? 'SALE_CLOSED' : undefined;
};

const close = async (line: QueueLine, reason: QueueClosed['data']['reason']): Promise<void> =>
  done(await line.write(ownOrigin(`end/${line.name}`, line.name), () => ({ type: 'Close', reason })));

type Admitting = Pick<QueueWorkDeps, 'clock' | 'pool' | 'runs' | 'openings'>;

/** What came of it: the seats that are left, that the sale opens later, or that nobody waits any more. */
type Admitted = { readonly seatsLeft: number } | { readonly opensMs: number } | 'closed';

/** Admits whom the rate allows now, if the run is sold now: it may have been cancelled, or put off after the room was opened. */
export const admitNow = async ({ clock, pool, runs, openings }: Admitting, line: QueueLine): Promise<Admitted> => {
  const { name, rules } = line;
  const { train, date } = line.run;
  const run = await runs.find(train, date);
  const reason = endOf(run, clock.now());
  if (run === undefined || reason !== undefined) {
    await close(line, reason ?? 'SALE_CLOSED');
    return 'closed';
  }
  const opensMs = runOpensLaterMs(clock, openings, run);
  line.opensMs = opensMs;
  if (opensMs !== undefined) return { opensMs };
  const seatsLeft = await pool.seatsLeft(train, date);
  line.seatsLeft = seatsLeft;
  done(
    await line.write(ownOrigin(`admit/${name}`, name), () => ({
      type: 'Admit',
      nowMs: clock.now(),
      at: timestampOf(clock),
      seatsLeft,
      rules,
    })),
  );
  return { seatsLeft };
};

const admit: QueueStep = {
  kind: 'admit',
  due: (state) => {
    const queue = queueOf(state);
    if (queue?.mode !== 'QUEUED' || inLine(queue) <= queue.admitted) return [];
    const isFirst = queue.admitted < (state.line?.rules.first ?? 0);
    return isFirst ? due(`first/${queue.admitted}`, state.heldMs) : due('admit', state.admitsMs);
  },
  run: async ({ current, deps }) => {
    const line = lineOf(current());
    const admitted = await admitNow(deps, line);
    if (admitted === 'closed') return undefined;
    const nowMs = deps.clock.now();
    if ('opensMs' in admitted) {
      const heldMs = Math.min(admitted.opensMs, nowMs + ASKS_AGAIN_MS);
      return { heldMs, admitsMs: heldMs };
    }
    const step = stepOf(admissionRate(line.rules, line.queue, admitted.seatsLeft));
    if (step === undefined) return { admitsMs: nowMs + ASKS_AGAIN_MS };
    const lastMs = line.queue.admissions.at(-1)?.atMs ?? nowMs;
    // Rates change meanwhile: nobody waits longer than a second before they are asked for again.
    const nextMs = Math.min(Math.ceil(lastMs + step.everyMs), nowMs + ASKS_AGAIN_MS);
    return { admitsMs: nextMs > nowMs ? nextMs : nowMs + 1 };
  },
};

const calm: QueueStep = {
  kind: 'calm',
  due: (state) => {
    const queue = queueOf(state);
    const isOwn = queue?.mode === 'QUEUED' && queue.cause !== 'operator';
    if (!isOwn || waitingOf(queue) > 0 || isRoomShut(queue)) return [];
    return due(`calm/${queue.users.length}`, state.calmMs);
  },
  run: async ({ current, deps: { clock, isHot, runs, openings } }) => {
    const state = current();
    const line = lineOf(state);
    const lastMs = line.queue.admissions.at(-1)?.atMs ?? 0;
    // Without a rest of its own a queue that was just turned on would be turned off again.
    const restsMs = state.calmMs === 0 ? clock.now() + CALM_MS : Math.min(lastMs + CALM_MS, clock.now() + CALM_MS);
    if (restsMs > clock.now()) return { calmMs: restsMs };
    if (isHot(line.name)) return { calmMs: clock.now() + ASKS_AGAIN_MS };
    const run = await runs.find(line.run.train, line.run.date);
    if (run !== undefined && runOpensLaterMs(clock, openings, run) !== undefined)
      return { calmMs: clock.now() + LOOKS_EVERY_MS };
    done(await line.write(ownOrigin(`calm/${line.name}`, line.name), () => ({ type: 'TurnOff' })));
    return undefined;
  },
};

const end: QueueStep = {
  kind: 'end',
  due: (state) => {
    const queue = queueOf(state);
    return queue === undefined || isIdle(queue) ? [] : due('end', state.endsMs);
  },
  run: async ({ current, deps: { clock, runs } }) => {
    const line = lineOf(current());
    const reason = endOf(await runs.find(line.run.train, line.run.date), clock.now());
    if (reason === undefined) return { endsMs: clock.now() + LOOKS_EVERY_MS };
    await close(line, reason);
    return undefined;
  },
};

/** Everybody may order, and nobody waits for the sale to open. */
const isIdle = (queue: Readonly<RunQueue>): boolean => queue.mode === 'OPEN' && !isRoomShut(queue);

/** Throws for a name that is not a run's; names come from streams and checkpoints that Railhead wrote. */
const runOf = (name: string): RunId => {
  const run = parseRunName(name);
  if (run === undefined) throw new Error(`${name} names no run`);
  return run;
};

export const queueWorkflow = (deps: QueueWorkDeps): Workflow<QueueState> => ({
  name: 'queue process',
  categories: [runQueueCategory.name],
  subjectOf: (event) => (runQueueCategory.owns(event) ? runName(runQueueCategory.idOf(event.stream)) : undefined),
  subjectOfStream: (stream) => {
    const name = stream.slice(`${runQueueCategory.name}-`.length);
    return parseRunName(name) === undefined ? undefined : name;
  },
  // What comes of a queue that is not at work may be its first event or its thousandth: the line knows.
  isFirst: () => false,
  initial: unread,
  evolve: (state: QueueState, event: RecordedEvent) => {
    const { line } = state;
    if (line === undefined) throw new NotUnderstood(event);
    line.apply(event);
    const isAdmission = runQueueCategory.owns(event) && event.type === 'QueueAdmitted';
    // Also after a clock was set back: what was to be done at an instant that is far off now is thought of again.
    const admitsMs = isAdmission ? Date.parse(event.data.at) + SHORTEST_STEP_MS : state.admitsMs;
    return { ...state, admitsMs, revision: line.revision };
  },
  load: async (_, name) => {
    const line = await deps.queues.line(runOf(name));
    await line.refresh();
    return { ...unread, line, revision: line.revision };
  },
  isFinished: (state) => {
    const queue = queueOf(state);
    return queue === undefined || isIdle(queue);
  },
  steps: bind([openRoom, admit, calm, end], deps),
});
