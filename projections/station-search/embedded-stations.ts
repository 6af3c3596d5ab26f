// The embedded index of each database that is asked: made from its rows, and made again when they have changed.
import { type Clock, pause } from '@railhead/commands/ports/clock.ts';
import type { TimetableQueries } from '../timetable/timetable-queries.ts';
import { MemoryStationIndex } from './memory-station-index.ts';
import type { SearchedStation } from './station-index.ts';
import type { KeysOf } from './station-keys.ts';

export type StationRows = Pick<TimetableQueries, 'stationChanges' | 'allStations' | 'stationCalls'>;

/** How often it looks whether stations have changed, where nobody asks for a position. */
const LOOK_EVERY_MS = 1_000;
/** Keys that are computed before others have the thread. */
const KEYS_AT_ONCE = 10;
/** Where trains call changes with each day that is opened: counting again may take this part of the time at most. */
const COUNTING_PART = 1 / 50;

type Kept = {
  index?: MemoryStationIndex;
  changes?: Awaited<ReturnType<StationRows['stationChanges']>>;
  lookedAtMs: number;
  countAgainAtMs: number;
  looking: Promise<unknown>;
  next?: Promise<MemoryStationIndex>;
};

export class EmbeddedStations {
  readonly #keysOf: KeysOf;
  readonly #clock: Clock;
  readonly #kept = new WeakMap<StationRows, Kept>();

  constructor(keysOf: KeysOf, clock: Clock) {
    this.#keysOf = keysOf;
    this.#clock = clock;
  }

  /** `isNew`: with all that is in the rows now; else perhaps as it was a second ago. */
  async index(rows: StationRows, isNew: boolean): Promise<MemoryStationIndex> {
    const kept = this.#kept.get(rows) ?? { lookedAtMs: 0, countAgainAtMs: 0, looking: Promise.resolve() };
    this.#kept.set(rows, kept);
    const isOld = Math.abs(this.#clock.now() - kept.lookedAtMs) >= LOOK_EVERY_MS;
    if (kept.index !== undefined && !isNew && !isOld) return kept.index;
    kept.lookedAtMs = this.#clock.now();
    return this.#look(rows, kept);
  }

  /** One look goes on at a time, and one waits for it: all who come before that begins share it. */
  #look(rows: StationRows, kept: Kept): Promise<MemoryStationIndex> {
    if (kept.next !== undefined) return kept.next;
    const looked = kept.looking.then(async () => {
      delete kept.next;
      try {
        return await this.#renewed(rows, kept);
      } catch (error) {
        kept.lookedAtMs = 0;
        throw error;
      }
    });
    kept.next = looked;
    kept.looking = looked.catch(() => {});
    return looked;
  }

  async #renewed(rows: StationRows, kept: Kept): Promise<MemoryStationIndex> {
    const changes = await rows.stationChanges();
    const { index, changes: before } = kept;
    if (index !== undefined && before?.stations === changes.stations) {
      if (before.calls === changes.calls || this.#clock.now() < kept.countAgainAtMs) return index;
      await this.#timed(kept, async () => index.rank(await rows.stationCalls()));
      kept.changes = changes;
      return index;
    }
    return this.#timed(kept, async () => {
      const calls = await rows.stationCalls();
      const made = await MemoryStationIndex.of(await this.#searched(await rows.allStations(), calls), () =>
        this.#breath(),
      );
      kept.index = made;
      kept.changes = changes;
      return made;
    });
  }

  /** Others have the thread. */
  #breath(): Promise<void> {
    return pause(this.#clock, 0);
  }

  async #timed<Value>(kept: Kept, work: () => Promise<Value>): Promise<Value> {
    const startMs = this.#clock.now();
    const value = await work();
    const endMs = this.#clock.now();
    kept.countAgainAtMs = endMs + (endMs - startMs) / COUNTING_PART;
    return value;
  }

  async #searched(
    stations: Awaited<ReturnType<StationRows['allStations']>>,
    calls: ReadonlyMap<string, number>,
  ): Promise<readonly SearchedStation[]> {
    const searched: SearchedStation[] = [];
    for (const [at, facts] of stations.entries()) {
      if (at % KEYS_AT_ONCE === KEYS_AT_ONCE - 1) await this.#breath();
      searched.push({ facts, calls: calls.get(facts.code) ?? 0, keys: this.#keysOf(facts) });
    }
    return searched;
  }
}
