// The read models on a database server that other processes may use as well. The server may be away at any time, also at
// the start: the models then wait for it, and everything else goes on.
import type { Clock } from '@railhead/commands/ports/clock.ts';
import type { Logger } from '@railhead/commands/ports/logger.ts';
import { prepareTables } from '@railhead/projections/engine/prepare-tables.ts';
import type { EngineTables, ReadDatabase } from '@railhead/projections/engine/read-database.ts';
import type { ReadModel } from '@railhead/projections/engine/read-model.ts';
import type { ReplicaDatabase } from '@railhead/projections/engine/replicas/replica.ts';
import { Kysely, sql } from 'kysely';
import { newOwner } from '../../system/owner.ts';
import { mysqlServer } from './mysql.ts';
import { postgresServer } from './postgres.ts';
import { BRIEF, PATIENT, type Patience, ServerAway, type SqlServer, saidBy } from './sql-server.ts';

/** By the beginning of the address. */
const SERVERS: Readonly<Record<string, (url: string, patience: Patience) => SqlServer>> = {
  'postgres:': postgresServer,
  'postgresql:': postgresServer,
  'mysql:': mysqlServer,
  'mariadb:': (url, patience) => mysqlServer(url.replace(/^mariadb:/, 'mysql:'), patience),
};

export const isServerAddress = (text: string): boolean => URL.canParse(text) && new URL(text).protocol in SERVERS;

/** Do two addresses name servers of one kind? */
export const areOfOneKind = (one: string, other: string): boolean => isPostgres(one) === isPostgres(other);

export const isPostgres = (url: string): boolean => new URL(url).protocol.startsWith('postgres');

export const serverAt = (url: string, patience = PATIENT): SqlServer => {
  const open = SERVERS[new URL(url).protocol];
  if (open === undefined) throw new Error('the address of the read models names no database server');
  return open(url, patience);
};

export type OpenOptions = { readonly clock: Pick<Clock, 'after'>; readonly logger: Logger };

export const openSqlServer = (
  url: string,
  models: readonly ReadModel<unknown>[],
  { clock, logger }: OpenOptions,
): ReadDatabase => {
  const server = serverAt(url);
  const db = new Kysely<EngineTables>({ dialect: server.kysely });
  let preparing: Promise<void> | undefined;
  const database: ReadDatabase = {
    db,
    dialect: server.sql,
    shared: { owner: newOwner(), clock },
    // Each time anew, because tables may be gone since; once for all models that ask at the same time.
    prepared: () => {
      preparing ??= prepareTables(database, models, logger)
        .catch((error: unknown) => {
          const err = error instanceof ServerAway ? error.cause : error;
          logger.warn({ err }, 'the tables of the read models could not be looked at');
          throw error;
        })
        .finally(() => {
          preparing = undefined;
        });
      return preparing;
    },
  };
  return database;
};

/** A server that follows another one. It is only asked. */
export const openReplica = (url: string, name: string): ReplicaDatabase => {
  const { kysely, sql } = serverAt(url, BRIEF);
  return { name, db: new Kysely<EngineTables>({ dialect: kysely }), dialect: sql };
};

/** Asks the server which it is. What it says is for whoever looks after it. */
export const describeServer = async (url: string): Promise<{ readonly answers: boolean; readonly says: string }> => {
  const db = new Kysely<EngineTables>({ dialect: serverAt(url).kysely });
  try {
    const { rows } = await sql<{ version: string }>`select version() as version`.execute(db);
    return { answers: true, says: (rows[0]?.version ?? '').replace(/ on .*/, '') };
  } catch (error) {
    return { answers: false, says: saidBy(error) };
  } finally {
    await db.destroy();
  }
};
