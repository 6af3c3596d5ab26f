// Where the read models of one process are.
import type { OrderDatabases } from '../orders/sharded-orders.ts';
import type { ReadDatabase } from './read-database.ts';
import type { ReplicaSettings } from './replicas/replicas.ts';
import type { OwnLog } from './shared-states.ts';
import type { StateStore } from './state-store.ts';

/** Where the models of a process keep their rows. Embedded, both are the same. */
export type ReadDatabases = {
  /** Of this process alone: models in memory keep their states in it. */
  readonly local: ReadDatabase;
  /** Of the models in SQL. */
  readonly sql: ReadDatabase;
  /** Of orders that are spread over several databases. Absent: their model is one of those in SQL. */
  readonly orders?: OrderDatabases;
  /** Databases that follow `sql`, and are only read. Absent: there are none. */
  readonly replicas?: ReplicaSettings;
  /** Of models in memory that can be where several processes have them. Absent: all are in memory. */
  readonly cache?: { readonly states: StateStore; readonly log: OwnLog };
};

/** One database for all of it. */
export const allIn = (database: ReadDatabase): ReadDatabases => ({ local: database, sql: database });
