// The run process: settles cancelled runs, assigns late seats, and passes every change of a run to this process's
// memory.
import { runCategory } from '@railhead/domain/train-run/stream.ts';
import type { Position, RecordedEvent } from '../ports/event-store.ts';
import type { StreamsSetAside } from '../streams/understood.ts';
import { type RunnerDeps, WorkflowRunner } from '../workflow/workflow-runner.ts';
import type { RunWorkDeps } from './run-work.ts';
import { type RunState, runWorkflow } from './run-workflow.ts';

export type RunProcessDeps = RunWorkDeps &
  RunnerDeps & {
    /** Late assignment takes place so long before the train leaves its first stop. */
    readonly assignMinutes: number;
  };

const CHECKPOINT_EVERY_MS = 1_000;

export class RunProcess {
  readonly #deps: RunProcessDeps;
  readonly #runner: WorkflowRunner<RunState>;

  constructor(deps: RunProcessDeps) {
    this.#deps = deps;
    this.#runner = new WorkflowRunner(runWorkflow(deps, deps.assignMinutes), deps, {
      checkpointEveryMs: CHECKPOINT_EVERY_MS,
      inTurn: true,
      onEvent: (event) => this.#hear(event),
    });
  }

  /** Runs that wait for late assignment, or for their cancellation to be settled. */
  get unfinished(): number {
    return this.#runner.unfinished;
  }

  get position(): Position {
    return this.#runner.position;
  }

  readonly name = 'run process';

  get isCaughtUp(): boolean {
    return this.#runner.isCaughtUp;
  }

  get lost(): string | undefined {
    return this.#runner.lost;
  }

  get setAside(): StreamsSetAside {
    return this.#runner.setAside;
  }

  start(): Promise<void> {
    return this.#runner.start();
  }

  stop(): Promise<void> {
    return this.#runner.stop();
  }

  /** Memory of the run is dropped, so it is read again; the seats of added coaches are sold from the next batch on. */
  async #hear(event: RecordedEvent): Promise<void> {
    if (!runCategory.owns(event) || event.type === 'TrainRunOpened') return;
    const { train, date } = runCategory.idOf(event.stream);
    this.#deps.runs.forget(train, date);
    if (event.type === 'CoachesAdded') await this.#deps.pool.extend(train, date);
  }
}
