// On servers that somebody else has started, tests use parts of their own, remove them, and leave the server alone.
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, expect, test } from '@jest/globals';
import { clientAt } from '@railhead/infra/search/search-server.ts';
import { Redis } from 'ioredis';
import mysql from 'mysql2/promise';
import pg from 'pg';
import { ELASTICSEARCH } from './elasticsearch.ts';
import { KINDS } from './kinds.ts';
import { MARIADB } from './mariadb.ts';
import { OPENSEARCH } from './opensearch.ts';
import { POSTGRES } from './postgres.ts';
import { REDIS } from './redis.ts';
import { RunningServer } from './running-server.ts';
import type { ServerKind } from './server-kind.ts';
import { storedValues } from './stored-values.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** The names of all databases, keys or indices. */
const CONTENTS = new Map<ServerKind, (url: string) => Promise<readonly string[]>>([
  [
    POSTGRES,
    async (url) => {
      const client = new pg.Client(url);
      await client.connect();
      const { rows } = await client.query<{ datname: string }>('SELECT datname FROM pg_database');
      await client.end();
      return rows.map(({ datname }) => datname);
    },
  ],
  [
    MARIADB,
    async (url) => {
      const connection = await mysql.createConnection(url);
      const [rows] = await connection.query<mysql.RowDataPacket[]>('SHOW DATABASES');
      await connection.end();
      return rows.map(({ Database }) => Database);
    },
  ],
  [
    REDIS,
    async (url) => {
      const client = new Redis(url);
      const keys = await client.keys('*');
      await client.quit();
      return keys;
    },
  ],
  ...[ELASTICSEARCH, OPENSEARCH].map((kind): [ServerKind, (url: string) => Promise<readonly string[]>] => [
    kind,
    async (url) => {
      const client = clientAt(url);
      const indices = await client.indices.getAlias({ index: '*' });
      await client.close();
      return Object.keys(indices);
    },
  ]),
]);

const installed = KINDS.filter((kind) => !('missing' in kind.find()));
const servers: RunningServer[] = [];
afterAll(() => Promise.all(servers.map((server) => server.discard())));

const contents = (): Promise<readonly (readonly string[])[]> =>
  Promise.all(servers.map(async ({ kind, url }) => (await CONTENTS.get(kind)?.(url)) ?? []));

test('named servers are used, are not killed, and hold afterwards what they held before', async () => {
  for (const kind of installed) servers.push(await RunningServer.start(kind));
  for (const { kind, url } of servers) {
    const values = await storedValues(kind, { url, prefix: '' });
    await values.write('key', 'value');
    await values.close();
  }
  const [before, processes] = [await contents(), servers.map(({ process: started }) => started)];
  const env = { ...process.env, ...Object.fromEntries(servers.map(({ kind, url }) => [kind.variable, url])) };
  const run = ['tests/services/run.ts', 'tests/services/servers.test', '--verbose'];
  const { stdout, stderr } = await promisify(execFile)(process.execPath, run, { cwd: ROOT, env });
  expect(stdout).toMatch(new RegExp(`^${2 * installed.length} passed, 0 failed, \\d+ skipped$`, 'm'));
  for (const { variable } of installed) expect(stderr).toContain(`skipped: ${variable} names a server`);
  expect(await contents()).toEqual(before);
  expect(servers.map(({ process: running }) => running)).toEqual(processes);
});
