// A store of states in memory, that several workers have together.

import type { Place } from '@railhead/projections/engine/model-place.ts';
import type { Shared } from '@railhead/projections/engine/read-database.ts';
import type { Stranger } from '@railhead/projections/engine/sorted-batch.ts';
import {
  type Fence,
  type NamesPage,
  type StateChanges,
  type StatePlace,
  type StateStore,
  StatesAway,
  type StatesRead,
} from '@railhead/projections/engine/state-store.ts';

const NAMES_AT_ONCE = 3;

type Stored = {
  place: StatePlace;
  readonly states: Map<string, Uint8Array>;
  readonly strangers: Map<string, Stranger>;
};

/** What is stored, whoever asks. */
export class StatesDisk {
  readonly models = new Map<string, Stored>();
  /** Epochs begin here in a store that is empty. */
  firstEpoch = 1_000;

  empty(): void {
    this.models.clear();
    this.firstEpoch += 1_000;
  }
}

export type StatesFault = 'away' | 'answerLost';

export class MemoryStates implements StateStore {
  readonly shared: Shared;
  readonly disk: StatesDisk;
  failure: string | undefined;
  /** Asked at each call. */
  fault: () => StatesFault | undefined = () => undefined;

  constructor(disk: StatesDisk, shared: Shared) {
    this.disk = disk;
    this.shared = shared;
  }

  prepare(model: string, version: number): Promise<number | undefined> {
    return this.#step(() => {
      const found = this.disk.models.get(model)?.place;
      if (found !== undefined && found.version >= version) return found.version;
      const epoch = found === undefined ? this.disk.firstEpoch : found.epoch + 1;
      const place = { version, owner: '', epoch, beat: 0, position: 0, fingerprint: '' };
      this.disk.models.set(model, { place, states: new Map(), strangers: new Map() });
      return found?.version;
    });
  }

  read(model: string, names: readonly string[]): Promise<StatesRead> {
    return this.#step(() => {
      const stored = this.disk.models.get(model);
      return { place: stored?.place, values: names.map((name) => stored?.states.get(name)) };
    });
  }

  strangers(model: string): Promise<readonly Stranger[]> {
    return this.#step(() => [...(this.disk.models.get(model)?.strangers.values() ?? [])]);
  }

  names(model: string, after = ''): Promise<NamesPage> {
    return this.#step(() => {
      const rest = [...(this.disk.models.get(model)?.states.keys() ?? [])].sort().filter((name) => name > after);
      const names = rest.slice(0, NAMES_AT_ONCE);
      return { names, next: rest.length > names.length ? names.at(-1) : undefined };
    });
  }

  take(model: string, seen: StatePlace): Promise<boolean> {
    return this.#step(() => {
      const stored = this.disk.models.get(model);
      const fields = ['version', 'owner', 'epoch', 'beat', 'position'] as const;
      if (stored === undefined || fields.some((field) => stored.place[field] !== seen[field])) return false;
      stored.place = { ...stored.place, owner: this.shared.owner, epoch: seen.epoch + 1 };
      return true;
    });
  }

  free(model: string, epoch: number): Promise<void> {
    return this.#step(() => {
      const stored = this.disk.models.get(model);
      if (stored?.place.owner === this.shared.owner && stored.place.epoch === epoch)
        stored.place = { ...stored.place, owner: '' };
    });
  }

  move(model: string, fence: Fence, place: Place, changes?: StateChanges): Promise<boolean> {
    return this.#step(() => {
      const stored = this.#fenced(model, fence);
      if (stored === undefined) return false;
      stored.place = { ...stored.place, ...place, beat: stored.place.beat + 1 };
      for (const [name, value] of changes?.states ?? [])
        if (value.length === 0) stored.states.delete(name);
        else stored.states.set(name, value);
      for (const { stream, type, version, position } of changes?.strangers ?? [])
        stored.strangers.set(stream, { stream, type, version, position });
      return true;
    });
  }

  drop(model: string, fence: Fence): Promise<boolean> {
    return this.#step(() => {
      const stored = this.#fenced(model, fence);
      if (stored === undefined) return false;
      stored.place = { ...stored.place, position: 0, fingerprint: '', beat: 0 };
      stored.states.clear();
      stored.strangers.clear();
      return true;
    });
  }

  size(model: string): Promise<{ readonly rows: number; readonly bytes: number }> {
    return this.#step(() => {
      const states = [...(this.disk.models.get(model)?.states.values() ?? [])];
      return { rows: states.length, bytes: states.reduce((sum, { length }) => sum + length, 0) };
    });
  }

  remove(model: string): Promise<void> {
    return this.#step(() => {
      this.disk.models.delete(model);
    });
  }

  async close(): Promise<void> {}

  #fenced(model: string, { version, owner, epoch, from }: Fence): Stored | undefined {
    const stored = this.disk.models.get(model);
    const is = stored?.place;
    const isMet = is?.version === version && is.owner === owner && is.epoch === epoch && is.position === from;
    return isMet ? stored : undefined;
  }

  async #step<Result>(work: () => Result): Promise<Result> {
    const fault = this.fault();
    await Promise.resolve();
    if (fault !== 'away') {
      const result = work();
      if (fault === undefined) {
        this.failure = undefined;
        return result;
      }
    }
    this.failure = `injected: ${fault}`;
    throw new StatesAway(this.failure);
  }
}
