// MariaDB, and a replica of it.
import { join } from 'node:path';
import mysql from 'mysql2/promise';
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

const USER = 'railhead';

export const MARIADB: ServerKind = {
  name: 'MariaDB',
  setting: 'RAILHEAD_READ_SQL',
  variable: 'RAILHEAD_TEST_MARIADB',
  hasReplicas: true,
  find: () => {
    const [server, install] = [findProgram('mariadbd'), findProgram('mariadb-install-db')];
    if (server === undefined || install === undefined)
      return { missing: 'no MariaDB here (apt-get install mariadb-server)' };
    const identity = identityInPlaceOfRoot('mysql');
    if (identity === undefined) return { missing: 'MariaDB refuses root, and there is no user mysql' };
    return installed(server, install, identity);
  },
  url: ({ port }) => `mysql://${USER}@127.0.0.1:${port}/${USER}`,
  ownPart: async (url, name) => {
    await withConnection(url, (connection) => connection.query(`CREATE DATABASE ${name}`));
    const own = new URL(url);
    own.pathname = name;
    return {
      url: own.href,
      prefix: '',
      drop: () => withConnection(url, (connection) => connection.query(`DROP DATABASE IF EXISTS ${name}`)),
    };
  },
};

const asRoot = ({ port }: Place): string => `mysql://root@127.0.0.1:${port}`;
const dataOf = ({ folder }: Place): string => join(folder, 'data');

const withConnection = async (url: string, work: (connection: mysql.Connection) => Promise<unknown>): Promise<void> => {
  const connection = await mysql.createConnection(url);
  try {
    await work(connection);
  } finally {
    await connection.end();
  }
};

/** The user may make databases that begin with its name, and see how replication goes, but not write to a replica. */
const SET_UP = [
  `CREATE DATABASE ${USER}`,
  `CREATE USER ${USER}@'127.0.0.1'`,
  `GRANT ALL ON \`${USER}%\`.* TO ${USER}@'127.0.0.1'`,
  `GRANT REPLICATION SLAVE, REPLICA MONITOR, BINLOG MONITOR ON *.* TO ${USER}@'127.0.0.1'`,
];

/** The machine itself does not fail in a test, and what a process has written outlives the process. */
const UNSYNCED = ['--debug-no-sync', '--innodb-flush-log-at-trx-commit=2'];

const installed = (server: string, install: string, identity: Identity): Installed => {
  const primary: Installed = {
    version: versionOf(server),
    identity,
    stopSignal: 'SIGTERM',
    prepare: async (place) => {
      const access = ['--auth-root-authentication-method=normal', '--skip-test-db'];
      const args = ['--no-defaults', `--datadir=${dataOf(place)}`, ...access, ...UNSYNCED];
      await run({ file: install, args }, place, identity);
    },
    command: (place) => ({
      file: server,
      args: [
        '--no-defaults',
        `--datadir=${dataOf(place)}`,
        `--port=${place.port}`,
        '--bind-address=127.0.0.1',
        `--socket=${join(place.folder, 's.sock')}`,
        `--pid-file=${join(place.folder, 'p.pid')}`,
        '--character-set-server=utf8mb4',
        ...UNSYNCED,
        // Replicas read the log of all changes since the beginning; of one primary, each server has another id.
        '--log-bin=changes',
        `--server-id=${place.port}`,
      ],
    }),
    ask: (place) =>
      withConnection(asRoot(place), async (connection) => {
        const [rows] = await connection.query<mysql.RowDataPacket[]>('SELECT @@datadir AS folder');
        if (rows[0]?.folder !== `${dataOf(place)}/`) throw new Error('another MariaDB answers on this port');
      }),
    setUp: (place) =>
      withConnection(asRoot(place), async (connection) => {
        for (const statement of SET_UP) await connection.query(statement);
      }),
    asReplicaOf: ({ port }) => ({
      ...primary,
      command: (place) => {
        const { file, args } = primary.command(place);
        return { file, args: [...args, '--read-only'] };
      },
      setUp: (place) =>
        withConnection(asRoot(place), async (connection) => {
          const from = `MASTER_HOST='127.0.0.1', MASTER_PORT=${port}, MASTER_USER='${USER}'`;
          await connection.query(`CHANGE MASTER TO ${from}, MASTER_USE_GTID=slave_pos, MASTER_CONNECT_RETRY=1`);
          await connection.query('START SLAVE');
        }),
    }),
  };
  return primary;
};
