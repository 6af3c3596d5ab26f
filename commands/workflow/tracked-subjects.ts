// The unfinished subjects of a workflow, and those of them that have changed since the last checkpoint.
import type { Position } from '../ports/event-store.ts';
import type { CheckpointChange, ProcessCheckpoint } from '../ports/process-checkpoints.ts';

export class TrackedSubjects<State> {
  readonly #states = new Map<string, State>();
  /** Unfinished by the checkpoint that was loaded; their states have not been read yet. */
  readonly #unread = new Set<string>();
  /** Subjects that changed since the last checkpoint. */
  readonly #unsaved = new Set<string>();
  /** Subjects that are unfinished in the last checkpoint. */
  #saved = new Set<string>();
  #savedPosition: Position = 0;

  get size(): number {
    return this.#states.size + this.#unread.size;
  }

  /** Subjects whose states have not been read yet. */
  get unread(): ReadonlySet<string> {
    return this.#unread;
  }

  /** Some of them. */
  someUnread(most: number): readonly string[] {
    const some: string[] = [];
    for (const subject of this.#unread) {
      if (some.length >= most) break;
      some.push(subject);
    }
    return some;
  }

  get(subject: string): State | undefined {
    return this.#states.get(subject);
  }

  set(subject: string, state: State): void {
    this.#states.set(subject, state);
    this.#unread.delete(subject);
    this.#unsaved.add(subject);
  }

  /** As if it had been set to the state that the checkpoint knew of: there is nothing to save. */
  setRead(subject: string, state: State): void {
    this.#states.set(subject, state);
    this.#unread.delete(subject);
  }

  forget(subject: string): void {
    this.#states.delete(subject);
    this.#unread.delete(subject);
    this.#unsaved.add(subject);
  }

  /** Begins with what a checkpoint says. */
  restore({ position, unfinished }: Omit<ProcessCheckpoint, 'fingerprint'>): void {
    for (const subject of unfinished) this.#unread.add(subject);
    this.#isSavedAs(position, unfinished);
  }

  #isSavedAs(position: Position, unfinished: readonly string[]): void {
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
    const unfinished = [...this.#states.keys(), ...this.#unread];
    this.#isSavedAs(position, unfinished);
    return { position, unfinished };
  }
}
