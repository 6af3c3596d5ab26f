// Free seats of every run in a store that processes have together. Whoever feeds it keeps what was changed last in memory;
// whoever is asked reads all classes of a question, and their runs, in one step.
import type { RecordedEvent } from '@railhead/commands/ports/event-store.ts';
import { type ClassId, className, runName } from '@railhead/domain/train-run/stream.ts';
import type { OpenModel } from '../engine/read-model.ts';
import { type OwnLog, SharedStates, type StateHandler } from '../engine/shared-states.ts';
import type { StateStore } from '../engine/state-store.ts';
import { AVAILABILITY } from './availability-model.ts';
import type { ClassState } from './class-state.ts';
import { stockRows } from './comparable-stock.ts';
import { locksOf, SharedStockStates } from './shared-stock-states.ts';
import { type AvailabilityQueries, ShownClass } from './shown-stock.ts';
import { CATEGORIES, namesIn, StockFold } from './stock-fold.ts';
import { isRunName } from './stock-states.ts';
import {
  classFromBytes,
  classToBytes,
  locksFromBytes,
  locksToBytes,
  runFromBytes,
  runToBytes,
} from './stored-stock.ts';

/** Raise it with every change of the bytes that are stored, or of what is folded into them. */
export const SHARED_AVAILABILITY_VERSION = 3;

/** So many runs and classes stay in the memory of whoever feeds the model. */
const REMEMBERED = 5_000;

class StockHandler implements StateHandler {
  readonly #changed = new Set<string>();
  /** The names of what is remembered, those needed last at the end, also of what is not stored. */
  readonly #remembered = new Set<string>();
  readonly #most: number;
  #fold: StockFold;

  constructor(most: number) {
    this.#most = most;
    this.#fold = this.#newFold();
  }

  readonly namesOf = (events: readonly RecordedEvent[]): ReadonlySet<string> => {
    const names = new Set<string>();
    for (const stream of new Set(events.map((event) => event.stream))) {
      const { run, ofClass } = namesIn(stream);
      names.add(run);
      if (ofClass !== undefined) names.add(ofClass).add(locksOf(ofClass));
    }
    for (const name of names) if (this.#remembered.delete(name)) this.#remembered.add(name);
    return names;
  };

  readonly isRemembered = (name: string): boolean => this.#remembered.has(name);

  readonly remember = (name: string, value: Uint8Array | undefined): void => {
    this.#remembered.add(name);
    if (value === undefined) return;
    const { runs, classes } = this.#fold;
    if (name.endsWith('+')) this.#rememberLocks(name.slice(0, -1), value);
    else if (isRunName(name)) runs.set(name, { ...runFromBytes(value), position: 0 });
    // Its locks come after it.
    else classes.set(name, classOf(value));
  };

  readonly apply = (event: RecordedEvent): void => this.#fold.apply(event);

  readonly end = (stream: string): void => this.#fold.end(stream);

  readonly changes = (): ReadonlyMap<string, Uint8Array> => {
    const changes = new Map<string, Uint8Array>();
    const { runs, classes } = this.#fold;
    for (const name of this.#changed) {
      const run = runs.get(name);
      if (run !== undefined) changes.set(name, runToBytes(run));
      const ofClass = classes.get(name);
      if (ofClass === undefined) continue;
      changes.set(name, classToBytes(ofClass));
      if (ofClass.stock !== undefined) changes.set(locksOf(name), locksToBytes(ofClass.stock));
    }
    this.#changed.clear();
    return changes;
  };

  readonly forget = (all: boolean): void => {
    if (all) {
      this.#changed.clear();
      this.#remembered.clear();
      this.#fold = this.#newFold();
      return;
    }
    for (const name of this.#remembered) {
      if (this.#remembered.size <= this.#most) return;
      this.#forgetOne(name);
    }
  };

  /** A class and its locks are forgotten together. */
  #forgetOne(name: string): void {
    const ofClass = name.endsWith('+') ? name.slice(0, -1) : name;
    for (const one of [ofClass, locksOf(ofClass)]) this.#remembered.delete(one);
    this.#fold.runs.delete(ofClass);
    this.#fold.classes.delete(ofClass);
  }

  #rememberLocks(ofClass: string, value: Uint8Array): void {
    const state = this.#fold.classes.get(ofClass);
    if (state?.stock !== undefined) state.stock = { ...state.stock, ...locksFromBytes(value) };
  }

  #newFold(): StockFold {
    return new StockFold((name) => this.#changed.add(name));
  }
}

/** The place of all states is the same: no event up to there comes again. */
const classOf = (value: Uint8Array): ClassState => {
  const { stock, ...known } = classFromBytes(value);
  return { position: 0, ...known, stock: stock === undefined ? undefined : { ...stock, ...locksFromBytes() } };
};

export const sharedAvailability = (
  store: StateStore,
  log: OwnLog,
  { name = AVAILABILITY, remembered = REMEMBERED }: { readonly name?: string; readonly remembered?: number } = {},
): OpenModel<AvailabilityQueries> => {
  const model = { name, version: SHARED_AVAILABILITY_VERSION, categories: CATEGORIES };
  const states = new SharedStates(store, log, model, new StockHandler(remembered));
  const stocks = async (ids: readonly ClassId[]): Promise<readonly ShownClass[]> => {
    if (ids.length === 0) return [];
    const names = [...new Set(ids.flatMap((id) => [runName(id), className(id)]))];
    const values = await states.read(names);
    const stored = new Map(names.map((name, index) => [name, values[index]]));
    const runs = new Map(
      ids.map((id) => {
        const bytes = stored.get(runName(id));
        return [runName(id), bytes === undefined ? undefined : runFromBytes(bytes)];
      }),
    );
    return ids.map((id) => {
      const bytes = stored.get(className(id));
      return new ShownClass(id, runs.get(runName(id)), bytes === undefined ? undefined : classFromBytes(bytes));
    });
  };
  const stock = new SharedStockStates(states);
  return { projection: states, queries: { stocks, states: stock }, rows: stockRows(stock) };
};
