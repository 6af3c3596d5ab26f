// The embedded index of stations: all keys in memory, sorted. A question looks at the ways to be found from the best one
// on, and stops when it has enough.
import { isWithin } from '../order-search/slips.ts';
import { type Found, SortedKeys } from './sorted-keys.ts';
import type { FoundStation, SearchedStation, StationIndex } from './station-index.ts';
import { type Field, LEAST_CERTAIN, type Way, type WrittenWord, waysOf } from './station-ways.ts';
import { keyOf, stationWords } from './station-words.ts';

const FIELDS = [
  'codes',
  'names',
  'parts',
  'initials',
  'aliases',
  'aliasParts',
  'cities',
  'words',
] as const satisfies readonly Field[];

export class MemoryStationIndex implements StationIndex {
  readonly #stations: readonly SearchedStation[];
  readonly #fields: Readonly<Record<Field, SortedKeys>>;
  /** The station's place among all, the one with most calls first. */
  #ranks: readonly number[] = [];

  private constructor(stations: readonly SearchedStation[], fields: Readonly<Record<Field, SortedKeys>>) {
    this.#stations = stations;
    this.#fields = fields;
    this.rank(new Map(stations.map(({ facts, calls }) => [facts.code, calls])));
  }

  /** Sorts in steps with a `breath` between, because the sale has the same thread. */
  static async of(
    stations: readonly SearchedStation[],
    breath: () => Promise<void> = async () => {},
  ): Promise<MemoryStationIndex> {
    const fields: Partial<Record<Field, SortedKeys>> = {};
    for (const field of FIELDS) {
      await breath();
      fields[field] = new SortedKeys(stations.map(({ keys }) => keys[field]));
    }
    // Safe cast: each field has been set.
    return new MemoryStationIndex(stations, fields as Record<Field, SortedKeys>);
  }

  /** How many trains call at each station has changed. */
  rank(calls: ReadonlyMap<string, number>): void {
    const callsAt = this.#stations.map(({ facts }) => calls.get(facts.code) ?? 0);
    const codeAt = this.#stations.map(({ facts }) => facts.code);
    const order = [...callsAt.keys()].sort(
      (a, b) => (callsAt[b] ?? 0) - (callsAt[a] ?? 0) || ((codeAt[a] ?? '') < (codeAt[b] ?? '') ? -1 : 1),
    );
    const ranks = new Array<number>(order.length).fill(0);
    for (const [rank, station] of order.entries()) ranks[station] = rank;
    this.#ranks = ranks;
  }

  async search(text: string, limit: number): Promise<readonly FoundStation[]> {
    const found: number[] = [];
    const seen = new Set<number>();
    const ways = waysOf(text);
    let isCertain = false;
    for (let at = 0; at < ways.length && found.length < limit; ) {
      const score = ways[at]?.score ?? 0;
      if (score < LEAST_CERTAIN && isCertain) break;
      const equals: number[] = [];
      for (let way = ways[at]; way?.score === score; at += 1, way = ways[at])
        this.#look(way, (station) => {
          if (seen.has(station)) return;
          seen.add(station);
          equals.push(station);
        });
      if (score >= LEAST_CERTAIN && equals.length > 0) isCertain = true;
      found.push(...equals.sort((a, b) => (this.#ranks[a] ?? 0) - (this.#ranks[b] ?? 0)));
    }
    return this.#shown(found.slice(0, limit));
  }

  /** The stations that are called exactly so, or whose city is. */
  named(text: string): readonly FoundStation[] {
    const key = keyOf(stationWords(text));
    const found = new Set<number>();
    for (const field of ['names', 'cities', 'aliases'] as const)
      this.#fields[field].is(key, (station) => found.add(station));
    return this.#shown([...found].sort((a, b) => (this.#ranks[a] ?? 0) - (this.#ranks[b] ?? 0)));
  }

  #shown(stations: readonly number[]): readonly FoundStation[] {
    return stations.flatMap((station) => this.#stations[station]?.facts ?? []);
  }

  #look(way: Way, found: Found): void {
    switch (way.how) {
      case 'is':
        this.#fields[way.field].is(way.key, found);
        break;
      case 'begins':
        this.#fields[way.field].begins(way.key, found);
        break;
      case 'near':
        this.#fields[way.field].near(way.key, way.slips, found);
        break;
      case 'words':
        this.#withWords(way.words, found);
    }
  }

  #withWords([first, ...others]: readonly WrittenWord[], found: Found): void {
    if (first === undefined) return;
    const stations = new Set<number>();
    const add: Found = (station) => stations.add(station);
    this.#fields.words.begins(first.word, add);
    if (first.slips > 0) this.#fields.words.near(first.word, first.slips, add);
    for (const station of stations) {
      const words = this.#stations[station]?.keys.words ?? [];
      if (others.every((other) => words.some((word) => isWritten(other, word)))) found(station);
    }
  }
}

const isWritten = ({ word, slips }: WrittenWord, other: string): boolean =>
  other.startsWith(word) || (slips > 0 && isWithin(slips, word, other));
