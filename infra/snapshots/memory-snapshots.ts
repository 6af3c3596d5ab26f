// Snapshots in memory, for as long as the process lives.
import type { Snapshots } from '@railhead/commands/ports/snapshots.ts';

export class MemorySnapshots implements Snapshots {
  readonly #texts = new Map<string, string>();

  async load(name: string): Promise<string | undefined> {
    return this.#texts.get(name);
  }

  async save(name: string, text: string): Promise<void> {
    this.#texts.set(name, text);
  }
}
