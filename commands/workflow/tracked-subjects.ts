// The unfinished subjects of a workflow, and those of them that have changed since the last checkpoint.
import type { Position } from '../ports/event-store.ts';
import type { CheckpointChange, ProcessCheckpoint } from '../ports/process-checkpoints.ts';

export class TrackedSubjects<State> {
  readonly #states = new Map<string, State>();
  /** Subjects that changed since the last checkpoint. */
  readonly #unsaved = new Set<string>();
  /** Subjects that are unfinished in the last checkpoint. */
  #saved = new Set<string>();
  #savedPosition: Position = 0;

  get size(): number {
    return this.#states.size;
  }

  names(): readonly string[] {
    return [...this.#states.keys()];
  }

  get(subject: string): State | undefined {
    return this.#states.get(subject);
  }

  set(subject: string, state: State): void {
    this.#states.set(subject, state);
    this.#unsaved.add(subject);
  }

  forget(subject: string): void {
    this.#states.delete(subject);
    this.#unsaved.add(subject);
  }

  /** What is tracked now stands in the checkpoint at this position. */
  restored({ position, unfinished }: Omit<ProcessCheckpoint, 'fingerprint'>): void {
    this.#savedPosition = position;
    this.#saved = new Set(unfinished);
    this.#unsaved.clear();
  }

  isSaved(position: Position): boolean {
    return position === this.#savedPosition && this.#unsaved.size === 0;
  }

  /** Since the call before; a subject that came and went in between is never written. */
  changeUpTo(position: Position): Omit<CheckpointChange, 'since' | 'fingerprint'> {
    const touched = [...this.#unsaved];
    const begun = touched.filter((subject) => this.#states.has(subject));
    const finished = touched.filter((subject) => !this.#states.has(subject) && this.#saved.delete(subject));
    for (const subject of begun) this.#saved.add(subject);
    this.#unsaved.clear();
    this.#savedPosition = position;
    return { position, begun, finished };
  }

  wholeAt(position: Position): Omit<ProcessCheckpoint, 'fingerprint'> {
    const unfinished = this.names();
    this.restored({ position, unfinished });
    return { position, unfinished };
  }
}
