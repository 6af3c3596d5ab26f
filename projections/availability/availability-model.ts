// Free seats of every run, in memory. What is known of runs and classes is kept in the read database, so that a start
// does not fold the whole log.
import type { EventBatch, Position, RecordedEvent } from '@railhead/commands/ports/event-store.ts';
import type { StreamsSetAside } from '@railhead/commands/streams/understood.ts';
import { type ClassId, className, runName } from '@railhead/domain/train-run/stream.ts';
import { type KeptState, KeptStates } from '../engine/kept-states.ts';
import type { PositionProof, Projection } from '../engine/projection.ts';
import type { ReadDatabase } from '../engine/read-database.ts';
import { Turns } from '../engine/turns.ts';
import { classOf, copyOfClass, type KeptAvailability, keptClass } from './class-state.ts';
import { type AvailabilityQueries, ShownClass } from './shown-stock.ts';
import { CATEGORIES, StockFold } from './stock-fold.ts';
import type { StateNames, StatesNow, StatesWritten, StockStates } from './stock-states.ts';

export const AVAILABILITY = 'availability';
/** Raise it with every change of what is kept of a run or a class, or of what is folded into it. */
export const AVAILABILITY_VERSION = 2;

export class AvailabilityModel implements Projection, AvailabilityQueries {
  readonly name: string;
  readonly categories = CATEGORIES.map(({ name }) => name);
  #fold: StockFold;
  readonly #kept: KeptStates<KeptAvailability>;
  readonly states: StockStates = {
    store: 'memory',
    isFedHere: true,
    names: () => this.#names(),
    read: async (names) => this.#read(names),
    rewrite: (names, change) => this.#rewrite(names, change),
    withheld: async () => [...this.#fold.classes].flatMap(([name, { isWithheld }]) => (isWithheld ? [name] : [])),
  };
  readonly #turns = new Turns();
  #position: Position = 0;
  #isLoaded = false;

  /** `name`: of the generation. */
  constructor(database: ReadDatabase, name = AVAILABILITY) {
    this.name = name;
    const model = { name, version: AVAILABILITY_VERSION, categories: CATEGORIES };
    this.#kept = new KeptStates(database, model, (name) => this.#keptOf(name));
    this.#fold = this.#newFold();
  }

  #newFold(): StockFold {
    return new StockFold((name) => this.#kept.changed(name));
  }

  get setAside(): StreamsSetAside {
    return this.#kept.place.setAside;
  }

  async load(log: PositionProof): Promise<Position> {
    if (this.#isLoaded) return this.#position;
    const { position, states } = await this.#kept.load(log);
    for (const [name, { position: of, state }] of states)
      if ('run' in state) this.#fold.runs.set(name, { ...state.run, position: of });
      else this.#fold.classes.set(name, classOf(state.class, of));
    for (const stream of this.setAside.keys()) this.#fold.end(stream);
    this.#position = position;
    this.#isLoaded = true;
    return position;
  }

  drop(): Promise<void> {
    return this.#turns.take(async () => {
      await this.#kept.drop(this.#position);
      this.#fold = this.#newFold();
      this.#position = 0;
    });
  }

  apply(batch: EventBatch): Promise<void> {
    return this.#turns.take(() => this.#take(batch));
  }

  async #take(batch: EventBatch): Promise<void> {
    let applied = 0;
    for (const event of batch.events) {
      if (event.position <= this.#position) continue;
      this.#apply(event);
      this.#position = event.position;
      applied += 1;
    }
    this.#position = Math.max(this.#position, batch.position);
    await this.#kept.keep(this.#position, applied);
  }

  close(): Promise<void> {
    return this.#kept.keepAll(this.#position);
  }

  async stocks(ids: readonly ClassId[]): Promise<readonly ShownClass[]> {
    const { runs, classes } = this.#fold;
    return ids.map((id) => new ShownClass(id, runs.get(runName(id)), classes.get(className(id))));
  }

  async *#names(): AsyncGenerator<readonly string[]> {
    yield [...this.#fold.runs.keys(), ...this.#fold.classes.keys()];
  }

  #read(names: StateNames): StatesNow {
    const found = <State>(all: readonly string[], known: ReadonlyMap<string, State>, copy: (state: State) => State) =>
      new Map(
        all.flatMap((name) => {
          const state = known.get(name);
          return state === undefined ? [] : [[name, copy(state)] as const];
        }),
      );
    return {
      position: this.#position,
      runs: found(names.runs, this.#fold.runs, (run) => ({ ...run })),
      classes: found(names.classes, this.#fold.classes, copyOfClass),
    };
  }

  #rewrite(names: StateNames, change: (now: StatesNow) => Promise<StatesWritten>): Promise<boolean> {
    return this.#turns.take(async () => {
      if (!this.#isLoaded) return false;
      const { runs, classes } = await change(this.#read(names));
      put(this.#fold.runs, runs);
      put(this.#fold.classes, classes);
      const written = [...runs.keys(), ...classes.keys()];
      if (written.length > 0) await this.#kept.keepNow(written, this.#position);
      return true;
    });
  }

  #apply(event: RecordedEvent): void {
    const kind = this.#kept.place.kindOf(event);
    if (kind === 'skipped') return;
    if (kind === 'strange') {
      this.#kept.setAside(event);
      this.#fold.end(event.stream);
    } else this.#fold.apply(event);
  }

  #keptOf(name: string): KeptState<KeptAvailability> | undefined {
    const run = this.#fold.runs.get(name);
    if (run !== undefined) {
      const { position, ...state } = run;
      return { position, state: { run: state } };
    }
    const known = this.#fold.classes.get(name);
    return known === undefined ? undefined : { position: known.position, state: { class: keptClass(known) } };
  }
}

const put = <State>(states: Map<string, State>, written: ReadonlyMap<string, State | undefined>): void => {
  for (const [name, state] of written)
    if (state === undefined) states.delete(name);
    else states.set(name, state);
};
