// A read model as its folder exports it: its name, its tables, and how it is opened.
import type { RecordedEvent } from '@railhead/commands/ports/event-store.ts';
import type { ComparableRows } from './generations/comparable-rows.ts';
import type { PartsBuilder } from './parts-of-model.ts';
import type { Projection } from './projection.ts';
import type { ReadDatabase } from './read-database.ts';
import type { OwnLog } from './shared-states.ts';
import type { StateStore } from './state-store.ts';
import type { StoredTable } from './tables.ts';

/** The tables of a model. When the version changes they are dropped, and the model is built again from the log. */
export type ModelSchema = {
  /** Raise it with every change of a table or of what is written into it. */
  readonly version: number;
  readonly tables: Readonly<Record<string, StoredTable>>;
  /** Names of tables that the model makes by itself. */
  readonly others?: readonly string[];
};

export type OpenModel<Queries> = {
  readonly projection: Projection;
  readonly queries: Queries;
  /** Its rows, for who compares them with those of another generation. */
  readonly rows: ComparableRows;
};

/** Rows of two keys have nothing in common: events of one are applied in their order, those of two in whatever order. */
export type ReplayKeys = {
  readonly keyOf: (event: RecordedEvent) => string;
  /** Where the name of a stream says it, without its events; undefined where it does not. */
  readonly keyOfStream: (stream: string) => string | undefined;
};

/** One of `count` parts in which a model is built, counted from 1. */
export type ModelPart = { readonly index: number; readonly count: number; readonly epoch: number };

export type BuiltInParts = ReplayKeys & {
  /** Opens a part in a database that has the tables and the place of the part. */
  open(database: ReadDatabase, part: ModelPart): Projection;
};

export type ReadModel<Queries> = {
  readonly name: string;
  /** Undefined for a model that stores nothing. */
  readonly schema: ModelSchema | undefined;
  /**
   * Are its tables always in the database of this process: because they only keep what it has in memory, or need what only
   * that database can do?
   */
  readonly isLocal: boolean;
  /** Opens the model; `prepareTables` has created its tables. */
  open(database: ReadDatabase, parts?: PartsBuilder): OpenModel<Queries>;
  /** Several can build it at once. Absent: its events belong together. */
  readonly inParts?: BuiltInParts;
  /** Its questions alone, in a database that has its tables already. Absent: it is asked only where it is fed. */
  queriesOn?(database: Pick<ReadDatabase, 'db' | 'dialect'>): Queries;
  /** The same model under another name and with tables of its own. Absent: it has no generations. */
  generation?(number: number): ReadModel<Queries>;
  /** Opens it on states that processes have together. Absent: it has none. */
  openShared?(states: StateStore, log: OwnLog): OpenModel<Queries>;
};
