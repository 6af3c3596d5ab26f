// The workflow of runs: settles the cancellation of a run, and assigns late seats before the train leaves.
import { decide, type RunCommand } from '@railhead/domain/train-run/decide.ts';
import type { TrainRunEvent, TrainRunOpened } from '@railhead/domain/train-run/events.ts';
import type { OpenedRun } from '@railhead/domain/train-run/fold.ts';
import { parseRunName, type RunId, runCategory, runName } from '@railhead/domain/train-run/stream.ts';
import type { EventStore, RecordedEvent } from '../ports/event-store.ts';
import { ownOrigin } from '../streams/append.ts';
import { transact } from '../streams/transact.ts';
import { NotUnderstood } from '../streams/understood.ts';
import { zoneNamed } from '../time/zone.ts';
import { bind, type Step } from '../workflow/step.ts';
import type { Workflow } from '../workflow/workflow.ts';
import { closeOrdersOfCancelled, type RunWorkDeps, seatOrders } from './run-work.ts';

/** Only what the steps need: tens of thousands of runs are tracked. `revision` is that of the last event folded. */
export type RunState = {
  readonly revision: number;
  readonly name: string;
  readonly isCancelled: boolean;
  readonly isSettled: boolean;
  /** Does the run have classes with late assignment? */
  readonly isLate: boolean;
  readonly isAssigned: boolean;
  /** When the train leaves its first stop, ms since the epoch. */
  readonly departsMs: number;
};

const unopened: RunState = {
  revision: -1,
  name: '',
  isCancelled: false,
  isSettled: false,
  isLate: false,
  isAssigned: false,
  departsMs: 0,
};

const opened = ({ lateAssignment = [], zone, date, stops }: TrainRunOpened['data']): Partial<RunState> => ({
  isLate: lateAssignment.length > 0,
  departsMs: zoneNamed(zone).instantMs(date, stops[0]?.departs ?? 0),
});

const changeOf = (event: TrainRunEvent): Partial<RunState> => {
  switch (event.type) {
    case 'TrainRunOpened':
      return opened(event.data);
    case 'TrainRunCancelled':
      return { isCancelled: true };
    case 'TrainRunCancellationSettled':
      return { isSettled: true };
    case 'TrainRunSeatsAssigned':
      return { isAssigned: true };
    case 'CoachesAdded':
    case 'CompositionChanged':
      return {};
  }
};

const evolve = (state: RunState, event: RecordedEvent): RunState => {
  if (!runCategory.owns(event)) throw new NotUnderstood(event);
  if (event.revision <= state.revision) return state;
  return { ...state, ...changeOf(event), name: runName(runCategory.idOf(event.stream)), revision: event.revision };
};

/** Throws for a name that is not a run's; names come from streams and checkpoints that Railhead wrote. */
const runOf = (name: string): RunId => {
  const run = parseRunName(name);
  if (run === undefined) throw new Error(`${name} names no run`);
  return run;
};

const load = async (store: EventStore, name: string): Promise<RunState> => {
  let state = unopened;
  for (const event of await store.readStream(runCategory.stream(runOf(name)))) state = evolve(state, event);
  return state;
};

const change = async (
  deps: RunWorkDeps,
  run: OpenedRun,
  command: Exclude<RunCommand, { readonly type: 'OpenRun' }>,
): Promise<undefined> => {
  const changed = await transact(deps, runCategory, run, ownOrigin(command.id), (now) => decide(now, command));
  if (!changed.ok) throw new Error(`${changed.refusal.code}: ${changed.refusal.detail}`);
  return undefined;
};

const settleCancellation: Step<RunState, RunWorkDeps> = {
  kind: 'settleCancellation',
  due: ({ isCancelled, isSettled }) => (isCancelled && !isSettled ? [{ key: '' }] : []),
  run: async ({ deps, current }) => {
    const { name } = current();
    const { train, date } = runOf(name);
    const run = await deps.runs.findNow(train, date);
    if (run === undefined) return undefined;
    const orders = await closeOrdersOfCancelled(deps, run, `${train} on ${date} is cancelled`);
    return change(deps, run, { id: `settle-${name}`, type: 'SettleCancellation', orders });
  },
};

const MINUTE_MS = 60_000;

/** Due `assignMinutes` before the train leaves its first stop. */
const assignLateSeats = (assignMinutes: number): Step<RunState, RunWorkDeps> => ({
  kind: 'assignLateSeats',
  due: ({ isLate, isAssigned, isCancelled, departsMs }) =>
    isLate && !isAssigned && !isCancelled ? [{ key: '', notBeforeMs: departsMs - assignMinutes * MINUTE_MS }] : [],
  run: async ({ deps, current }) => {
    const { name } = current();
    const { train, date } = runOf(name);
    const run = await deps.runs.findNow(train, date);
    if (run === undefined || run.status === 'cancelled') return undefined;
    const orders = await seatOrders(deps, run);
    return change(deps, run, { id: `assign-${name}`, type: 'FinishAssignment', orders });
  },
});

export const runWorkflow = (deps: RunWorkDeps, assignMinutes: number): Workflow<RunState> => ({
  name: 'run process',
  categories: [runCategory.name],
  subjectOf: (event) => (runCategory.owns(event) ? runName(runCategory.idOf(event.stream)) : undefined),
  subjectOfStream: (stream) => {
    const run = parseRunName(stream.slice(runCategory.name.length + 1));
    return run === undefined ? undefined : runName(run);
  },
  isFirst: ({ type }) => type === 'TrainRunOpened',
  initial: unopened,
  evolve,
  load,
  isFinished: () => true,
  steps: bind([settleCancellation, assignLateSeats(assignMinutes)], deps),
});
