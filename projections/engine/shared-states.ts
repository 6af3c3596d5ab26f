// A model whose states are in a store that other processes have too. One of them feeds it; all of them read it. A read
// gives states of one moment, of this log, and never older ones than a read before: else it is refused.
import {
  bearsOut,
  type EventBatch,
  type EventStore,
  type Position,
  type RecordedEvent,
} from '@railhead/commands/ports/event-store.ts';
import { type StreamsSetAside, strangenessIn } from '@railhead/commands/streams/understood.ts';
import type { AnyCategory } from '@railhead/domain/kernel/category.ts';
import { type Lease, type LeaseRows, ModelLease, notThisVersion, type SeenPlace } from './model-lease.ts';
import { PlaceMoved } from './model-place.ts';
import type { PositionProof, Projection } from './projection.ts';
import { openedState, sealed } from './sealed-states.ts';
import { type SortedBatch, sortedBy } from './sorted-batch.ts';
import { type Fence, type NamesPage, type StatePlace, type StateStore, StatesAway } from './state-store.ts';
import { Turns } from './turns.ts';

/** In the order asked; undefined where nothing is stored under the name. */
export type StatesAt = { readonly position: Position; readonly values: readonly (Uint8Array | undefined)[] };

export type OwnLog = Pick<EventStore, 'fingerprintAt'>;

/** How events change the states. It is asked in this order for each batch. */
export type StateHandler = {
  /** Names of all states that these events need, or whose streams are set aside with them. */
  readonly namesOf: (events: readonly RecordedEvent[]) => ReadonlySet<string>;
  /** States that were read; undefined where nothing is stored. */
  readonly remember: (name: string, value: Uint8Array | undefined) => void;
  readonly isRemembered: (name: string) => boolean;
  readonly apply: (event: RecordedEvent) => void;
  /** Nothing more is taken of this stream. */
  readonly end: (stream: string) => void;
  /** What was changed since it was last asked. */
  readonly changes: () => ReadonlyMap<string, Uint8Array>;
  /** Forgets what is not needed soon. All of it: another may have changed it. */
  readonly forget: (all: boolean) => void;
};

/** Under load, the events of so many milliseconds are written together. */
const PACE = { leastMs: 20, mostMs: 100 };

/** Nothing can be added to it. */
class StateDamaged extends Error {}

const allSealed = (states: ReadonlyMap<string, Uint8Array>): ReadonlyMap<string, Uint8Array> =>
  new Map([...states].map(([name, value]) => [name, sealed(name, value)]));

/** A state that is damaged is as one that is not there. */
const undamaged = (
  names: readonly string[],
  values: readonly (Uint8Array | undefined)[],
): readonly (Uint8Array | undefined)[] =>
  names.map((name, index) => {
    const state = openedState(name, values[index]);
    return state === 'damaged' ? undefined : state.value;
  });

export class SharedStates implements Projection {
  readonly name: string;
  readonly categories: readonly string[];
  readonly pace = PACE;
  readonly lease: Lease;
  readonly #lease: ModelLease;
  readonly #store: StateStore;
  readonly #log: OwnLog;
  readonly #version: number;
  readonly #handler: StateHandler;
  readonly #strangenessOf: ReturnType<typeof strangenessIn>;
  readonly #setAside = new Map<string, string>();
  #told: PositionProof | undefined;
  /** The position that the states are known to include, as far as this process feeds them. */
  #reached: Position = 0;
  #saved: Position = 0;
  /** One batch, rewriting, or beat of the owner is written after the other. */
  readonly #turns = new Turns();
  /** The ownership whose states are known to be of this log. */
  #provenEpoch: number | undefined;
  /** The newest place that this process has met. Whoever asks for a position relies on it. */
  #newest: Position = 0;

