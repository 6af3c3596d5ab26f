// Keys of one kind of thousands of stations, in memory: found by what they are, what they begin with, and what they are
// near to.
import { isWithin } from '../order-search/slips.ts';

export type Found = (station: number) => void;

export class SortedKeys {
  readonly #keys: readonly string[];
  /** The stations of each key. */
  readonly #stations: readonly (readonly number[])[];
  /** Keys by their length, and which letters each has: most are too different to be compared. */
  readonly #byLength = new Map<number, { readonly at: number; readonly letters: number }[]>();

  constructor(keysOfStations: readonly (readonly string[])[]) {
    const byKey = new Map<string, number[]>();
    for (const [station, keys] of keysOfStations.entries())
      for (const key of keys) {
        const stations = byKey.get(key);
        if (stations === undefined) byKey.set(key, [station]);
        else stations.push(station);
      }
    const sorted = [...byKey].sort(([one], [other]) => (one < other ? -1 : 1));
    this.#keys = sorted.map(([key]) => key);
    this.#stations = sorted.map(([, stations]) => stations);
    for (const [at, key] of this.#keys.entries()) {
      const { length } = [...key];
      const same = this.#byLength.get(length) ?? [];
      this.#byLength.set(length, same);
      same.push({ at, letters: lettersOf(key) });
    }
  }

  is(key: string, found: Found): void {
    const at = this.#from(key);
    if (this.#keys[at] === key) this.#tell(at, found);
  }

  begins(key: string, found: Found): void {
    for (let at = this.#from(key); this.#keys[at]?.startsWith(key) === true; at += 1) this.#tell(at, found);
  }

  near(key: string, slips: number, found: Found): void {
    const { length } = [...key];
    const letters = lettersOf(key);
    for (let other = length - slips; other <= length + slips; other += 1)
      // A slip takes one letter away and brings one at most.
      for (const candidate of this.#byLength.get(other) ?? [])
        if (bitsIn(letters ^ candidate.letters) <= 2 * slips && isWithin(slips, key, this.#keys[candidate.at] ?? ''))
          this.#tell(candidate.at, found);
  }

  /** Where the first key is that is not before this one. */
  #from(key: string): number {
    let [low, high] = [0, this.#keys.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#keys[middle] ?? '') < key) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #tell(at: number, found: Found): void {
    for (const station of this.#stations[at] ?? []) found(station);
  }
}

/** One bit for each letter that occurs; letters of other scripts share them. */
const lettersOf = (key: string): number => {
  let letters = 0;
  for (const character of key) letters |= 1 << ((character.codePointAt(0) ?? 0) & 31);
  return letters;
};

const bitsIn = (number: number): number => {
  let [left, bits] = [number, 0];
  for (; left !== 0; bits += 1) left &= left - 1;
  return bits;
};
