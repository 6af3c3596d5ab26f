// Where a process manager was: the position it had read to, and what it then knew, saved together.
import type { Position } from './event-store.ts';

export type ProcessCheckpoint<State> = {
  readonly position: Position;
  readonly entries: readonly (readonly [key: string, state: State])[];
};

/** Saving may lag behind: a process that reads on from an older checkpoint repeats steps, and repeating is harmless. */
export interface ProcessCheckpoints<State> {
  load(): Promise<ProcessCheckpoint<State>>;
  /** One transaction: `changed` replaces entries by key, `undefined` removes them. */
  save(position: Position, changed: ReadonlyMap<string, State | undefined>): Promise<void>;
}
