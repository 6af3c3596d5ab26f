// Where a process is: loaded once, then saved as what has changed since, or as the whole where nobody
// knows what stands there.
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

  /** Before anything is saved. */
  async load(): Promise<ProcessCheckpoint> {
    const checkpoint = await this.#checkpoints.load();
    this.#position = checkpoint.position;
    return checkpoint;
  }

  /** Is something to be saved though nothing has changed? */
  get inDoubt(): boolean {
    return this.#inDoubt;
  }

  /**
   * One after another, in the order of the calls. `change` counts from the call before, also from one that failed; then
   * `whole` is asked for everything instead, in the turn in which it is sent.
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
