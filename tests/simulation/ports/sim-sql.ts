// The database of one node or of several: real SQL through the real Kysely models, in memory, with a driver that is slow
// and fails. It runs one transaction at a time, as if its only table were locked.
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import { sqliteSql } from '@railhead/infra/sql/sqlite-sql.ts';
import { prepareTables } from '@railhead/projections/engine/prepare-tables.ts';
import type { EngineTables, ReadDatabase, Shared } from '@railhead/projections/engine/read-database.ts';
import type { ReadModel } from '@railhead/projections/engine/read-model.ts';
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

const SQLITE_IOERR = 10;
const SQLITE_FULL = 13;

/** What passes, as a disk that fails or a server that is away. */
const passing = (what: string, errcode = SQLITE_IOERR): Error =>
  Object.assign(new Error(`simulated: ${what}`), { errcode });

/** A simulated day is short: states are written all the time, a few at once. */
const KEEPING = { minEvents: 3, eventsPerState: 1, statesPerSlice: 2 };

type Row = Readonly<Record<string, SQLInputValue>>;
type Rows = ReadonlyMap<string, readonly Row[]>;
/** With the statements that make the tables: those of a generation come and go. */
type Backup = ReadonlyMap<string, { readonly rows: readonly Row[]; readonly made: string }>;

