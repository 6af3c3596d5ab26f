// PostgreSQL under the read models, by `pg`.
import type { ColumnKind, SqlDialect } from '@railhead/projections/engine/sql-dialect.ts';
import { PostgresDialect, type PostgresPoolClient, type RawBuilder, sql } from 'kysely';
import pg from 'pg';
import { INSTANTS_AS_DATES, JSON_AS_TEXT, onConflict } from '../stored-values.ts';
import { Sockets } from './sockets.ts';
import {
  BATCH_STATEMENT_MS,
  Connection,
  IDLE_TRANSACTION_MS,
  MAX_CONNECTIONS,
  type Patience,
  ServerAway,
  type SqlServer,
} from './sql-server.ts';

/** Text of a `json` column, and whole numbers up to 2^53. */
const PARSERS = new Map<number, (text: string) => unknown>([
  [pg.types.builtins.INT8, Number],
  [pg.types.builtins.JSON, (text) => text],
]);

const types: pg.CustomTypesConfig = {
  // Safe cast: of the parsers by number `pg` has one form for text and another for bytes.
  getTypeParser: ((oid: number, format?: 'text' | 'binary') =>
    PARSERS.get(oid) ?? pg.types.getTypeParser(oid, format)) as typeof pg.types.getTypeParser,
};

export const postgresServer = (url: string, patience: Patience): SqlServer => {
  const sockets = new Sockets();
  const pool = new pg.Pool({
    connectionString: url,
    stream: () => sockets.make(),
    max: MAX_CONNECTIONS,
    connectionTimeoutMillis: patience.connectMs,
    application_name: 'railhead',
    idle_in_transaction_session_timeout: IDLE_TRANSACTION_MS,
    statement_timeout: BATCH_STATEMENT_MS,
    keepAlive: true,
    types,
  });
  // An idle connection that ends is replaced when the next one is needed; of one in use its statement tells.
  pool.on('error', () => {});
  pool.on('connect', (client) => client.on('error', () => {}));
  return {
    kysely: new PostgresDialect({
      pool: {
        connect: async () => guarded(await connected(pool), patience),
        end: () => sockets.end(() => void pool.end().catch(() => {})),
      },
    }),
    sql: postgresSql,
  };
};

const connected = async (pool: pg.Pool): Promise<pg.PoolClient> => {
  try {
    return await pool.connect();
  } catch (error) {
    throw new ServerAway(error);
  }
};

const guarded = (client: pg.PoolClient, patience: Patience): PostgresPoolClient => {
  const connection = new Connection(isAway, patience);
  const query = (text: string, values: unknown[]): Promise<pg.QueryResult> =>
    connection.run(text, (limitMs) => client.query(limited({ text, values }, limitMs)));
  return {
    // Safe cast: no model streams, so that Kysely always asks by text and values.
    query: query as unknown as PostgresPoolClient['query'],
    release: () => client.release(connection.isBroken),
  };
};

/** `pg` takes the limit of a single query, and its types do not say so. */
const limited = (query: pg.QueryConfig, query_timeout: number): pg.QueryConfig =>
  Object.assign(query, { query_timeout });

/**
 * Classes of SQLSTATE that say nothing of the statement: connection, authorization, database, transaction rolled back,
 * resources, object in use, operator, system.
 */
const PASSING = new Set(['08', '28', '3D', '40', '53', '55', '57', '58']);
const READ_ONLY_TRANSACTION = '25006';

const isAway = (error: unknown): boolean => {
  // What the server did not say was said by the connection.
  if (!(error instanceof pg.DatabaseError)) return true;
  const { code = '' } = error;
  return PASSING.has(code.slice(0, 2)) || code === READ_ONLY_TRANSACTION;
};

export const postgresSql: SqlDialect = {
  name: 'PostgreSQL',
  bytesOf: (tables) =>
    sql`select sum(pg_total_relation_size(oid))::bigint as bytes from pg_class where relkind = 'r' and relnamespace = current_schema()::regnamespace and relname in (${sql.join([...tables])})`,
  // It accepts 65,535. A statement of one size stays planned, and larger ones are no faster.
  maxParameters: 10_000,
  columnType: (column) => typeOf(column),
  ...JSON_AS_TEXT,
  ...INSTANTS_AS_DATES,
  isPassing: (error) => error instanceof ServerAway,
  onExistingKey: onConflict,
  // By a lock of the session, because tables are made in several transactions.
  exclusively: (what) => ({
    begin: sql`select pg_advisory_lock(hashtextextended(${what} || current_schema(), 0))`,
    end: sql`select pg_advisory_unlock(hashtextextended(${what} || current_schema(), 0))`,
  }),
};

const typeOf = (column: ColumnKind): RawBuilder<unknown> => {
  switch (column.kind) {
    case 'text':
      // Keys differ by every character, and sort as they do everywhere else.
      return sql`varchar(${sql.lit(column.length)}) collate "C"`;
    case 'integer':
      return sql`integer`;
    case 'position':
      return sql`bigint`;
    case 'instant':
      return sql`timestamptz(3)`;
    case 'json':
      // As it was written: jsonb has no room for every text that JSON has.
      return sql`json`;
  }
};
