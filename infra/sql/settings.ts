import { baseNameOf } from '@railhead/projections/engine/left-out.ts';
import { READ_MODELS } from '@railhead/projections/read-models.ts';
import { z } from 'zod';
import { type Settings, setting, type ValuesOf, whole } from '../config/setting.ts';
import { areOfOneKind, isServerAddress } from './servers/open-server.ts';

/** More would only be connections. */
const MAX_REPLICAS = 16;

/** The addresses in a list; a comma within one is written %2C. */
export const replicaAddresses = (list: string): readonly string[] => (list === '' ? [] : list.split(',').map(trimmed));
const trimmed = (text: string): string => text.trim();

const ALL_MODELS = 'all';

const setAsideModels = (text: string): readonly string[] =>
  text === '' ? [] : text.split(',').map((name) => name.trim());

/** Does the model set streams aside, by this setting? A database of a model that is spread does as the model. */
export const setsAsideIn = (text: string, model: string): boolean => {
  const named = setAsideModels(text);
  return named.includes(ALL_MODELS) || named.includes(baseNameOf(model));
};

export const readSideSettings = {
  readSql: setting(
    z
      .string()
      .refine(
        (text) => text === '' || isServerAddress(text),
        'must begin with postgres:// or mysql:// and name a server',
      ),
    '',
    'RAILHEAD_READ_SQL',
    'database server of the read models, such as postgres://user:password@127.0.0.1/railhead; else a file in the data folder',
    'given',
  ),
  readSqlShards: setting(
    z.string(),
    '',
    'RAILHEAD_READ_SQL_SHARDS',
    'JSON file that names several databases and the number of tables in each, over which orders are spread',
  ),
  setAsideIn: setting(
    z
      .string()
      .refine(
        (text) => setAsideModels(text).every((name) => name === ALL_MODELS || Object.hasOwn(READ_MODELS, name)),
        `must be names of read models with commas between: ${Object.keys(READ_MODELS).join(',')}, or ${ALL_MODELS}`,
      ),
    '',
    'RAILHEAD_SET_ASIDE_IN',
    'read models that set a stream aside where they refuse one of its events, with commas between, or all; the others stop there',
  ),
  readSqlReplica: setting(
    z
      .string()
      .refine(
        (text) => replicaAddresses(text).every(isServerAddress),
        'must be addresses of servers that begin with postgres:// or mysql://, with a comma between them',
      )
      .refine((text) => replicaAddresses(text).length <= MAX_REPLICAS, `must name ${MAX_REPLICAS} servers at most`)
      .refine(
        (text) => new Set(replicaAddresses(text)).size === replicaAddresses(text).length,
        'must name each server once',
      ),
    '',
    'RAILHEAD_READ_SQL_REPLICA',
    'replicas of that server, which answer questions in its place, with a comma between them',
    'given',
  ),
  readReplicaLagSeconds: setting(
    // A model that has nothing to write moves its place twice a second, and it is noted as often.
    whole(2, 86_400),
    5,
    'RAILHEAD_READ_REPLICA_LAG_SECONDS',
    'seconds that a replica may be behind for reads that name no position',
  ),
} as const satisfies Settings;

/** What is wrong with these settings together, without what is in them. */
export const readSideComplaint = ({
  readSql,
  readSqlReplica,
}: Pick<ValuesOf<typeof readSideSettings>, 'readSql' | 'readSqlReplica'>): string | undefined => {
  const replicas = replicaAddresses(readSqlReplica);
  if (replicas.length === 0) return undefined;
  if (readSql === '') return 'readSqlReplica: replicas follow a server, and readSql names none';
  if (!replicas.every((replica) => areOfOneKind(replica, readSql)))
    return 'readSqlReplica: a replica must be a database of the same kind as readSql';
  return undefined;
};
