// Where a process was, on a disk that may be restored from a backup.
import type { Position } from '@railhead/commands/ports/event-store.ts';
import type { ProcessCheckpoint, ProcessCheckpoints } from '@railhead/commands/ports/process-checkpoints.ts';
import type { Network } from './network.ts';

const KEPT = 20;
const failed = (): Error => new Error('simulated: the disk did not answer');

/** The disk: outlives the process. */
export class CheckpointDisk {
  readonly #backups: ProcessCheckpoint[] = [];
  current: ProcessCheckpoint = { position: 0, unfinished: [] };

  write(position: Position, begun: readonly string[], finished: readonly string[]): void {
    this.#backups.push(this.current);
    if (this.#backups.length > KEPT) this.#backups.shift();
    const unfinished = new Set([...this.current.unfinished, ...begun]);
    for (const name of finished) unfinished.delete(name);
    this.current = { position, unfinished: [...unfinished] };
  }

  /** Back to one of the checkpoints before; `which` in [0, 1). */
  restore(which: number): void {
    this.current = this.#backups[Math.floor(which * this.#backups.length)] ?? { position: 0, unfinished: [] };
    this.#backups.length = 0;
  }
}

export const simCheckpoints = (disk: CheckpointDisk, network: Network): ProcessCheckpoints => ({
  load: () => new Promise((resolve) => network.answer(network.latency(), () => resolve(disk.current))),
  save: (position, begun, finished) =>
    new Promise((resolve, reject) => {
      if (network.strikes('checkpointFails', 'checkpoint')) {
        // Whether it was written or not is anybody's guess.
        if (network.dice.chance(0.5)) disk.write(position, begun, finished);
        return network.answer(network.latency(), () => reject(failed()));
      }
      network.scheduler.after(network.latency(), () => {
        disk.write(position, begun, finished);
        network.answer(network.latency(), () => resolve());
      });
    }),
});
