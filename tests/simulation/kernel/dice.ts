// All randomness of a simulated world comes from one seed. Streams of random numbers are forked by name and do not
// affect each other: with one more fault the travellers still do the same.
import type { Random } from '@railhead/commands/ports/random.ts';
import { seededRandom } from '../../support/seeded-random.ts';

/** FNV-1a: any text as 32 bits. */
const hashOf = (text: string): number => {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return hash >>> 0;
};

export class Dice implements Random {
  readonly seed: string;
  readonly #random: Random;

  constructor(seed: string) {
    this.seed = seed;
    this.#random = seededRandom(hashOf(seed));
  }

  next(): number {
    return this.#random.next();
  }

  fork(name: string): Dice {
    return new Dice(`${this.seed}/${name}`);
  }

  /** True with this probability. A probability of 0 takes no number from the stream. */
  chance(probability: number): boolean {
    return probability > 0 && this.next() < probability;
  }

  /** A whole number, both ends included. */
  between(least: number, most: number): number {
    return least + Math.floor(this.next() * (most - least + 1));
  }

  pick<Value>(values: readonly Value[]): Value {
    if (values.length === 0) throw new Error('nothing to pick from');
    return values[Math.floor(this.next() * values.length)] as Value; // inside the list
  }
}
