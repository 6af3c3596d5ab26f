// Lets a replica stand still in what it follows, while it answers.
import mysql from 'mysql2/promise';
import pg from 'pg';
import { POSTGRES } from './postgres.ts';
import type { RunningServer } from './running-server.ts';
import type { ServerKind } from './server-kind.ts';

export type Replay = { readonly pause: () => Promise<void>; readonly resume: () => Promise<void> };

const inPostgres = async (url: string, statement: string): Promise<void> => {
  const client = new pg.Client(url);
  await client.connect();
  await client.query(statement);
  await client.end();
};

const inMariadb = async (port: number, statement: string): Promise<void> => {
  const connection = await mysql.createConnection(`mysql://root@127.0.0.1:${port}`);
  await connection.query(statement);
  await connection.end();
};

export const replayOf = (kind: ServerKind, { url, place }: RunningServer): Replay =>
  kind === POSTGRES
    ? {
        pause: () => inPostgres(url, 'SELECT pg_wal_replay_pause()'),
        resume: () => inPostgres(url, 'SELECT pg_wal_replay_resume()'),
      }
    : {
        pause: () => inMariadb(place.port, 'STOP SLAVE SQL_THREAD'),
        resume: () => inMariadb(place.port, 'START SLAVE SQL_THREAD'),
      };
