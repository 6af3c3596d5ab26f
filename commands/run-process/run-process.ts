// The run process: settles cancelled runs, assigns late seats, and passes every change of a run to this process's
// memory.
import { runCategory } from '@railhead/domain/train-run/stream.ts';
import type { RecordedEvent } from '../ports/event-store.ts';
import { type RunnerDeps, WorkflowRunner } from '../workflow/workflow-runner.ts';
import type { RunWorkDeps } from './run-work.ts';
import { type RunState, runWorkflow } from './run-workflow.ts';

export type RunProcessDeps = RunWorkDeps &
  RunnerDeps & {
    /** Late assignment takes place so long before the train leaves its first stop. */
    readonly assignMinutes: number;
  };

const CHECKPOINT_EVERY_MS = 1_000;

export class RunProcess extends WorkflowRunner<RunState> {
  readonly #deps: RunProcessDeps;

  constructor(deps: RunProcessDeps) {
    super(runWorkflow(deps, deps.assignMinutes), deps, {
      checkpointEveryMs: CHECKPOINT_EVERY_MS,
      inTurn: true,
      onEvent: (event) => this.#hear(event),
    });
    this.#deps = deps;
  }

  /** Memory of the run is dropped, so it is read again; the seats of added coaches are sold from the next batch on. */
  async #hear(event: RecordedEvent): Promise<void> {
    if (!runCategory.owns(event) || event.type === 'TrainRunOpened') return;
    const { train, date } = runCategory.idOf(event.stream);
    this.#deps.runs.forget(train, date);
    if (event.type === 'CoachesAdded') await this.#deps.pool.extend(train, date);
  }
}
