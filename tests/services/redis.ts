// Redis, which writes each change to its file before it answers, so that nothing is lost with the process.
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { findProgram, type Installed, type ServerKind, versionOf } from './server-kind.ts';

export const REDIS: ServerKind = {
  name: 'Redis',
  setting: 'RAILHEAD_READ_CACHE',
  variable: 'RAILHEAD_TEST_REDIS',
  hasReplicas: false,
  find: () => {
    const server = findProgram('redis-server');
    return server === undefined ? { missing: 'no Redis here (apt-get install redis-server)' } : installed(server);
  },
  url: ({ port }) => `redis://127.0.0.1:${port}`,
  ownPart: async (url, name) => {
    const prefix = `${name}:`;
    return { url, prefix, drop: () => withClient(url, (client) => removeAll(client, `${prefix}*`)) };
  },
};

/** The socket that it listens on besides its port. */
export const redisSocket = ({ folder }: { readonly folder: string }): string => join(folder, 'redis.sock');

/** `disconnect` alone leaves a timer of two seconds behind if the connection has ended already. */
export const closeRedis = (client: Redis): void => {
  if (client.status !== 'end') client.disconnect();
};

const withClient = async (url: string, work: (client: Redis) => Promise<unknown>): Promise<void> => {
  const client = new Redis(url, { lazyConnect: true, retryStrategy: () => null });
  // The command fails as well, and says why.
  client.on('error', () => {});
  try {
    await client.connect();
    await work(client);
  } finally {
    closeRedis(client);
  }
};

const removeAll = async (client: Redis, pattern: string): Promise<void> => {
  // Safe cast: what scanStream yields.
  for await (const keys of client.scanStream({ match: pattern, count: 1_000 }))
    if ((keys as string[]).length > 0) await client.unlink(keys as string[]);
};

const installed = (server: string): Installed => ({
  version: versionOf(server),
  identity: {},
  stopSignal: 'SIGTERM',
  prepare: async () => {},
  command: ({ folder, port }) => ({
    file: server,
    args: [
      ...['--port', String(port), '--bind', '127.0.0.1', '--unixsocket', redisSocket({ folder })],
      ...['--dir', folder, '--appendonly', 'yes', '--save', ''],
    ],
  }),
  ask: ({ folder, port }) =>
    withClient(`redis://127.0.0.1:${port}`, async (client) => {
      const [, dir] = await client.config('GET', 'dir').then((pair) => pair as string[]);
      if (dir !== folder) throw new Error('another Redis answers on this port');
    }),
});
