import type { EventStore } from '@railhead/commands/ports/event-store.ts';
import {
  type CheckpointChange,
  NOTHING_READ,
  type ProcessCheckpoint,
  type ProcessCheckpoints,
} from '@railhead/commands/ports/process-checkpoints.ts';

/** The checkpoint after a change; undefined if the change belongs to another checkpoint. */
export const changed = (
  current: ProcessCheckpoint,
  { since, position, fingerprint, begun, finished }: CheckpointChange,
): ProcessCheckpoint | undefined => {
  if (current.position !== since) return undefined;
  const unfinished = new Set([...current.unfinished, ...begun]);
  for (const name of finished) unfinished.delete(name);
  return { position, fingerprint, unfinished: [...unfinished] };
};

/** Of a process that had read so far in this log. */
export const checkpointIn = async (
  log: Pick<EventStore, 'fingerprintAt'>,
  position: number,
  ...unfinished: readonly string[]
): Promise<ProcessCheckpoint> => ({ position, fingerprint: (await log.fingerprintAt(position)) ?? '', unfinished });

export class MemoryCheckpoints implements ProcessCheckpoints {
  current: ProcessCheckpoint;

  constructor(current: ProcessCheckpoint = NOTHING_READ) {
    this.current = current;
  }

  async load(): Promise<ProcessCheckpoint> {
    return this.current;
  }

  async save(change: CheckpointChange): Promise<boolean> {
    const next = changed(this.current, change);
    if (next !== undefined) this.current = next;
    return next !== undefined;
  }

  async replace(checkpoint: ProcessCheckpoint): Promise<void> {
    this.current = checkpoint;
  }
}
