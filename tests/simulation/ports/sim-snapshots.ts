// Snapshots on an unreliable disk: they may not be saved, be old, or be gone.
import type { Snapshots } from '@railhead/commands/ports/snapshots.ts';
import type { Network } from './network.ts';

const failed = (): Error => new Error('simulated: the disk did not answer');

export class SnapshotDisk {
  readonly #saved = new Map<string, readonly string[]>();

  newest(name: string): string | undefined {
    return this.#saved.get(name)?.at(-1);
  }

  write(name: string, text: string): void {
    this.#saved.set(name, [...(this.#saved.get(name) ?? []), text].slice(-KEPT));
  }

  /** Restores one of the earlier snapshots; `which` in [0, 1). */
  restore(which: number): void {
    for (const [name, texts] of this.#saved) this.#saved.set(name, texts.slice(0, Math.floor(which * texts.length)));
  }

  loseAll(): void {
    this.#saved.clear();
  }
}

const KEPT = 10;

export const simSnapshots = (disk: SnapshotDisk, network: Network): Snapshots => ({
  load: (name) => new Promise((resolve) => network.answer(network.latency(), () => resolve(disk.newest(name)))),
  save: (name, text) =>
    new Promise((resolve, reject) => {
      const struck = network.strikes('snapshotFails', name);
      network.scheduler.after(network.latency(), () => {
        if (!struck) disk.write(name, text);
        network.answer(network.latency(), () => (struck ? reject(failed()) : resolve()));
      });
    }),
});
