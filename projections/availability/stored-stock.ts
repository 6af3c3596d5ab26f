// Runs and classes as bytes, for a store that processes have together. What is shown of a class is apart from its locks,
// because whoever searches reads many classes and no locks.
import { emptyOccupancy, type Occupancy } from '@railhead/domain/allocation/bitmap.ts';
import type { LockPlan } from '@railhead/domain/seat-lock/plan.ts';
import type { ClassState, ClassStock, RunState } from './class-state.ts';
import type { KnownClass, KnownRun } from './shown-stock.ts';

type StoredLocks = {
  readonly pending: readonly (readonly [lockId: string, plan: LockPlan])[];
  readonly givenBack: readonly string[];
};

const NOTHING = new Uint8Array();
const CLOSED = 1;
const HAS_STOCK = 2;
const WITHHELD = 4;
const BITMAPS = ['taken', 'sold', 'withdrawn'] as const;

const textOf = (bytes: Uint8Array): string => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString();

export const runToBytes = ({ segments, counted, isOver }: RunState): Uint8Array =>
  Buffer.from(JSON.stringify({ segments, counted, isOver }));

/** Safe cast: this module wrote it, in this version. */
export const runFromBytes = (bytes: Uint8Array): KnownRun & Pick<RunState, 'segments'> =>
  JSON.parse(textOf(bytes)) as KnownRun & Pick<RunState, 'segments'>;

/**
 * Words of 32 bits, little-endian: flags, segments, seats; then of each bitmap the number of words that differ from those
 * of an empty one, and for each of them its index and the bits in which it differs. Most seats are free for long.
 */
export const classToBytes = ({ stock, isClosed, isWithheld }: ClassState): Uint8Array => {
  const flags = (isClosed ? CLOSED : 0) | (stock === undefined ? 0 : HAS_STOCK) | (isWithheld === true ? WITHHELD : 0);
  const words: number[] = [flags];
  if (stock !== undefined) {
    const { segments, seats } = stock.taken;
    const empty = emptyOccupancy(segments, seats).bits;
    words.push(segments, seats);
    for (const name of BITMAPS) {
      const { bits } = stock[name];
      const count = words.push(0) - 1;
      for (let word = 0; word < bits.length; word += 1) {
        const differs = (bits[word] ?? 0) ^ (empty[word] ?? 0);
        if (differs !== 0) words.push(word, differs);
      }
      words[count] = (words.length - count - 1) / 2;
    }
  }
  const bytes = new DataView(new ArrayBuffer(words.length * 4));
  for (const [index, word] of words.entries()) bytes.setUint32(index * 4, word, true);
  return new Uint8Array(bytes.buffer);
};

export const classFromBytes = (bytes: Uint8Array): KnownClass => {
  const words = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  const next = (): number => {
    at += 4;
    return words.getUint32(at - 4, true);
  };
  const flags = next();
  const isClosed = (flags & CLOSED) !== 0;
  const withheld = (flags & WITHHELD) === 0 ? {} : ({ isWithheld: true } as const);
  if ((flags & HAS_STOCK) === 0) return { isClosed, stock: undefined, ...withheld };
  const [segments, seats] = [next(), next()];
  const bitmap = (): Occupancy => {
    const occupancy = emptyOccupancy(segments, seats);
    const { bits } = occupancy;
    for (let left = next(); left > 0; left -= 1) {
      const word = next();
      bits[word] = (bits[word] ?? 0) ^ next();
    }
    return occupancy;
  };
  return { isClosed, stock: { taken: bitmap(), sold: bitmap(), withdrawn: bitmap() }, ...withheld };
};

/** Empty where there are none. */
export const locksToBytes = ({ pending, givenBack }: Pick<ClassStock, 'pending' | 'givenBack'>): Uint8Array => {
  if (pending.size === 0 && givenBack.size === 0) return NOTHING;
  const locks: StoredLocks = { pending: [...pending], givenBack: [...givenBack] };
  return Buffer.from(JSON.stringify(locks));
};

export const locksFromBytes = (bytes: Uint8Array = NOTHING): Pick<ClassStock, 'pending' | 'givenBack'> => {
  // Safe cast: this module wrote it, in this version.
  const stored = bytes.length === 0 ? { pending: [], givenBack: [] } : (JSON.parse(textOf(bytes)) as StoredLocks);
  return { pending: new Map(stored.pending), givenBack: new Set(stored.givenBack) };
};
