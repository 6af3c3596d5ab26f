// A process's checkpoint: the position it had read to, and the subjects that were unfinished then.
import type { Position } from './event-store.ts';

/** `unfinished` holds names only: what there is to know of them is in the log. */
export type ProcessCheckpoint = {
  readonly position: Position;
  /** Of the event at `position`, as `EventStore.fingerprintAt` gives it; empty where the log had none to give. */
  readonly fingerprint: string;
  readonly unfinished: readonly string[];
};

/** Of a process that has read nothing. */
export const NOTHING_READ: ProcessCheckpoint = { position: 0, fingerprint: '', unfinished: [] };

/** The change since the checkpoint at `since`: names that became unfinished, and names that are finished. */
export type CheckpointChange = {
  readonly since: Position;
  readonly position: Position;
  readonly fingerprint: string;
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
