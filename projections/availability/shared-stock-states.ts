// The states of free seats where processes have them together, for who compares them with the log.
import type { SharedStates, StatesAt } from '../engine/shared-states.ts';
import type { ClassState, RunState } from './class-state.ts';
import type { StateNames, StatesNow, StatesWritten, StockStates } from './stock-states.ts';
import {
  classFromBytes,
  classToBytes,
  locksFromBytes,
  locksToBytes,
  runFromBytes,
  runToBytes,
} from './stored-stock.ts';

/** The name of the locks of a class. No class ends like this. */
export const locksOf = (ofClass: string): string => `${ofClass}+`;

/** A list of the classes that are withheld, so that nobody need look through all of them. No run is called so. */
const WITHHELD = '!withheld';
const GONE = new Uint8Array();

export class SharedStockStates implements StockStates {
  readonly store = 'redis';
  readonly #states: SharedStates;

  constructor(states: SharedStates) {
    this.#states = states;
  }

  get isFedHere(): boolean {
    return this.#states.isFedHere;
  }

  async *names(): AsyncGenerator<readonly string[]> {
    for (let after: string | undefined, isFirst = true; isFirst || after !== undefined; isFirst = false) {
      const { names, next } = await this.#states.names(after);
      yield [...new Set(names.filter((name) => name !== WITHHELD).map((name) => name.replace(/\+$/, '')))];
      after = next;
    }
  }

  async read(names: StateNames): Promise<StatesNow> {
    return statesIn(names, await this.#states.readAt(storedNames(names)));
  }

  rewrite(names: StateNames, change: (now: StatesNow) => Promise<StatesWritten>): Promise<boolean> {
    return this.#states.rewrite([...storedNames(names), WITHHELD], async (now) => {
      const { runs, classes } = await change(statesIn(names, now));
      const written = new Map<string, Uint8Array>();
      for (const [name, run] of runs) written.set(name, run === undefined ? GONE : runToBytes(run));
      for (const [name, state] of classes) {
        written.set(name, state === undefined ? GONE : classToBytes(state));
        written.set(locksOf(name), state?.stock === undefined ? GONE : locksToBytes(state.stock));
      }
      const before = listIn(now.values.at(-1));
      const after = withheldAfter(before, classes);
      if (after.join() !== before.join()) written.set(WITHHELD, after.length === 0 ? GONE : listBytes(after));
      return written;
    });
  }

  async withheld(): Promise<readonly string[]> {
    return listIn((await this.#states.readAt([WITHHELD])).values[0]);
  }
}

const storedNames = ({ runs, classes }: StateNames): readonly string[] => [
  ...runs,
  ...classes.flatMap((name) => [name, locksOf(name)]),
];

const statesIn = (names: StateNames, { position, values }: StatesAt): StatesNow => {
  const [runs, classes] = [new Map<string, RunState>(), new Map<string, ClassState>()];
  let at = 0;
  const next = (): Uint8Array | undefined => {
    at += 1;
    return values[at - 1];
  };
  // The place of all states is the same: no event up to there comes again.
  for (const name of names.runs) {
    const value = next();
    if (value !== undefined) runs.set(name, { ...runFromBytes(value), position: 0 });
  }
  for (const name of names.classes) {
    const [value, locks] = [next(), next()];
    if (value === undefined) continue;
    const { stock, ...known } = classFromBytes(value);
    const whole = stock === undefined ? undefined : { ...stock, ...locksFromBytes(locks) };
    classes.set(name, { position: 0, ...known, stock: whole });
  }
  return { position, runs, classes };
};

const withheldAfter = (
  before: readonly string[],
  written: ReadonlyMap<string, ClassState | undefined>,
): readonly string[] => {
  const names = new Set(before);
  for (const [name, state] of written)
    if (state?.isWithheld === true) names.add(name);
    else names.delete(name);
  return [...names].sort();
};

/** Safe cast: this module wrote it. */
const listIn = (bytes: Uint8Array = GONE): readonly string[] =>
  bytes.length === 0 ? [] : (JSON.parse(Buffer.from(bytes).toString()) as readonly string[]);

const listBytes = (names: readonly string[]): Uint8Array => Buffer.from(JSON.stringify(names));
