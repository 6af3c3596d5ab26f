// The database server that suites use for their read models, if RAILHEAD_TEST_READ_SQL names one; otherwise they use files.
// Each that asks gets a database of its own, which goes with the server.
import { randomUUID } from 'node:crypto';
import type { ReadDatabase } from '@railhead/projections/engine/read-database.ts';
import { realClock } from './fixed-clock.ts';

const SERVER = process.env.RAILHEAD_TEST_READ_SQL ?? '';
export const onSqlServer = SERVER !== '';

/** The address of a new database; empty: there is no server. The servers' clients are loaded only where one is used. */
export const ownReadSql = async (): Promise<string> => {
  if (!onSqlServer) return '';
  const kind = SERVER.startsWith('postgres')
    ? (await import('../services/postgres.ts')).POSTGRES
    : (await import('../services/mariadb.ts')).MARIADB;
  const { url } = await kind.ownPart(SERVER, `railhead_test_${randomUUID().replaceAll('-', '').slice(0, 16)}`);
  return url;
};

export const openOwnReadSql = async (): Promise<ReadDatabase> => {
  const { openSqlServer } = await import('@railhead/infra/sql/servers/open-server.ts');
  const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
  return openSqlServer(await ownReadSql(), [], { clock: realClock, logger: silent });
};
