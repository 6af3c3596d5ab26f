// Where a process is: loaded once, then saved as what has changed since, or as the whole where nobody
// knows what stands there. A checkpoint of another history of the log is not believed.
import { bearsOut, type EventStore, type Position } from '../ports/event-store.ts';
import {
  type CheckpointChange,
  NOTHING_READ,
  type ProcessCheckpoint,
  type ProcessCheckpoints,
} from '../ports/process-checkpoints.ts';

type Log = Pick<EventStore, 'fingerprintAt'>;
type Change = Omit<CheckpointChange, 'since' | 'fingerprint'>;
type Whole = Omit<ProcessCheckpoint, 'fingerprint'>;

export class CheckpointWriter {
  readonly #checkpoints: ProcessCheckpoints;
  readonly #log: Log;
  #position: Position = 0;
  #inDoubt = false;
  #last: Promise<unknown> = Promise.resolve();

  constructor(checkpoints: ProcessCheckpoints, log: Log) {
    this.#checkpoints = checkpoints;
    this.#log = log;
  }

  /** Before anything is saved. `dropped`: what was stored is of another history, and the process begins at nothing. */
  async load(): Promise<{ readonly checkpoint: ProcessCheckpoint; readonly dropped: boolean }> {
    const stored = await this.#checkpoints.load();
    const dropped = !(await bearsOut(this.#log, stored));
    const checkpoint = dropped ? NOTHING_READ : stored;
    this.#inDoubt = dropped;
    this.#position = checkpoint.position;
    return { checkpoint, dropped };
  }

  /** Is it unknown what is stored? Then a save is due even if nothing has changed. */
  get inDoubt(): boolean {
    return this.#inDoubt;
  }

  /**
   * Saves one after another, in the order of the calls. `change` counts from the call before, even if that one failed.
   * After a failure `whole` is saved instead; it is called in the same turn in which its answer is sent.
   */
  save(change: Change, whole: () => Whole): Promise<void> {
    const saved = this.#last.then(() => this.#save(change, whole));
    this.#last = saved.catch(() => {});
    return saved;
  }

  async #save(change: Change, whole: () => Whole): Promise<void> {
    const isWhole = this.#inDoubt;
    this.#inDoubt = true;
    if (isWhole || !(await this.#saveChange(change))) {
      const checkpoint = whole();
      await this.#checkpoints.replace({ ...checkpoint, fingerprint: await this.#fingerprintAt(checkpoint.position) });
      this.#position = checkpoint.position;
    } else this.#position = change.position;
    this.#inDoubt = false;
  }

  async #saveChange(change: Change): Promise<boolean> {
    const fingerprint = await this.#fingerprintAt(change.position);
    return this.#checkpoints.save({ since: this.#position, ...change, fingerprint });
  }

  async #fingerprintAt(position: Position): Promise<string> {
    return position === 0 ? '' : ((await this.#log.fingerprintAt(position)) ?? '');
  }
}
