// What the runner has to know about a workflow: its subjects, their states, its steps.
import type { EventStore, RecordedEvent } from '../ports/event-store.ts';
import type { BoundStep } from './step.ts';

export type Workflow<State> = {
  /** The name, as `order process` in log lines and in the details of readiness. */
  readonly name: string;
  /** Categories of the streams whose events make the state. */
  readonly categories: readonly string[];
  /** The subject of an event; undefined for an event that this version does not understand. */
  readonly subjectOf: (event: RecordedEvent) => string | undefined;
  /** The subject of a stream, whatever events stand in it; undefined for a stream name of no subject. */
  readonly subjectOfStream: (stream: string) => string | undefined;
  /** Is it the first event of its subject? Then there is nothing earlier to read. */
  readonly isFirst: (event: RecordedEvent) => boolean;
  readonly initial: State;
  /** An event that was folded before changes nothing, so the log may be read again from an earlier position. */
  readonly evolve: (state: State, event: RecordedEvent) => State;
  /** The state as the log has it now. */
  readonly load: (store: EventStore, subject: string) => Promise<State>;
  /** Is a subject in this state forgotten as soon as no step is due? */
  readonly isFinished: (state: State) => boolean;
  readonly steps: readonly BoundStep<State>[];
};
