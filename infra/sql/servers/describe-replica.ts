// Asks a replica how it is, for whoever looks after it.
import type { EngineTables } from '@railhead/projections/engine/read-database.ts';
import { Kysely, sql } from 'kysely';
import { isPostgres, serverAt } from './open-server.ts';
import { saidBy } from './sql-server.ts';

export type ReplicaDescription = {
  readonly answers: boolean;
  /** Does it follow another server? Undefined: it does not tell. */
  readonly isReplica: boolean | undefined;
  readonly says: string;
};

/** What a server says of itself. `lagSeconds`: undefined where it does not tell, or does not go on. */
type Following = { readonly isReplica: boolean | undefined; readonly lagSeconds?: number; readonly stands?: boolean };

export const describeReplica = async (url: string, primaryUrl: string): Promise<ReplicaDescription> => {
  const db = databaseAt(url);
  try {
    const { rows } = await sql<{ version: string }>`select version() as version`.execute(db);
    const version = (rows[0]?.version ?? '').replace(/ on .*/, '');
    const { isReplica, lagSeconds, stands } = await (isPostgres(url) ? inPostgres(db) : inMysql(db));
    const parts = [
      version,
      isReplica === undefined ? 'does not tell whether it is a replica' : isReplica ? 'a replica' : 'NOT A REPLICA',
      ...(stands === true ? ['does not go on'] : []),
      ...(lagSeconds === undefined ? [] : [`${lagSeconds.toFixed(1)} s behind`]),
      await eventsBehind(db, primaryUrl),
    ];
    return { answers: true, isReplica, says: parts.join(', ') };
  } catch (error) {
    return { answers: false, isReplica: undefined, says: saidBy(error) };
  } finally {
    await db.destroy();
  }
};

const databaseAt = (url: string): Kysely<EngineTables> => new Kysely<EngineTables>({ dialect: serverAt(url).kysely });

/** Where nothing is written, the last transaction is old and nothing is missing: it receives, and has replayed all that it has. */
const inPostgres = async (db: Kysely<EngineTables>): Promise<Following> => {
  const { rows } = await sql<{ follows: boolean; stands: boolean; lag: number | null }>`
    select pg_is_in_recovery() as follows,
      case when pg_is_in_recovery() then pg_is_wal_replay_paused() else false end as stands,
      case when not pg_is_in_recovery() then null
        when pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn()
          and exists (select 1 from pg_stat_wal_receiver) then 0
        else extract(epoch from now() - pg_last_xact_replay_timestamp())::float8 end as lag`.execute(db);
  const [row] = rows;
  return {
    isReplica: row?.follows === true,
    stands: row?.stands === true,
    ...(typeof row?.lag === 'number' ? { lagSeconds: row.lag } : {}),
  };
};

type ReplicaStatus = Readonly<Record<string, unknown>>;

/** The statement needs a privilege; without it there is only that a replica does not let itself be written. */
const inMysql = async (db: Kysely<EngineTables>): Promise<Following> => {
  try {
    const { rows } = await sql<ReplicaStatus>`show replica status`.execute(db);
    const [status] = rows;
    if (status === undefined) return { isReplica: false };
    // MariaDB and MySQL name them otherwise.
    const lag = status.Seconds_Behind_Master ?? status.Seconds_Behind_Source ?? null;
    return lag === null ? { isReplica: true, stands: true } : { isReplica: true, lagSeconds: Number(lag) };
  } catch {
    const { rows } = await sql<{ locked: number }>`select @@global.read_only as locked`.execute(db);
    return { isReplica: Number(rows[0]?.locked) === 1 ? undefined : false };
  }
};

/** By the model that is furthest behind. */
const eventsBehind = async (db: Kysely<EngineTables>, primaryUrl: string): Promise<string> => {
  const primary = databaseAt(primaryUrl);
  try {
    const stored = new Map((await placesIn(db)).map(({ model, position }) => [model, position]));
    const lags = (await placesIn(primary)).map(({ model, position }) => position - (stored.get(model) ?? 0));
    return `${Math.max(0, ...lags)} events behind`;
  } catch {
    return 'it is not known how many events it is behind';
  } finally {
    await primary.destroy();
  }
};

const placesIn = (db: Kysely<EngineTables>) => db.selectFrom('model_places').select(['model', 'position']).execute();
