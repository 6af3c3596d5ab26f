// MySQL and MariaDB under the read models, by `mysql2`.
import type { ColumnKind, SqlDialect } from '@railhead/projections/engine/sql-dialect.ts';
import { MysqlDialect, type MysqlPoolConnection, type MysqlQueryResult, type RawBuilder, sql } from 'kysely';
import mysql, { type PoolConnection, type RowDataPacket } from 'mysql2';
import { INSTANTS_AS_DATES, JSON_AS_TEXT } from '../stored-values.ts';
import { Sockets } from './sockets.ts';
import {
  Connection,
  IDLE_TRANSACTION_MS,
  MAX_CONNECTIONS,
  type Patience,
  ServerAway,
  type SqlServer,
} from './sql-server.ts';

/** More waiters than that for a connection are told at once that there is none. */
const MAX_WAITING = 1_000;

export const mysqlServer = (url: string, patience: Patience): SqlServer => {
  const sockets = new Sockets();
  const pool = mysql.createPool({
    uri: url,
    connectionLimit: MAX_CONNECTIONS,
    queueLimit: MAX_WAITING,
    connectTimeout: patience.connectMs,
    charset: 'utf8mb4',
    // Instants are written and read as UTC, whatever the zone of the server.
    timezone: 'Z',
    supportBigNumbers: true,
    stream: ({ config: { host, port } }: Opening) =>
      sockets.make().setKeepAlive(true).setNoDelay(true).connect(port, host),
  });
  pool.on('connection', (connection) => {
    for (const setting of SESSION) connection.query(`set session ${setting}`, () => {}); // one of them each server knows
  });
  let collation = '';
  const connected = async (): Promise<MysqlPoolConnection> => {
    try {
      const connection = await acquired(pool);
      if (collation === '') collation = await collationOf(connection, patience);
      return guarded(connection, patience);
    } catch (error) {
      throw new ServerAway(error);
    }
  };
  return {
    kysely: new MysqlDialect({
      pool: {
        getConnection: (callback) => {
          connected().then(
            (connection) => callback(undefined, connection),
            // Safe cast: after an error nobody reads it.
            (error: unknown) => callback(error, undefined as unknown as MysqlPoolConnection),
          );
        },
        end: (callback) => {
          const ended = sockets.end(() => pool.end(() => {}));
          ended.then(() => callback(undefined), callback);
        },
      },
    }),
    sql: mysqlSql(() => collation),
  };
};

/** What `mysql2` tells of a connection that it opens. */
type Opening = { readonly config: { readonly host: string; readonly port: number } };

/** MariaDB's own; MySQL only ends sessions, so that there the others wait as long. */
const SESSION = [`idle_write_transaction_timeout = ${IDLE_TRANSACTION_MS / 1_000}`, 'wait_timeout = 60'];

const acquired = (pool: mysql.Pool): Promise<PoolConnection> =>
  new Promise((resolve, reject) => {
    pool.getConnection((error, connection) => {
      if (error === null) resolve(connection);
      else reject(error);
    });
  });

/** The collations that see every character, spaces at the end too, have other names in MySQL and in MariaDB. */
const collationOf = async (connection: PoolConnection, { connectMs }: Patience): Promise<string> => {
  const rows = await new Promise<RowDataPacket[]>((resolve, reject) => {
    connection.query<RowDataPacket[]>({ sql: 'select version() as version', timeout: connectMs }, (error, rows) => {
      if (error === null) resolve(rows);
      else reject(error);
    });
  });
  return String(rows[0]?.version).includes('MariaDB') ? 'utf8mb4_nopad_bin' : 'utf8mb4_0900_bin';
};

const guarded = (connection: PoolConnection, patience: Patience): MysqlPoolConnection => {
  const watched = new Connection(isAway, patience);
  const query = (
    text: string,
    values: unknown[],
    callback: (error: unknown, result: MysqlQueryResult) => void,
  ): void => {
    const run = (timeout: number): Promise<MysqlQueryResult> =>
      new Promise((resolve, reject) => {
        connection.query<RowDataPacket[]>({ sql: text, values, timeout }, (error, result) => {
          if (error === null) resolve(result);
          else reject(error);
        });
      });
    watched.run(text, run).then(
      (result) => callback(undefined, result),
      // Safe cast: after an error nobody reads it.
      (error: unknown) => callback(error, undefined as unknown as MysqlQueryResult),
    );
  };
  return {
    // Safe cast: no model streams, so that Kysely always gives a callback.
    query: query as MysqlPoolConnection['query'],
    release: () => {
      if (watched.isBroken) connection.destroy();
      else connection.release();
    },
  };
};

/**
 * Numbers of errors that say nothing of the statement: no room (1021, 1114), no memory (1037, 1038, 1041), too many
 * connections (1040, 1203, 1226), kept out (1044, 1045, 1049, 1129, 1130, 1698), going down (1053), a disk that fails
 * (1030), locks and deadlocks (1205, 1206, 1213), interrupted (1317, 1969, 3024), read-only (1290, 1792, 1836), a
 * connection that was ended (1927).
 */
const PASSING = new Set([
  1021, 1030, 1037, 1038, 1040, 1041, 1044, 1045, 1049, 1053, 1114, 1129, 1130, 1203, 1205, 1206, 1213, 1226, 1290,
  1317, 1698, 1792, 1836, 1927, 1969, 3024,
]);

const isAway = (error: unknown): boolean => {
  // What the server did not say was said by the connection.
  if (!(error instanceof Error && 'sqlState' in error && 'errno' in error)) return true;
  return PASSING.has(Number(error.errno)) || ('fatal' in error && error.fatal === true);
};

const mysqlSql = (collation: () => string): SqlDialect => ({
  // It accepts 65,535; a packet has 16 MiB or more.
  name: 'MySQL',
  bytesOf: (tables) =>
    sql`select cast(sum(data_length + index_length) as unsigned) as bytes from information_schema.tables where table_schema = database() and table_name in (${sql.join([...tables])})`,
  maxParameters: 10_000,
  columnType: (column) => typeOf(column, collation()),
  ...JSON_AS_TEXT,
  ...INSTANTS_AS_DATES,
  isPassing: (error) => error instanceof ServerAway,
  onExistingKey: (key, others) => {
    // With nothing to change the row becomes what it is.
    const changed = others.length === 0 ? key : others;
    const changes = changed.map((column) => sql`${sql.ref(column)} = values(${sql.ref(column)})`);
    return sql`on duplicate key update ${sql.join(changes)}`;
  },
  exclusively: (what) => ({
    begin: sql`select get_lock(concat(${what}, ' ', database()), ${LOCK_SECONDS})`,
    end: sql`select release_lock(concat(${what}, ' ', database()))`,
  }),
});

/** Longer than it takes to make tables. Where it takes longer, the tables say so themselves. */
const LOCK_SECONDS = 60;

const typeOf = (column: ColumnKind, collation: string): RawBuilder<unknown> => {
  switch (column.kind) {
    case 'text':
      return sql`varchar(${sql.lit(column.length)}) character set utf8mb4 collate ${sql.raw(collation)}`;
    case 'integer':
      return sql`integer`;
    case 'position':
      return sql`bigint`;
    case 'instant':
      return sql`datetime(3)`;
    case 'json':
      // As it was written, and to any length.
      return sql`longtext character set utf8mb4 collate ${sql.raw(collation)}`;
  }
};
