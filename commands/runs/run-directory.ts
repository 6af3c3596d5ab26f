// What is on sale: runs by train and date, as the log opened them.
import type { TrainRunEvent, TrainRunOpened } from '@railhead/domain/train-run/events.ts';
import { absentRun, evolve } from '@railhead/domain/train-run/fold.ts';
import { runStream } from '@railhead/domain/train-run/stream.ts';
import type { EventStore } from '../ports/event-store.ts';

export type OpenRun = TrainRunOpened['data'];

/** Runs remembered; an opened run never changes, so the oldest may go at any time. */
const MAX_REMEMBERED = 20_000;

export class RunDirectory {
  readonly #store: EventStore;
  readonly #known = new Map<string, OpenRun>();

  constructor(store: EventStore) {
    this.#store = store;
  }

  /** The run if it is open. */
  async find(train: string, date: string): Promise<OpenRun | undefined> {
    const name = runStream(train, date);
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    let run = absentRun;
    // The stream holds nothing but run events; the name is ours alone.
    for (const event of await this.#store.readStream(name)) run = evolve(run, event as unknown as TrainRunEvent);
    if (run.status === 'absent') return undefined;
    const { status: _, ...facts } = run;
    if (this.#known.size >= MAX_REMEMBERED) this.#known.delete(this.#known.keys().next().value ?? '');
    this.#known.set(name, facts);
    return facts;
  }
}
