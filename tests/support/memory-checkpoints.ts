import type {
  CheckpointChange,
  ProcessCheckpoint,
  ProcessCheckpoints,
} from '@railhead/commands/ports/process-checkpoints.ts';

export class MemoryCheckpoints implements ProcessCheckpoints {
  current: ProcessCheckpoint;

  constructor(current: ProcessCheckpoint = { position: 0, unfinished: [] }) {
    this.current = current;
  }

  async load(): Promise<ProcessCheckpoint> {
    return this.current;
  }

  async save({ since, position, begun, finished }: CheckpointChange): Promise<boolean> {
    if (this.current.position !== since) return false;
    const unfinished = new Set([...this.current.unfinished, ...begun]);
    for (const name of finished) unfinished.delete(name);
    this.current = { position, unfinished: [...unfinished] };
    return true;
  }

  async replace(checkpoint: ProcessCheckpoint): Promise<void> {
    this.current = checkpoint;
  }
}
