// A node's read side: real SQL through the real Kysely models, in memory, with a driver that is slow and fails.
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import { sqliteSql } from '@railhead/infra/sql/sqlite-sql.ts';
import { prepareTables } from '@railhead/projections/engine/prepare-tables.ts';
import type { EngineTables, ReadDatabase } from '@railhead/projections/engine/read-database.ts';
import { READ_MODELS } from '@railhead/projections/read-models.ts';
import {
  type CompiledQuery,
  type DatabaseConnection,
  type Driver,
  Kysely,
  type QueryResult,
  SqliteAdapter,
  type SqliteDialect,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely';
import { silentLogger } from '../../support/read-side.ts';
import type { Network } from './network.ts';

const SQLITE_FULL = 13;

/** A simulated day is short: states are written all the time, a few at once. */
const KEEPING = { minEvents: 3, eventsPerState: 1, statesPerSlice: 2 };

type Row = Readonly<Record<string, SQLInputValue>>;
type Backup = ReadonlyMap<string, readonly Row[]>;

const MODELS = Object.values(READ_MODELS);
/** Models in memory keep their states in these, behind what they know. */
const isOfMemory = (table: string): boolean => table.endsWith('_states');
const TABLES = ['read_places', 'read_set_aside', ...MODELS.flatMap(({ schema }) => Object.keys(schema?.tables ?? {}))];

/** The database file; it outlives the process and can be restored to an earlier state. */
export class ReadDisk {
  readonly #db = new DatabaseSync(':memory:');
  readonly #prepared = new Map<string, { readonly statement: StatementSync; readonly selects: boolean }>();
  #backup: Backup | undefined;

  /** Has the disk no room at the moment? */
  isFull: () => boolean = () => false;

  run({ sql, parameters }: CompiledQuery): QueryResult<never> {
    let prepared = this.#prepared.get(sql);
    if (prepared === undefined) {
      const statement = this.#db.prepare(sql);
      prepared = { statement, selects: statement.columns().length > 0 };
      this.#prepared.set(sql, prepared);
    }
    const { statement, selects } = prepared;
    // Kysely passes what its callers gave; the table types allow nothing that SQLite does not take.
    const values = parameters as SQLInputValue[];
    if (selects) return { rows: statement.all(...values) as never[] };
    const { changes } = statement.run(...values);
    return { rows: [], numAffectedRows: BigInt(changes) };
  }

  /** Ends a transaction whose process has died, as a database does. */
  abandon(): void {
    if (this.inTransaction) this.#db.exec('rollback');
  }

  get inTransaction(): boolean {
    return this.#db.isTransaction;
  }

  /** The rows that have to be the same wherever the same log was read. */
  comparable(): Backup {
    return new Map([...this.rows()].filter(([table]) => table !== 'read_places' && !isOfMemory(table)));
  }

  /** All rows of all tables. */
  rows(): Backup {
    return new Map(
      TABLES.map((table) => [
        table,
        this.#db.prepare(`select * from ${table} order by 1, 2`).all() as Row[], // what SQLite gives it also takes
      ]),
    );
  }

  backUp(): void {
    if (!this.inTransaction) this.#backup = this.rows();
  }

  restore(): boolean {
    if (this.#backup === undefined) return false;
    this.abandon();
    this.#db.exec('begin');
    for (const [table, rows] of this.#backup) {
      this.#db.exec(`delete from ${table}`);
      const names = Object.keys(rows[0] ?? {});
      if (names.length === 0) continue;
      const insert = this.#db.prepare(`insert into ${table} (${names.join()}) values (${names.map(() => '?').join()})`);
      for (const row of rows) insert.run(...Object.values(row));
    }
    this.#db.exec('commit');
    return true;
  }

  /** Another disk with the same rows; it has no network and is never full. */
  async copied(): Promise<ReadDisk> {
    const copy = await newReadDisk();
    copy.#backup = this.rows();
    copy.restore();
    return copy;
  }

  close(): void {
    this.#db.close();
  }
}

/** Runs statements as a driver does; without `network` nothing fails. */
class SimDriver implements Driver {
  readonly #disk: ReadDisk;
  readonly #network: Network | undefined;
  readonly #waiting: (() => void)[] = [];
  #taken = false;

  constructor(disk: ReadDisk, network: Network | undefined) {
    this.#disk = disk;
    this.#network = network;
  }

  async init(): Promise<void> {}

  async acquireConnection(): Promise<DatabaseConnection> {
    if (this.#taken) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#taken = true;
    return {
      executeQuery: async (query: CompiledQuery) => this.#disk.run(query),
      streamQuery: () => {
        throw new Error('no model streams');
      },
    };
  }

  async releaseConnection(): Promise<void> {
    const next = this.#waiting.shift();
    if (next === undefined) this.#taken = false;
    else next();
  }

  async beginTransaction(): Promise<void> {
    await this.#pass('sqlFails');
    if (this.#disk.isFull()) throw Object.assign(new Error('simulated: the disk is full'), { errcode: SQLITE_FULL });
    this.#exec('begin');
  }

  async commitTransaction(): Promise<void> {
    await this.#pass('sqlFails');
    this.#exec('commit');
    await this.#pass('sqlUnknown');
  }

  async rollbackTransaction(): Promise<void> {
    this.#disk.abandon();
  }

  async destroy(): Promise<void> {}

  #exec(sql: string): void {
    this.#disk.run({ sql, parameters: [] } as unknown as CompiledQuery); // only these two fields are read
  }

  #pass(fault: 'sqlFails' | 'sqlUnknown'): Promise<void> {
    const network = this.#network;
    if (network === undefined) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const struck = network.strikes(fault, 'read side');
      network.answer(network.latency(), () => (struck ? reject(new Error(`simulated: ${fault}`)) : resolve()));
    });
  }
}

const dialectOf = (disk: ReadDisk, network: Network | undefined): Pick<SqliteDialect, keyof SqliteDialect> => ({
  createDriver: () => new SimDriver(disk, network),
  createQueryCompiler: () => new SqliteQueryCompiler(),
  createAdapter: () => new SqliteAdapter(),
  createIntrospector: (db) => new SqliteIntrospector(db),
});

export const openReadSide = (disk: ReadDisk, network?: Network): ReadDatabase => {
  disk.abandon();
  return { db: new Kysely<EngineTables>({ dialect: dialectOf(disk, network) }), dialect: sqliteSql, keeping: KEEPING };
};

/** A new, empty read side. */
export const newReadDisk = async (): Promise<ReadDisk> => {
  const disk = new ReadDisk();
  await prepareTables(openReadSide(disk), MODELS, silentLogger);
  return disk;
};
