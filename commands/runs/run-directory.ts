// What is on sale: runs by train and date, as the log opened them.
import { type Composition, type Seat, type SeatClass, seatsOfClass } from '@railhead/domain/train-run/composition.ts';
import type { TrainRunEvent, TrainRunOpened } from '@railhead/domain/train-run/events.ts';
import { absentRun, evolve } from '@railhead/domain/train-run/fold.ts';
import { runStream } from '@railhead/domain/train-run/stream.ts';
import type { EventStore } from '../ports/event-store.ts';

export type OpenRun = TrainRunOpened['data'];

/** Runs remembered; an opened run never changes, so the oldest may go at any time. */
const MAX_REMEMBERED = 20_000;

const MAX_SEAT_LISTS = 1_000;

const keys = new WeakMap<Composition, string>();

/** Equal compositions of different runs have the same key. */
const compositionKey = (composition: Composition): string => {
  const known = keys.get(composition);
  if (known !== undefined) return known;
  const key = JSON.stringify(composition);
  keys.set(composition, key);
  return key;
};

export class RunDirectory {
  readonly #store: EventStore;
  /** Runs of one train share their composition's seats; a list of a thousand seats is worth keeping. */
  readonly #seats = new Map<string, readonly Seat[]>();
  readonly #known = new Map<string, OpenRun>();

  constructor(store: EventStore) {
    this.#store = store;
  }

  /** The seats of a class in index order, made once per composition. */
  seatsOf(run: OpenRun, seatClass: SeatClass): readonly Seat[] {
    const key = `${seatClass}/${compositionKey(run.composition)}`;
    const known = this.#seats.get(key);
    if (known !== undefined) return known;
    const seats = seatsOfClass(run.composition, seatClass);
    if (this.#seats.size >= MAX_SEAT_LISTS) this.#seats.delete(this.#seats.keys().next().value ?? '');
    this.#seats.set(key, seats);
    return seats;
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
