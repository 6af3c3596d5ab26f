// A process's checkpoint: the position it had read to, and the subjects that were unfinished then.
import type { Position } from './event-store.ts';

/** `unfinished` has names only: everything else about a subject is in the log. */
export type ProcessCheckpoint = { readonly position: Position; readonly unfinished: readonly string[] };

/** The change since the checkpoint at `since`: names that became unfinished, and names that are finished. */
export type CheckpointChange = {
  readonly since: Position;
  readonly position: Position;
  readonly begun: readonly string[];
  readonly finished: readonly string[];
};

/** Saving may lag behind: from an older checkpoint a process only repeats steps, which is safe. */
export interface ProcessCheckpoints {
  load(): Promise<ProcessCheckpoint>;
  /**
   * One transaction. False, and nothing is written, if the checkpoint is not at `since`: a backup was restored, or the
   * write of a dead process arrived late. Applied to another checkpoint, the change would lose names.
   */
  save(change: CheckpointChange): Promise<boolean>;
  /** Replaces whatever is saved. Safe: an older checkpoint only repeats steps. */
  replace(checkpoint: ProcessCheckpoint): Promise<void>;
}
