// The database server that suites use for their read models, if RAILHEAD_TEST_READ_SQL names one; otherwise they use files.
// Each that asks gets a database of its own, which goes with the server.
import { randomUUID } from 'node:crypto';
import { MARIADB } from '../services/mariadb.ts';
import { POSTGRES } from '../services/postgres.ts';

const SERVER = process.env.RAILHEAD_TEST_READ_SQL ?? '';
export const onSqlServer = SERVER !== '';

/** The address of a new database; empty: there is no server. */
export const ownReadSql = async (): Promise<string> => {
  if (!onSqlServer) return '';
  const kind = SERVER.startsWith('postgres') ? POSTGRES : MARIADB;
  const { url } = await kind.ownPart(SERVER, `railhead_test_${randomUUID().replaceAll('-', '').slice(0, 16)}`);
  return url;
};