const MODELS = Object.values(READ_MODELS);
/** Models in memory keep their states in these, behind what they know. */
const isOfLog = (table: string): boolean => !table.endsWith('_states');
/** The words of the search are no rows of ours. */
const OF_ROWS = "type = 'table' and name not like 'found_text%' and name not like 'sqlite_%'";

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

  /** Who has the database for a statement or a transaction, and who waits for it. */
  #user: object | undefined;
  #waiting: { readonly user: object; readonly go: () => void }[] = [];

  async acquire(user: object): Promise<void> {
    if (this.#user !== undefined) await new Promise<void>((go) => this.#waiting.push({ user, go }));
    this.#user = user;
  }

  release(user: object): void {
    if (this.#user !== user) return;
    const next = this.#waiting.shift();
    this.#user = next?.user;
    next?.go();
  }

  /** Ends a transaction whose process has died, as a database does. */
  abandon(user: object): void {
    this.#waiting = this.#waiting.filter((waiting) => waiting.user !== user);
    if (this.#user !== user) return;
    if (this.inTransaction) this.#db.exec('rollback');
    this.release(user);
  }

  get inTransaction(): boolean {
    return this.#db.isTransaction;
  }

  /** The rows of these models that have to be the same wherever the same log was read. */
  comparable(models: readonly ReadModel<unknown>[]): Rows {
    const names = new Set<SQLInputValue | undefined>(models.map(({ name }) => name));
    const tables = new Set(models.flatMap(({ schema }) => Object.keys(schema?.tables ?? {})).filter(isOfLog));
    const rows = this.rows();
    return new Map([
      ['read_set_aside', (rows.get('read_set_aside') ?? []).filter(({ model }) => names.has(model))],
      ...[...rows].filter(([table]) => tables.has(table)),
    ]);
  }

  /** All rows of all tables. */
  rows(): Rows {
    return new Map([...this.#all()].map(([table, { rows }]) => [table, rows]));
  }

  #all(): Backup {
    const tables = this.#db.prepare(`select name, sql from sqlite_schema where ${OF_ROWS} order by name`).all();
    return new Map(
      tables.map(({ name, sql }) => [
        String(name),
        {
          rows: this.#db.prepare(`select * from "${name}" order by 1, 2`).all() as Row[], // what SQLite gives it also takes
          made: String(sql),
        },
      ]),
    );
  }

  backUp(): void {
    if (!this.inTransaction) this.#backup = this.#all();
  }

  restore(): boolean {
    if (this.#backup === undefined || this.inTransaction) return false;
    this.#db.exec('begin');
    const now = new Set(this.#all().keys());
    for (const table of now) if (!this.#backup.has(table)) this.#db.exec(`drop table "${table}"`);
    for (const [table, { rows, made }] of this.#backup) {
      this.#db.exec(now.has(table) ? `delete from "${table}"` : made);
      const names = Object.keys(rows[0] ?? {});
      if (names.length === 0) continue;
      const insert = this.#db.prepare(
        `insert into "${table}" (${names.join()}) values (${names.map(() => '?').join()})`,
      );
      for (const row of rows) insert.run(...Object.values(row));
    }
    this.#db.exec('commit');
    return true;
  }

  /** Another disk with the same rows; it has no network and is never full. */
  async copied(): Promise<ReadDisk> {
    const copy = await newReadDisk();
    copy.#backup = this.#all();
    copy.restore();
    return copy;
  }

  close(): void {
    this.#db.close();
  }
}

/** What planted bugs may do to a statement. */
export type SqlSeam = (query: CompiledQuery) => CompiledQuery;

export type SqlAccess = {
  /** Without it nothing fails. */
  readonly network?: Network | undefined;
  /** The database is of several processes, and elsewhere: every statement is a message. */
  readonly isElsewhere?: boolean;
  readonly seam?: SqlSeam;
};

/** A server ends a transaction in which nothing is said for so long: others wait for its rows. */
const IDLE_TRANSACTION_MS = 5_000;

/** Runs statements as a driver does. */
class SimDriver implements Driver {
  readonly #disk: ReadDisk;
  readonly #access: SqlAccess;
  readonly #used = new Set<SimConnection>();

  constructor(disk: ReadDisk, access: SqlAccess) {
    this.#disk = disk;
    this.#access = access;
    access.network?.life.whenOver(() => {
      for (const connection of this.#used) connection.lose();
    });
  }

  async init(): Promise<void> {}

  async acquireConnection(): Promise<SimConnection> {
    const connection = new SimConnection(this.#disk, this.#access);
    this.#used.add(connection);
    return connection;
  }

  async releaseConnection(connection: SimConnection): Promise<void> {
    this.#used.delete(connection);
  }

  async beginTransaction(connection: SimConnection): Promise<void> {
    await connection.pass('sqlFails');
    if (this.#disk.isFull()) throw passing('the disk is full', SQLITE_FULL);
    await connection.begin();
  }

  async commitTransaction(connection: SimConnection): Promise<void> {
    await connection.pass('sqlFails');
    connection.end('commit');
    await connection.pass('sqlUnknown');
  }

  async rollbackTransaction(connection: SimConnection): Promise<void> {
    connection.end('rollback');
  }

  async destroy(): Promise<void> {}
}

const never = (): Promise<never> => new Promise(() => {});

class SimConnection implements DatabaseConnection {
  readonly #disk: ReadDisk;
  readonly #access: SqlAccess;
  #transaction: 'none' | 'open' | 'lost' = 'none';

  constructor(disk: ReadDisk, access: SqlAccess) {
    this.#disk = disk;
    this.#access = access;
  }

  async executeQuery(query: CompiledQuery): Promise<QueryResult<never>> {
    const asked = this.#access.seam?.(query) ?? query;
    if (this.#transaction === 'none') return this.#alone(asked);
    if (this.#isDead) return never();
    if (this.#transaction === 'lost') throw passing('the server has ended the transaction');
    return this.#disk.run(asked);
  }

  /** A statement outside of a transaction. */
  async #alone(query: CompiledQuery): Promise<QueryResult<never>> {
    if (this.#access.isElsewhere === true) await this.pass('sqlFails');
    await this.#disk.acquire(this);
    if (this.#isDead) return this.#end();
    try {
      return this.#disk.run(query);
    } finally {
      this.#disk.release(this);
    }
  }

  streamQuery(): never {
    throw new Error('no model streams');
  }

  async begin(): Promise<void> {
    await this.#disk.acquire(this);
    if (this.#isDead) return this.#end();
    this.#disk.run(statement('begin'));
    this.#transaction = 'open';
  }

  end(how: 'commit' | 'rollback'): void {
    const was = this.#transaction;
    this.#transaction = 'none';
    if (was === 'open') {
      this.#disk.run(statement(how));
      this.#disk.release(this);
    } else if (was === 'lost' && how === 'commit') throw passing('the server has ended the transaction');
  }

  async pass(fault: 'sqlFails' | 'sqlUnknown'): Promise<void> {
    const { network, isElsewhere } = this.#access;
    if (network === undefined) return;
    const delayMs = isElsewhere === true ? network.transit() : network.latency();
    if (this.#transaction === 'open' && delayMs > IDLE_TRANSACTION_MS)
      network.scheduler.after(IDLE_TRANSACTION_MS, () => this.lose());
    await new Promise<void>((resolve, reject) => {
      const struck = network.strikes(fault, 'read side');
      network.answer(delayMs, () => (struck ? reject(passing(fault)) : resolve()));
    });
  }

  /** As when the server hears no more from the process. */
  lose(): void {
    if (this.#transaction === 'open') this.#transaction = 'lost';
    this.#disk.abandon(this);
  }

  /** Nothing is done any more by a process that has died. */
  get #isDead(): boolean {
    return this.#access.network?.life.alive === false;
  }

  /** A process that died while it waited. */
  #end(): Promise<never> {
    this.#disk.abandon(this);
    return never();
  }
}

// Of a statement without values only the text is read.
const statement = (text: string): CompiledQuery => ({ sql: text, parameters: [] }) as unknown as CompiledQuery;

const dialectOf = (disk: ReadDisk, access: SqlAccess): Pick<SqliteDialect, keyof SqliteDialect> => ({
  createDriver: () => new SimDriver(disk, access),
  createQueryCompiler: () => new SqliteQueryCompiler(),
  createAdapter: () => new SqliteAdapter(),
  createIntrospector: (db) => new SqliteIntrospector(db),
});

export const openReadSide = (disk: ReadDisk, access: SqlAccess = {}, shared?: Shared): ReadDatabase => ({
  db: new Kysely<EngineTables>({ dialect: dialectOf(disk, access) }),
  dialect: sqliteSql,
  keeping: KEEPING,
  ...(shared === undefined ? {} : { shared }),
});

/** A new, empty read side. */
export const newReadDisk = async (): Promise<ReadDisk> => {
  const disk = new ReadDisk();
  await prepareTables(openReadSide(disk), MODELS, silentLogger);
  return disk;
};
