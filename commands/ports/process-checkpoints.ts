// Where a process manager was: the position it had read to, and which of its subjects were unfinished then.
import type { Position } from './event-store.ts';

/** `unfinished` holds names only: what there is to know of them is in the log. */
export type ProcessCheckpoint = { readonly position: Position; readonly unfinished: readonly string[] };

/** What became of a checkpoint at `since`: names that became unfinished, names that are finished. */
export type CheckpointChange = {
  readonly since: Position;
  readonly position: Position;
  readonly begun: readonly string[];
  readonly finished: readonly string[];
};

/** Saving may lag behind: a process that reads on from an older checkpoint repeats steps, and repeating is harmless. */
export interface ProcessCheckpoints {
  load(): Promise<ProcessCheckpoint>;
  /**
   * One transaction. False, and nothing is written, if the checkpoint does not stand at `since`: a backup was put back,
   * or what a dead process sent arrived late. On another ground the change would leave names out.
   */
  save(change: CheckpointChange): Promise<boolean>;
  /** The whole, whatever stands there. What was true once stays true, so it does no harm to anybody. */
  replace(checkpoint: ProcessCheckpoint): Promise<void>;
}
