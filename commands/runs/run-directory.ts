// A cache of runs by train and date, folded from the log.

import type { SeatClass } from '@railhead/domain/kernel/seat-class.ts';
import { type Composition, type Seat, seatsOfClass } from '@railhead/domain/train-run/composition.ts';
import type { TrainRunOpened } from '@railhead/domain/train-run/events.ts';
import type { OpenedRun } from '@railhead/domain/train-run/fold.ts';
import { type RunId, runCategory, runName } from '@railhead/domain/train-run/stream.ts';
import { LRUCache } from 'lru-cache';
import type { EventStore } from '../ports/event-store.ts';
import { load } from '../streams/load.ts';

/** A run as it was put on sale, without later changes. */
export type RunAsOpened = TrainRunOpened['data'];

/** Runs remembered. */
const MAX_REMEMBERED = 20_000;

const MAX_SEAT_LISTS = 1_000;

export class RunDirectory {
  readonly #store: EventStore;
  /** Seats by class of each composition; equal compositions of different runs share them by their text. */
  readonly #seatsByText = new LRUCache<string, readonly Seat[]>({ max: MAX_SEAT_LISTS });
  readonly #seats = new WeakMap<Composition, Map<SeatClass, readonly Seat[]>>();
  /** Promises, so that a thousand buyers of a run that just went on sale read it once. */
  readonly #known = new LRUCache<string, Promise<OpenedRun | undefined>>({ max: MAX_REMEMBERED });

  constructor(store: EventStore) {
    this.#store = store;
  }

  /** The seats of a class in index order. Built once for each composition: the list may have a thousand seats. */
  seatsOf({ composition }: OpenedRun, seatClass: SeatClass): readonly Seat[] {
    const classes = this.#seats.get(composition) ?? new Map<SeatClass, readonly Seat[]>();
    const known = classes.get(seatClass);
    if (known !== undefined) return known;
    const text = JSON.stringify([seatClass, composition]);
    const seats = this.#seatsByText.get(text) ?? seatsOfClass(composition, seatClass);
    this.#seatsByText.set(text, seats);
    this.#seats.set(composition, classes.set(seatClass, seats));
    return seats;
  }

  /** Call it when the run has changed; the next `find` reads it again. */
  forget(train: string, date: string): void {
    this.#known.delete(runName({ train, date }));
  }

  /** Like `find`, but always reads the log. */
  findNow(train: string, date: string): Promise<OpenedRun | undefined> {
    this.forget(train, date);
    return this.find(train, date);
  }

  /** The run if it was opened. It may be out of date until the event of a change arrives and `forget` is called. */
  find(train: string, date: string): Promise<OpenedRun | undefined> {
    const name = runName({ train, date });
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    const reading = this.#read({ train, date });
    this.#known.set(name, reading);
    const forget = (): boolean => this.#known.delete(name);
    // A run may be opened at any time, so a missing run is not remembered; neither is a failure to read.
    reading.then((run) => run ?? forget(), forget);
    return reading;
  }

  async #read(id: RunId): Promise<OpenedRun | undefined> {
    const { state } = await load(this.#store, runCategory, id);
    return state.status === 'absent' ? undefined : state;
  }
}
