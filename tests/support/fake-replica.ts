// A replica as the engine sees it, with whatever may be wrong with one. Its rows are no more than the place that they are at.
import { sqliteSql } from '@railhead/infra/sql/sqlite-sql.ts';
import type { EngineTables } from '@railhead/projections/engine/read-database.ts';
import type { ReplicaDatabase } from '@railhead/projections/engine/replicas/replica.ts';
import {
  type CompiledQuery,
  type DatabaseConnection,
  Kysely,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely';

export type StoredPlace = Omit<EngineTables['model_places'], 'model' | 'tables' | 'beat'>;

/** `hangs`: what is asked gets no answer, now or later. `broken`: another failure than that the server is away. */
export type ReplicaFault = 'hangs' | 'away' | 'broken';

export class AwayError extends Error {}

export class FakeReplica {
  /** Undefined: nothing is stored of the model. */
  place: StoredPlace | undefined;
  fault: ReplicaFault | undefined;
  /** Places that were asked for. */
  looks = 0;
  /** Questions that were answered. */
  answers = 0;
  /** A look takes so long. */
  look: () => Promise<void> = async () => {};
  /** Called when a question is asked, before it is answered; and afterwards. */
  around: { readonly before?: () => void; readonly after?: () => void } = {};
  readonly database: ReplicaDatabase;

  constructor(name: string, place?: StoredPlace) {
    this.place = place;
    const connection: DatabaseConnection = {
      // Safe cast: only places are asked for by SQL.
      executeQuery: async <Row>(_: CompiledQuery) => (await this.#placed()) as QueryResult<Row>,
      streamQuery: () => {
        throw new Error('nothing is streamed');
      },
    };
    this.database = {
      name,
      dialect: { ...sqliteSql, isPassing: (error) => error instanceof AwayError },
      db: new Kysely<EngineTables>({
        dialect: {
          createAdapter: () => new SqliteAdapter(),
          createDriver: () => ({
            init: async () => {},
            acquireConnection: async () => connection,
            beginTransaction: async () => {},
            commitTransaction: async () => {},
            rollbackTransaction: async () => {},
            releaseConnection: async () => {},
            destroy: async () => {},
          }),
          createIntrospector: (db) => new SqliteIntrospector(db),
          createQueryCompiler: () => new SqliteQueryCompiler(),
        },
      }),
    };
  }

  /** The place of its rows at this moment. */
  async rows(): Promise<StoredPlace | undefined> {
    await this.#meetFault();
    this.around.before?.();
    this.answers += 1;
    const seen = this.place;
    this.around.after?.();
    return seen;
  }

  async #placed(): Promise<QueryResult<StoredPlace>> {
    this.looks += 1;
    await this.#meetFault();
    await this.look();
    return { rows: this.place === undefined ? [] : [this.place] };
  }

  async #meetFault(): Promise<void> {
    if (this.fault === 'hangs') await new Promise<never>(() => {});
    if (this.fault === 'away') throw new AwayError('injected: no connection');
    if (this.fault === 'broken') throw new Error('injected: no such table');
  }
}
