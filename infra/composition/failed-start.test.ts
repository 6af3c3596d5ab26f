// A start that fails at any part leaves nothing behind: no open file, no bound port, no locked folder. The next start
// in the same process succeeds.
import { once } from 'node:events';
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { codeOf } from '@railhead/tests/support/code-of.ts';
import { FailingCalls } from '@railhead/tests/support/failing-calls.ts';
import { openFilesIn } from '@railhead/tests/support/open-files.ts';
import { tempFolder } from '@railhead/tests/support/temp-folder.ts';
import { loadConfig } from '../config/load-config.ts';
import type { Config } from '../config/settings.ts';
import { SqliteEventStore } from '../eventstore/sqlite/sqlite-event-store.ts';
import { sqliteCheckpoints } from '../sql/sqlite-checkpoints.ts';
import { RailheadServer } from './server.ts';

const root = tempFolder();
const listening = async (port = 0): Promise<Server> => {
  const server = createServer().listen(port, '127.0.0.1');
  await once(server, 'listening');
  return server;
};
const closed = async (server: Server): Promise<void> => {
  const end = once(server, 'close');
  server.close();
  await end;
};

/** A port that is free. If a failed start leaves it bound, the next start fails. */
let port = 0;
beforeAll(async () => {
  const server = await listening();
  port = (server.address() as AddressInfo).port; // safe cast: a server on a port has such an address
  await closed(server);
});

const data = join(root, 'data');
const config = (settings: Partial<Config> = {}): Config => {
  const secrets = { authSecret: 'x'.repeat(16), gatewaySecret: 'y'.repeat(16), orderSecret: 'z'.repeat(16) };
  const flags = { data, port, logLevel: 'silent', ...secrets, ...settings };
  return loadConfig({ flags, env: {}, file: undefined }).config;
};

const startsAndStops = async (): Promise<void> => {
  const server = await RailheadServer.start(config());
  expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
  await server.stop();
  expect(openFilesIn(data)).toEqual([]);
};

const GARBAGE = 'no database, '.repeat(1_000);
const gone = (name: string): void => {
  for (const end of ['', '-wal', '-shm']) rmSync(join(data, name + end), { force: true, recursive: true });
};
const damaged = (name: string) => (): void => {
  gone(name);
  writeFileSync(join(data, name), GARBAGE);
};
const folderFor = (name: string) => (): void => {
  gone(name);
  mkdirSync(join(data, name, 'in it'), { recursive: true });
};
const repaired = (name: string) => (): void => gone(name);
/** Begins anew, with all that was derived gone as well. */
const begunAnew = (): void => ['events.db', 'read.db', 'processes.db', 'snapshots.db'].forEach(gone);

type Failure = {
  /** What the command line makes an exit code of. */
  readonly code: string;
  readonly cause?: () => unknown;
  readonly settings?: Partial<Config>;
  readonly repair?: () => unknown;
};
let other: Server | undefined;
afterAll(() => void other?.close());

const FAILURES: Readonly<Record<string, Failure>> = {
  'the log is damaged': { code: 'STORE_CORRUPT', cause: damaged('events.db'), repair: begunAnew },
  'the log is gone, and what was derived from it is there': {
    code: 'STORE_UNAVAILABLE',
    cause: () => gone('events.db'),
    repair: begunAnew,
  },
  'the log is empty, and what was derived from it is there': {
    code: 'STORE_UNAVAILABLE',
    cause: () => {
      gone('events.db');
      writeFileSync(join(data, 'events.db'), '');
    },
    repair: begunAnew,
  },
  'the log has no events, and what was derived from it knows some': {
    code: 'STORE_UNAVAILABLE',
    cause: async () => {
      gone('events.db');
      const kept = join(data, 'kept');
      mkdirSync(kept);
      await (await SqliteEventStore.open({ folder: kept })).close();
      renameSync(join(kept, 'events.db'), join(data, 'events.db'));
      rmSync(kept, { recursive: true });
      const checkpoints = sqliteCheckpoints(data);
      await checkpoints('orders').replace({ position: 9, fingerprint: 'event 9', unfinished: [] });
      checkpoints.close();
    },
    repair: begunAnew,
  },
  'a folder stands in place of the log': {
    code: 'STORE_UNAVAILABLE',
    cause: folderFor('events.db'),
    repair: begunAnew,
  },
  'a folder stands in place of the lock': {
    code: 'STORE_UNAVAILABLE',
    cause: folderFor('owner.lock'),
    repair: repaired('owner.lock'),
  },
  'the lock is damaged': { code: 'STORE_CORRUPT', cause: damaged('owner.lock'), repair: repaired('owner.lock') },
  'a folder stands in place of the read models': {
    code: 'DATA_UNUSABLE',
    cause: folderFor('read.db'),
    repair: repaired('read.db'),
  },
  'a folder stands in place of the checkpoints': {
    code: 'DATA_UNUSABLE',
    cause: folderFor('processes.db'),
    repair: repaired('processes.db'),
  },
  'a folder stands in place of the snapshots': {
    code: 'DATA_UNUSABLE',
    cause: folderFor('snapshots.db'),
    repair: repaired('snapshots.db'),
  },
  "the sandbox gateway's book is damaged": {
    code: 'DATA_UNUSABLE',
    cause: damaged('gateway.db'),
    repair: repaired('gateway.db'),
  },
  "pages of the sandbox gateway's book are damaged": {
    code: 'DATA_UNUSABLE',
    cause: () => {
      const path = join(data, 'gateway.db');
      const bytes = readFileSync(path);
      writeFileSync(path, bytes.fill(0xff, 4_096, 8_192));
    },
    repair: repaired('gateway.db'),
  },
  'the port is taken': {
    code: 'EADDRINUSE',
    cause: async () => {
      other = await listening(port);
    },
    repair: () => (other === undefined ? undefined : closed(other)),
  },
  'there is no such address': { code: 'LISTEN_REFUSED', settings: { host: '999.1.1.1' } },
  'there is no such rolling stock': { code: 'CONFIG_INVALID', settings: { rollingStock: join(root, 'nowhere') } },
  'there are no such quotas': { code: 'QUOTA_INVALID', settings: { quotas: join(root, 'nowhere.json') } },
  'there is no such forecast': { code: 'FORECAST_INVALID', settings: { forecast: join(root, 'nowhere.json') } },
};

describe('a start fails', () => {
  beforeAll(startsAndStops);

  test.each(Object.keys(FAILURES))('where %s, and leaves nothing behind', async (name) => {
    const { code, cause, settings, repair } = FAILURES[name] ?? {};
    await cause?.();
    expect(await codeOf(RailheadServer.start(config(settings)))).toBe(code);
    expect(openFilesIn(data)).toEqual([]);
    await repair?.();
    await startsAndStops();
  });

  test('at any of the first calls to the store, and leaves nothing behind', async () => {
    const outcomes: boolean[] = [];
    for (let call = 1; call <= 6; call += 1) {
      const store = new FailingCalls(await SqliteEventStore.open({ folder: data }), call);
      const server = await RailheadServer.start(config(), { store }).catch(() => undefined);
      outcomes.push(server !== undefined);
      await server?.stop();
      expect({ call, open: openFilesIn(data) }).toEqual({ call, open: [] });
    }
    expect(outcomes).toContain(false);
    await startsAndStops();
  });
});

test.each(['processes.db', 'snapshots.db', 'read.db'])('damaged %s is built again from the log', async (name) => {
  await startsAndStops();
  damaged(name)();
  await startsAndStops();
  expect(readFileSync(join(data, name)).subarray(0, 15).toString()).toBe('SQLite format 3');
});
