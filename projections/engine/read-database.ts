// The database of the SQL read models, and the engine's own table in it.
import type { Clock } from '@railhead/commands/ports/clock.ts';
import type { Kysely, Transaction } from 'kysely';
import type { SqlDialect, StoredJson } from './sql-dialect.ts';
import { integer, json, position, type TableDefinition, text } from './tables.ts';

/**
 * One row for each model: the version its tables were made in, their names, how far it has read, and the proof of that.
 * The last three columns are its lease: who feeds it (empty: nobody), how often that has changed hands, and a number that
 * the owner raises to show that it lives.
 */
export type EngineTables = {
  model_places: {
    model: string;
    version: number;
    tables: StoredJson<readonly string[]>;
    position: number;
    fingerprint: string;
    owner: string;
    epoch: number;
    beat: number;
  };
  read_set_aside: { model: string; stream: string; type: string; version: number; position: number };
};

/** Another shape of this table needs another name: what was built under the old name is then built again. */
export const MODEL_PLACES_TABLE: TableDefinition<EngineTables['model_places']> = {
  columns: {
    model: text(64),
    version: integer,
    tables: json,
    position,
    fingerprint: text(128),
    owner: text(128),
    epoch: position,
    beat: position,
  },
  key: ['model'],
};

/** One row for each stream that a model has set aside, with the event it did not understand. */
export const SET_ASIDE_TABLE: TableDefinition<EngineTables['read_set_aside']> = {
  columns: { model: text(64), stream: text(256), type: text(128), version: integer, position },
  key: ['model', 'stream'],
};

/** How often the states of models in memory are written. */
export type Keeping = {
  /** The least number of events between two savings. */
  readonly minEvents: number;
  /** So many events go by for each state that has changed, before the changed states are written. */
  readonly eventsPerState: number;
  readonly statesPerSlice: number;
};

/** Of a database that may turn out to be damaged while it is used. */
export type Repair = {
  /** Called when a statement meets damage. */
  onDamage: (error: unknown) => void;
  /** Called when rows of one model are damaged: those of others are not. */
  onDamagedRows: (model: string, error: unknown) => void;
  /** Parses JSON of this model's rows. */
  readonly fromJsonOf: (model: string) => SqlDialect['fromJson'];
  /** Throws everything away and makes empty tables. Nobody may be writing. */
  readonly renew: () => Promise<void>;
  /** How often that was done. */
  renewals: number;
};

/** A database that other processes have too: for each model they agree who feeds it. */
export type Shared = {
  /** This process, as the others see it. */
  readonly owner: string;
  readonly clock: Pick<Clock, 'after'>;
  /** How often it shows that it lives; absent: as often as lets another take over within two seconds. */
  readonly beatMs?: number;
};

export type ReadDatabase = {
  readonly db: Kysely<EngineTables>;
  readonly dialect: SqlDialect;
  /**
   * Asked by whoever wants the lease of a model: makes the tables that are not there. Rejects while the database cannot be
   * used. Absent: they were made when it was opened.
   */
  readonly prepared?: () => Promise<void>;
  /** Absent: nobody else writes into it. */
  readonly shared?: Shared;
  /** Absent: a database that keeps what it has, or repairs itself. */
  readonly repair?: Repair;
  /** Absent: as is right for a large railway. */
  readonly keeping?: Keeping;
};

/** As one model has it: JSON that cannot be parsed is damage of that model alone. */
export const ofModel = (database: ReadDatabase, model: string): ReadDatabase => {
  const { dialect, repair } = database;
  return repair === undefined ? database : { ...database, dialect: { ...dialect, fromJson: repair.fromJsonOf(model) } };
};

/** Safe cast, of types only: a model reads the tables of its own definition, which `prepareTables` has created. */
export const tablesOf = <Tables>(db: Kysely<EngineTables>): Kysely<Tables> => db as unknown as Kysely<Tables>;

/** Like `tablesOf`. */
export const tablesIn = <Tables>(trx: Transaction<EngineTables>): Transaction<Tables> =>
  trx as unknown as Transaction<Tables>;
