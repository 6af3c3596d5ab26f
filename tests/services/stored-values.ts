// A value stored under a key, by the client library that the product uses for each kind of server.
import { errors } from '@elastic/elasticsearch';
import { clientAt } from '@railhead/infra/search/search-server.ts';
import { Redis } from 'ioredis';
import mysql from 'mysql2/promise';
import pg from 'pg';
import { ELASTICSEARCH } from './elasticsearch.ts';
import { MARIADB } from './mariadb.ts';
import { OPENSEARCH } from './opensearch.ts';
import { POSTGRES } from './postgres.ts';
import { closeRedis, REDIS } from './redis.ts';
import type { OwnPart, ServerKind } from './server-kind.ts';

export type StoredValues = {
  /** Resolves when it is stored for good. */
  write(key: string, value: string): Promise<void>;
  /** Also of a replica, which may not know it yet. */
  read(key: string): Promise<string | undefined>;
  close(): Promise<void>;
};

type Part = Pick<OwnPart, 'url' | 'prefix'>;

const VALUES = 'id varchar(40) PRIMARY KEY, held varchar(40) NOT NULL';

const postgres = async ({ url }: Part): Promise<StoredValues> => {
  const pool = new pg.Pool({ connectionString: url, max: 2 });
  // An idle connection learns that its server was killed.
  pool.on('error', () => {});
  return {
    write: async (key, value) => {
      await pool.query(`CREATE TABLE IF NOT EXISTS stored (${VALUES})`);
      await pool.query('INSERT INTO stored VALUES ($1, $2)', [key, value]);
    },
    read: async (key) => {
      const { rows } = await pool.query<{ held: string }>('SELECT held FROM stored WHERE id = $1', [key]);
      return rows[0]?.held;
    },
    close: () => pool.end(),
  };
};

const mariadb = async ({ url }: Part): Promise<StoredValues> => {
  const pool = mysql.createPool({ uri: url, connectionLimit: 2 });
  return {
    write: async (key, value) => {
      await pool.query(`CREATE TABLE IF NOT EXISTS stored (${VALUES})`);
      await pool.execute('INSERT INTO stored VALUES (?, ?)', [key, value]);
    },
    read: async (key) => {
      const [rows] = await pool.execute<mysql.RowDataPacket[]>('SELECT held FROM stored WHERE id = ?', [key]);
      return rows[0]?.held;
    },
    close: () => pool.end(),
  };
};

const redis = async ({ url, prefix }: Part): Promise<StoredValues> => {
  const client = new Redis(url);
  client.on('error', () => {});
  return {
    write: async (key, value) => {
      await client.set(`${prefix}${key}`, value);
    },
    read: async (key) => (await client.get(`${prefix}${key}`)) ?? undefined,
    close: async () => closeRedis(client),
  };
};

const elasticsearch = async ({ url, prefix }: Part): Promise<StoredValues> => {
  const client = clientAt(url);
  const index = `${prefix}stored`;
  return {
    write: async (id, held) => {
      await client.index({ index, id, document: { held } });
    },
    read: async (id) => {
      try {
        const { _source } = await client.get<{ readonly held: string }>({ index, id });
        return _source?.held;
      } catch (error) {
        if (error instanceof errors.ResponseError && error.statusCode === 404) return undefined;
        throw error;
      }
    },
    close: () => client.close(),
  };
};

const CLIENTS = new Map<ServerKind, (part: Part) => Promise<StoredValues>>([
  [POSTGRES, postgres],
  [MARIADB, mariadb],
  [REDIS, redis],
  [ELASTICSEARCH, elasticsearch],
  [OPENSEARCH, elasticsearch],
]);

export const storedValues = (kind: ServerKind, part: Part): Promise<StoredValues> => {
  const open = CLIENTS.get(kind);
  if (open === undefined) throw new Error(`no client for ${kind.name}`);
  return open(part);
};
