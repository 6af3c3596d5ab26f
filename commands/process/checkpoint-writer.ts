// Saves a process's checkpoint: as the change since the last save, or as a whole where it is not known what is stored.
import type { Position } from '../ports/event-store.ts';
import type { CheckpointChange, ProcessCheckpoint, ProcessCheckpoints } from '../ports/process-checkpoints.ts';

export class CheckpointWriter {
  readonly #checkpoints: ProcessCheckpoints;
  #position: Position = 0;
  #inDoubt = false;
  #last: Promise<unknown> = Promise.resolve();

  constructor(checkpoints: ProcessCheckpoints) {
    this.#checkpoints = checkpoints;
  }

  /** Call it before the first `save`. */
  async load(): Promise<ProcessCheckpoint> {
    const checkpoint = await this.#checkpoints.load();
    this.#position = checkpoint.position;
    return checkpoint;
  }

  /** Is it unknown what is stored? Then a save is due even if nothing has changed. */
  get inDoubt(): boolean {
    return this.#inDoubt;
  }

  /**
   * Saves one after another, in the order of the calls. `change` counts from the call before, even if that one failed.
   * After a failure `whole` is saved instead; it is called in the same turn in which its answer is sent.
   */
  save(change: Omit<CheckpointChange, 'since'>, whole: () => ProcessCheckpoint): Promise<void> {
    const saved = this.#last.then(() => this.#save(change, whole));
    this.#last = saved.catch(() => {});
    return saved;
  }

  async #save(change: Omit<CheckpointChange, 'since'>, whole: () => ProcessCheckpoint): Promise<void> {
    const isWhole = this.#inDoubt;
    this.#inDoubt = true;
    if (isWhole || !(await this.#checkpoints.save({ since: this.#position, ...change }))) {
      const checkpoint = whole();
      await this.#checkpoints.replace(checkpoint);
      this.#position = checkpoint.position;
    } else this.#position = change.position;
    this.#inDoubt = false;
  }
}
