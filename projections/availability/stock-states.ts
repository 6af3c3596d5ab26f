// The states of the model, for who compares them with the log and writes them anew.
import type { Position } from '@railhead/commands/ports/event-store.ts';
import type { ClassState, RunState } from './class-state.ts';

/** By name; what is not there is not known to the model. All of them include every event up to `position`, and no other. */
export type StatesNow = {
  readonly position: Position;
  readonly runs: ReadonlyMap<string, RunState>;
  readonly classes: ReadonlyMap<string, ClassState>;
};

/** Undefined: the state goes. */
export type StatesWritten = {
  readonly runs: ReadonlyMap<string, RunState | undefined>;
  readonly classes: ReadonlyMap<string, ClassState | undefined>;
};

/** Names of runs, and of classes. */
export type StateNames = { readonly runs: readonly string[]; readonly classes: readonly string[] };

export interface StockStates {
  /** Where they are. */
  readonly store: 'memory' | 'redis';
  /** Does this process feed the model? */
  readonly isFedHere: boolean;
  /** Names of all states, of runs and classes alike, page by page; perhaps more than once. */
  names(): AsyncIterable<readonly string[]>;
  /** Copies, which nobody changes. */
  read(names: StateNames): Promise<StatesNow>;
  /**
   * Writes states anew while the model takes no events, and keeps them. False: another process feeds the model, or the
   * states are built again.
   */
  rewrite(names: StateNames, change: (now: StatesNow) => Promise<StatesWritten>): Promise<boolean>;
  /** Names of the classes that are withheld. */
  withheld(): Promise<readonly string[]>;
}

/** The name of a class has one part more than that of a run. */
export const isRunName = (name: string): boolean => name.indexOf('_') === name.lastIndexOf('_');
