// A read model as its folder exports it: its name, its tables, and how it is opened.
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
};

export type OpenModel<Queries> = { readonly projection: Projection; readonly queries: Queries };

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
  open(database: ReadDatabase): OpenModel<Queries>;
  /** Opens it on states that processes have together. Absent: it has none. */
  openShared?(states: StateStore, log: OwnLog): OpenModel<Queries>;
};
