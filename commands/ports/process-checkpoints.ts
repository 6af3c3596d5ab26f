// Where a process manager was: the position it had read to, and which of its subjects were unfinished then.
import type { Position } from './event-store.ts';

/** `unfinished` holds names only: what there is to know of them is in the log. */
export type ProcessCheckpoint = { readonly position: Position; readonly unfinished: readonly string[] };

/** Saving may lag behind: a process that reads on from an older checkpoint repeats steps, and repeating is harmless. */
export interface ProcessCheckpoints {
  load(): Promise<ProcessCheckpoint>;
  /** One transaction: position, names that became unfinished, names that are finished. */
  save(position: Position, begun: readonly string[], finished: readonly string[]): Promise<void>;
}
