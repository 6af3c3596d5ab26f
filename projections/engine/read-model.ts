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
  /** Undefined for a model in memory. */
  readonly schema: ModelSchema | undefined;
  /** Is it in memory? Then its tables only keep what it had, for this process. */
  readonly isOfMemory: boolean;
  /** Are its tables always in the local database, because they need what only that can do? */
  readonly isLocal?: true;
  /** Opens the model; `prepareTables` has created its tables. */
  open(database: ReadDatabase): OpenModel<Queries>;
  /** Opens it on states that processes have together. Absent: it has none. */
  openShared?(states: StateStore, log: OwnLog): OpenModel<Queries>;
};
