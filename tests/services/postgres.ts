// PostgreSQL, and a streaming replica of it.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import pg from 'pg';
import {
  findProgram,
  type Identity,
  type Installed,
  identityInPlaceOfRoot,
  type Place,
  run,
  type ServerKind,
  versionOf,
} from './server-kind.ts';

const DEBIAN = '/usr/lib/postgresql';
/** The first that sorts a database by the rules of a language without the help of the system. */
const OLDEST = 15;
const USER = 'railhead';

export const POSTGRES: ServerKind = {
  name: 'PostgreSQL',
  setting: 'RAILHEAD_READ_SQL',
  variable: 'RAILHEAD_TEST_POSTGRES',
  hasReplicas: true,
  find: () => {
    const bin = newestBin();
    if (bin === undefined || Number.parseInt(versionOf(join(bin, 'postgres')), 10) < OLDEST)
      return { missing: `no PostgreSQL ${OLDEST} or newer here (apt-get install postgresql)` };
    const identity = identityInPlaceOfRoot('postgres');
    if (identity === undefined) return { missing: 'PostgreSQL refuses root, and there is no user postgres' };
    return installed(bin, identity);
  },
  url: ({ port }) => urlOf(port, USER),
  ownPart: async (url, name) => {
    await withClient(url, (client) => client.query(`CREATE DATABASE ${name}`));
    const own = new URL(url);
    own.pathname = name;
    return {
      url: own.href,
      prefix: '',
      drop: () => withClient(url, (client) => client.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`)),
    };
  },
};

/** Debian has a folder for each version; elsewhere the programs are on the path. */
const newestBin = (): string | undefined => {
  const versions = existsSync(DEBIAN) ? readdirSync(DEBIAN) : [];
  const bins = versions.toSorted((a, b) => Number(b) - Number(a)).map((version) => join(DEBIAN, version, 'bin'));
  const found = findProgram('initdb', bins) ?? findProgram('initdb');
  return found && dirname(found);
};

/** One of the programs that come with the server. */
export const postgresProgram = (name: string): string => join(newestBin() ?? '', name);

const urlOf = (port: number, database: string): string => `postgres://${USER}@127.0.0.1:${port}/${database}`;
const dataOf = ({ folder }: Place): string => join(folder, 'data');

const withClient = async (url: string, work: (client: pg.Client) => Promise<unknown>): Promise<void> => {
  const client = new pg.Client(url);
  // A server that ends tells its idle clients too.
  client.on('error', () => {});
  try {
    await client.connect();
    await work(client);
  } finally {
    await client.end();
  }
};

const installed = (bin: string, identity: Identity): Installed => {
  const program = (place: Place, name: string, ...args: readonly string[]): Promise<string> =>
    run({ file: join(bin, name), args }, place, identity);
  const primary: Installed = {
    version: versionOf(join(bin, 'postgres')),
    identity,
    // SIGTERM would wait until the last client has gone.
    stopSignal: 'SIGINT',
    // Text is sorted by the rules of a language, as in most databases out there and not as in SQLite.
    prepare: async (place) => {
      const locale = ['-E', 'UTF8', '--no-locale', '--locale-provider=icu', '--icu-locale=en-US'];
      await program(place, 'initdb', '--no-sync', '-D', dataOf(place), '-A', 'trust', '-U', USER, ...locale);
    },
    command: (place) => ({
      file: join(bin, 'postgres'),
      args: ['-D', dataOf(place), '-p', String(place.port), '-k', place.folder, ...SETTINGS.flatMap((s) => ['-c', s])],
    }),
    ask: (place) =>
      withClient(urlOf(place.port, 'postgres'), async (client) => {
        const { rows } = await client.query<{ data_directory: string }>('SHOW data_directory');
        if (rows[0]?.data_directory !== dataOf(place)) throw new Error('another PostgreSQL answers on this port');
      }),
    setUp: (place) => withClient(urlOf(place.port, 'postgres'), (client) => client.query(`CREATE DATABASE ${USER}`)),
    clear: async (place) => {
      // The last number of the 7th line is the id of the shared memory by which two servers on one folder would meet.
      const pidFile = join(dataOf(place), 'postmaster.pid');
      const id = existsSync(pidFile) && readFileSync(pidFile, 'utf8').split('\n')[6]?.trim().split(/\s+/)[1];
      // It is gone already if the server could still do so.
      if (id) await run({ file: 'ipcrm', args: ['-m', id] }, place, identity).catch(() => {});
    },
    asReplicaOf: ({ port }) => {
      const { setUp: _, ...replica } = primary;
      const from = ['-h', '127.0.0.1', '-p', String(port), '-U', USER];
      return {
        ...replica,
        prepare: async (place) => {
          await program(
            place,
            'pg_basebackup',
            '--no-sync',
            ...from,
            '-D',
            dataOf(place),
            '-R',
            '-X',
            'stream',
            '-c',
            'fast',
          );
        },
      };
    },
  };
  return primary;
};

const SETTINGS = [
  // The machine itself does not fail in a test, and what a process has written outlives the process.
  'fsync=off',
  'listen_addresses=127.0.0.1',
  // How soon a replica asks again for a primary that has gone.
  'wal_retrieve_retry_interval=200ms',
];