  constructor(
    store: StateStore,
    log: OwnLog,
    model: { readonly name: string; readonly version: number; readonly categories: readonly AnyCategory[] },
    handler: StateHandler,
  ) {
    this.name = model.name;
    this.categories = model.categories.map(({ name }) => name);
    this.#store = store;
    this.#log = log;
    this.#version = model.version;
    this.#handler = handler;
    this.#strangenessOf = strangenessIn(model.categories);
    const [beat, prepared] = [() => this.#beat(), () => this.#prepare()];
    this.#lease = new ModelLease(this.#leaseRows(), store.shared, beat, prepared);
    const lease = this.#lease;
    this.lease = {
      acquire: (signal, seen, lost) => {
        const met = async (place: SeenPlace): Promise<boolean> => {
          if (await bearsOut(this.#log, place)) this.#meet(place.position);
          return seen(place);
        };
        return lease.acquire(signal, met, lost);
      },
      release: () => lease.release(),
      get isOwner() {
        return lease.isOwner;
      },
      // What the store said last is known anyway.
      failure: undefined,
    };
  }

  get setAside(): StreamsSetAside {
    return this.#setAside;
  }

  get outOfReach(): string | undefined {
    return this.#store.failure;
  }

  readonly isPassing = (error: unknown): boolean => error instanceof PlaceMoved || error instanceof StatesAway;

  /** Throws `StatesAway` where the answer would not be true. */
  async read(names: readonly string[]): Promise<readonly (Uint8Array | undefined)[]> {
    const { values } = await this.#proven(names);
    return names.map((name, index) => {
      const state = openedState(name, values[index]);
      if (state === 'damaged') throw new StatesAway(`what is stored of ${name} is damaged`);
      return state.value;
    });
  }

  async #proven(
    names: readonly string[],
  ): Promise<{ readonly place: StatePlace; readonly values: readonly (Uint8Array | undefined)[] }> {
    const { place, values } = await this.#store.read(this.name, names);
    if (place === undefined) throw new StatesAway('nothing is there yet');
    if (place.version !== this.#version) throw new StatesAway(notThisVersion(this.name, this.#version).message);
    if (place.position < this.#newest) throw new StatesAway('they are built again');
    // Whoever takes a model over, or builds it again, begins another epoch.
    if (place.epoch !== this.#provenEpoch) {
      if (!(await bearsOut(this.#log, place))) throw new StatesAway('they are not known to be of this log');
      this.#provenEpoch = place.epoch;
    }
    this.#meet(place.position);
    return { place, values };
  }

  async load(told: PositionProof): Promise<Position> {
    this.#told = told;
    this.#handler.forget(true);
    const strangers = await this.#store.strangers(this.name);
    const place = await this.#place();
    // What was strange to an older version and is not to this one belongs into the states, at its place.
    const isWhole = strangers.every((event) => this.#strangenessOf(event) !== undefined);
    this.#setAside.clear();
    const isOfThisLog = await bearsOut(this.#log, place);
    if (!isWhole || !isOfThisLog) {
      await this.#drop(place.position);
      if (!isOfThisLog) this.#newest = 0;
      told.dropped(place.position);
      return 0;
    }
    for (const event of strangers) this.#setAside.set(event.stream, this.#strangenessOf(event) ?? '');
    this.#reached = place.position;
    this.#saved = place.position;
    this.#meet(place.position);
    return place.position;
  }

  drop(): Promise<void> {
    return this.#turns.take(async () => {
      await this.#drop(this.#saved);
      this.#handler.forget(true);
      this.#setAside.clear();
    });
  }

  async #drop(from: Position): Promise<void> {
    if (!(await this.#store.drop(this.name, this.#fence(from)))) throw new PlaceMoved(this.name);
    this.#reached = 0;
    this.#saved = 0;
  }

  async apply(batch: EventBatch): Promise<void> {
    const { position } = batch;
    if (position <= this.#reached) return;
    const sorted = sortedBy(batch.events, (event) => {
      if (event.position <= this.#reached || this.#setAside.has(event.stream)) return 'skipped';
      return this.#strangenessOf(event) === undefined ? 'understood' : 'strange';
    });
    if (sorted.events.length === 0 && sorted.strangers.length === 0) {
      // The next beat says so.
      this.#reached = position;
      return;
    }
    await this.#turns.take(async () => {
      try {
        await this.#write(position, sorted);
      } catch (error) {
        // Half of it may be applied to what is remembered, or all of it written although nobody said so.
        this.#handler.forget(true);
        if (!(error instanceof StateDamaged)) throw error;
        await this.#drop(this.#saved);
        this.#told?.damaged?.(error.message);
        throw new PlaceMoved(this.name);
      }
    });
  }

  /** Does this process feed the model, as far as it knows? */
  get isFedHere(): boolean {
    return this.#lease.isOwner;
  }

  /** A page of the names of all states, as the store gives them. */
  names(after?: string): Promise<NamesPage> {
    return this.#store.names(this.name, after);
  }

  /** States, and the place that all of them include. One that is damaged is not there. Throws as `read` does. */
  async readAt(names: readonly string[]): Promise<StatesAt> {
    const { place, values } = await this.#proven(names);
    return { position: place.position, values: undamaged(names, values) };
  }

  /**
   * Writes states anew between two batches, fenced like a batch: all that `change` makes of those that are there now, or
   * nothing. An empty value removes one. False: another process feeds the model.
   */
  async rewrite(
    names: readonly string[],
    change: (now: StatesAt) => Promise<ReadonlyMap<string, Uint8Array>>,
  ): Promise<boolean> {
    return this.#turns.take(async () => {
      if (!this.isFedHere) return false;
      const position = this.#reached;
      const fence = this.#fence(this.#saved);
      const { place, values } = await this.#store.read(this.name, names);
      if (place?.position !== fence.from || place.epoch !== fence.epoch) return false;
      const states = await change({ position, values: undamaged(names, values) });
      if (states.size === 0) return true;
      const changes = { states: allSealed(states), strangers: [] };
      try {
        const isOwner = await this.#store.move(this.name, fence, await this.#placeAt(position), changes);
        if (isOwner) this.#saved = position;
        return isOwner;
      } finally {
        // Of what is remembered, some is not so any more.
        this.#handler.forget(true);
      }
    });
  }

  async #write(position: Position, { events, strangers }: SortedBatch): Promise<void> {
    const fence = this.#fence(this.#saved);
    await this.#remember([...events, ...strangers], fence);
    for (const event of events) this.#handler.apply(event);
    for (const { stream } of strangers) this.#handler.end(stream);
    const changes = { states: allSealed(this.#handler.changes()), strangers };
    if (!(await this.#store.move(this.name, fence, await this.#placeAt(position), changes)))
      throw new PlaceMoved(this.name);
    this.#reached = position;
    this.#saved = position;
    this.#meet(position);
    for (const stranger of strangers) {
      const why = this.#strangenessOf(stranger) ?? '';
      this.#setAside.set(stranger.stream, why);
      this.#told?.setAside(stranger.stream, why);
    }
    this.#handler.forget(false);
  }

  /** Reads the states that these events need. They are of the place that is moved, because only the owner moves it. */
  async #remember(events: readonly RecordedEvent[], { from, epoch }: Fence): Promise<void> {
    const names = [...this.#handler.namesOf(events)].filter((name) => !this.#handler.isRemembered(name));
    if (names.length === 0) return;
    const { place, values } = await this.#store.read(this.name, names);
    if (place?.position !== from || place.epoch !== epoch) throw new PlaceMoved(this.name);
    for (const [index, name] of names.entries()) {
      const state = openedState(name, values[index]);
      if (state === 'damaged') throw new StateDamaged(name);
      this.#handler.remember(name, state.value);
    }
  }

  /** A batch that is being written moves the place, which shows as well that the owner lives. */
  async #beat(): Promise<boolean> {
    if (this.#turns.isTaken) return true;
    return this.#turns.take(async () => {
      const position = this.#reached;
      const fence = this.#fence(this.#saved);
      const isOwner = await this.#store.move(this.name, fence, await this.#placeAt(position));
      if (isOwner) {
        this.#saved = position;
        this.#meet(position);
      }
      return isOwner;
    });
  }

  #meet(position: Position): void {
    this.#newest = Math.max(this.#newest, position);
  }

  async #prepare(): Promise<void> {
    const found = await this.#store.prepare(this.name, this.#version);
    if (found !== undefined && found > this.#version) throw new StatesAway('a newer program has made them');
  }

  async #place(): Promise<StatePlace> {
    const { place } = await this.#store.read(this.name, []);
    if (place?.version !== this.#version) throw new StatesAway(notThisVersion(this.name, this.#version).message);
    return place;
  }

  #leaseRows(): LeaseRows {
    return {
      read: () => this.#place(),
      take: (seen) => this.#store.take(this.name, { ...seen, version: this.#version }),
      free: (_, epoch) => this.#store.free(this.name, epoch),
      isPassing: this.isPassing,
    };
  }

  #fence(from: Position): Fence {
    return { version: this.#version, owner: this.#store.shared.owner, epoch: this.#lease.epoch, from };
  }

  async #placeAt(position: Position) {
    return { position, fingerprint: (await this.#log.fingerprintAt(position)) ?? '' };
  }
}
