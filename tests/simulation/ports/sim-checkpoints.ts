// Where a process was, on a disk that may be restored from a backup.
import {
  type CheckpointChange,
  NOTHING_READ,
  type ProcessCheckpoint,
  type ProcessCheckpoints,
} from '@railhead/commands/ports/process-checkpoints.ts';
import { changed } from '../../support/memory-checkpoints.ts';
import type { Network } from './network.ts';

const KEPT = 20;
const failed = (): Error => new Error('simulated: the disk did not answer');

/** The disk; it outlives the process. */
export class CheckpointDisk {
  readonly #backups: ProcessCheckpoint[] = [];
  current: ProcessCheckpoint = NOTHING_READ;

  change(change: CheckpointChange): boolean {
    const next = changed(this.current, change);
    if (next !== undefined) this.replace(next);
    return next !== undefined;
  }

  replace(checkpoint: ProcessCheckpoint): void {
    this.#backups.push(this.current);
    if (this.#backups.length > KEPT) this.#backups.shift();
    this.current = checkpoint;
  }

  /** Restores one of the earlier checkpoints; `which` in [0, 1). */
  restore(which: number): void {
    this.current = this.#backups[Math.floor(which * this.#backups.length)] ?? NOTHING_READ;
    this.#backups.length = 0;
  }
}

export const simCheckpoints = (disk: CheckpointDisk, network: Network): ProcessCheckpoints => {
  const write = <Value>(work: () => Value): Promise<Value> =>
    new Promise((resolve, reject) => {
      if (network.strikes('checkpointFails', 'checkpoint')) {
        // It is unknown whether it was written.
        if (network.dice.chance(0.5)) work();
        return network.answer(network.latency(), () => reject(failed()));
      }
      // A message that was sent arrives even if its sender has died.
      network.scheduler.after(network.latency(), () => {
        const value = work();
        network.answer(network.latency(), () => resolve(value));
      });
    });
  return {
    load: () => new Promise((resolve) => network.answer(network.latency(), () => resolve(disk.current))),
    save: (change) => write(() => disk.change(change)),
    replace: (checkpoint) => write(() => disk.replace(checkpoint)),
  };
};
