// What the runner has to know of a workflow: its subjects, their states, its steps.
import type { EventStore, RecordedEvent } from '../ports/event-store.ts';
import type { BoundStep } from './step.ts';

export type Workflow<State> = {
  /** In log lines, such as `the order process`. */
  readonly name: string;
  /** Of streams whose events make the state. */
  readonly categories: readonly string[];
  /** Whom an event is about; undefined for an event that this version does not understand. */
  readonly subjectOf: (event: RecordedEvent) => string | undefined;
  /** Does the event begin the life of its subject? Then nothing has to be read before. */
  readonly isFirst: (event: RecordedEvent) => boolean;
  readonly initial: State;
  /** An event that was folded before changes nothing, so the log may be read again from before. */
  readonly evolve: (state: State, event: RecordedEvent) => State;
  /** The state as the log has it now. */
  readonly load: (store: EventStore, subject: string) => Promise<State>;
  /** Is a subject in this state forgotten once no step is due? */
  readonly isFinished: (state: State) => boolean;
  readonly steps: readonly BoundStep<State>[];
};
