import { accessSync, constants, existsSync, mkdirSync, statfsSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { cpus, freemem, totalmem } from 'node:os';
import { dirname } from 'node:path';
import { openLog, storeKind } from '@railhead/infra/composition/open-store.ts';
import { describeConfig } from '@railhead/infra/config/load-config.ts';
import { exposedIn } from '@railhead/infra/config/private-folder.ts';
import type { Config } from '@railhead/infra/config/settings.ts';
import { lockFolder } from '@railhead/infra/eventstore/sqlite/folder-lock.ts';
import { describeOwner } from '@railhead/infra/eventstore/sqlite/folder-owner.ts';
import { logPath } from '@railhead/infra/eventstore/sqlite/sqlite-event-store.ts';
import { describeRedis } from '@railhead/infra/redis/describe-redis.ts';
import { loadRollingStock } from '@railhead/infra/rolling-stock/rolling-stock.ts';
import { describeSearch } from '@railhead/infra/search/search-server.ts';
import { readOrderShards } from '@railhead/infra/sql/order-shards.ts';
import { describeReplica } from '@railhead/infra/sql/servers/describe-replica.ts';
import { describeServer } from '@railhead/infra/sql/servers/open-server.ts';
import { replicaAddresses } from '@railhead/infra/sql/settings.ts';
import type { Command } from 'commander';
import { EXIT } from '../exit-codes.ts';
import { type ConfigOptions, configOf, withSettings } from '../options.ts';
import { print, printJson } from '../output.ts';

type Check = { readonly name: string; readonly state: 'ok' | 'note' | 'wrong'; readonly detail: string };

const NODE_MAJOR = 24;
const LOW_DISK_BYTES = 1024 ** 3;

export const doctorCommand = (command: Command): Command =>
  withSettings(command, [
    'data',
    'store',
    'esdbUrl',
    'readSql',
    'readSqlReplica',
    'readSqlShards',
    'readCache',
    'readSearch',
    'port',
    'host',
  ])
    .option('--json', 'print as JSON')
    .action(async (options: ConfigOptions & { readonly json?: boolean }) => {
      const loaded = configOf(options);
      const checks = await examine(loaded.config);
      const settings = describeConfig(loaded);
      const ok = checks.every(({ state }) => state !== 'wrong');
      if (options.json === true) printJson({ ok, checks, settings });
      else {
        for (const { name, state, detail } of checks) print(`${MARK[state]} ${name.padEnd(14)} ${detail}`);
        print('');
        for (const { name, value, origin, env } of settings)
          print(`  ${name.padEnd(26)} ${value.padEnd(30)} ${origin.padEnd(12)} ${env}`);
      }
      if (!ok) process.exitCode = EXIT.finding;
    });

const MARK = { ok: 'ok   ', note: 'note ', wrong: 'WRONG' } as const;

const examine = async (config: Config): Promise<readonly Check[]> => {
  const major = Number(process.versions.node.split('.')[0]);
  const gib = (bytes: number): string => `${(bytes / 1024 ** 3).toFixed(1)} GiB`;
  return [
    {
      name: 'node',
      state: major >= NODE_MAJOR ? 'ok' : 'wrong',
      detail: `${process.version}, ${NODE_MAJOR} or newer is needed`,
    },
    {
      name: 'machine',
      state: 'ok',
      detail: `${cpus().length} cores, ${gib(freemem())} of ${gib(totalmem())} memory free`,
    },
    folderCheck(config.data),
    diskCheck(config.data),
    // Before the folder is asked for: whoever takes it closes it.
    privacyCheck(config.data),
    ownerCheck(config.data),
    await logCheck(config),
    await readSideCheck(config),
    await orderShardsCheck(config),
    ...(await replicaChecks(config)),
    await readCacheCheck(config),
    await searchCheck(config),
    await portCheck(config),
    rollingStockCheck(config.rollingStock),
  ];
};

/** The folder itself, or its nearest parent that exists. */
const existing = (folder: string): string => (existsSync(folder) ? folder : existing(dirname(folder)));

const attempt = (name: string, work: () => Omit<Check, 'name'>): Check => {
  try {
    return { name, ...work() };
  } catch (error) {
    return { name, state: 'wrong', detail: error instanceof Error ? error.message : String(error) };
  }
};

const folderCheck = (folder: string): Check =>
  attempt('data folder', () => {
    accessSync(existing(folder), constants.W_OK);
    return { state: 'ok', detail: existsSync(folder) ? folder : `${folder} (will be made)` };
  });

const diskCheck = (folder: string): Check =>
  attempt('disk', () => {
    const { bavail, bsize } = statfsSync(existing(folder));
    const free = bavail * bsize;
    return { state: free < LOW_DISK_BYTES ? 'note' : 'ok', detail: `${(free / 1024 ** 3).toFixed(1)} GiB free` };
  });

const ownerCheck = (folder: string): Check => {
  if (!existsSync(folder)) return { name: 'owner', state: 'ok', detail: 'nobody' };
  try {
    mkdirSync(folder, { recursive: true });
    lockFolder(folder).release();
    return { name: 'owner', state: 'ok', detail: 'nobody' };
  } catch {
    return { name: 'owner', state: 'note', detail: `${describeOwner(folder)} has this folder` };
  }
};

const privacyCheck = (folder: string): Check =>
  attempt('privacy', () => {
    if (!existsSync(folder)) return { state: 'ok', detail: 'nothing yet' };
    const exposed = exposedIn(folder);
    if (exposed.length > 0) return { state: 'wrong', detail: `others than the owner may use ${exposed.join(', ')}` };
    const own = process.getuid?.();
    const { uid } = statSync(folder);
    if (own === undefined || uid === own) return { state: 'ok', detail: 'for its owner alone' };
    return { state: 'note', detail: `the folder is of user ${uid}, and this is user ${own}` };
  });

const searchCheck = async ({ readSearch }: Config): Promise<Check> => {
  const name = 'order search';
  if (readSearch === '') return { name, state: 'ok', detail: 'in the data folder' };
  const { host, protocol } = new URL(readSearch);
  const { answers, says } = await describeSearch(readSearch);
  return { name, state: answers ? 'ok' : 'wrong', detail: `${protocol}//${host} ${says}` };
};

const logCheck = async (config: Config): Promise<Check> => {
  const name = 'event log';
  const embedded = storeKind(config) === 'embedded';
  try {
    if (embedded && statSync(logPath(config.data), { throwIfNoEntry: false }) === undefined)
      return { name, state: 'ok', detail: 'none yet' };
    const log = await openLog(config);
    try {
      const position = await log.lastPosition();
      const strange = log.uncheckedEnd?.();
      if (strange !== undefined) return { name, state: 'wrong', detail: `${strange}; see railhead verify` };
      return {
        name,
        state: 'ok',
        detail: embedded ? `${position} events` : `EventStoreDB, up to position ${position}`,
      };
    } finally {
      await log.close();
    }
  } catch (error) {
    return { name, state: 'wrong', detail: error instanceof Error ? error.message : String(error) };
  }
};

const readCacheCheck = async ({ readCache }: Config): Promise<Check> => {
  const name = 'read cache';
  if (readCache === '') return { name, state: 'ok', detail: 'none, free seats are in memory' };
  const { answers, says, dropsKeys } = await describeRedis(readCache);
  if (!answers) return { name, state: 'wrong', detail: says };
  if (!dropsKeys) return { name, state: 'ok', detail: says };
  return { name, state: 'note', detail: `${says}; it drops keys when it is full, and they are built again each time` };
};

/** A server that is away is no reason not to start: the models wait for it. */
const readSideCheck = async ({ readSql }: Config): Promise<Check> => {
  const name = 'read models';
  if (readSql === '') return { name, state: 'ok', detail: 'in the data folder' };
  const { host, protocol } = new URL(readSql);
  const { answers, says } = await describeServer(readSql);
  return { name, state: answers ? 'ok' : 'wrong', detail: `${protocol}//${host} ${says}` };
};

const orderShardsCheck = async ({ readSqlShards }: Config): Promise<Check> => {
  const name = 'order shards';
  if (readSqlShards === '') return { name, state: 'ok', detail: 'none, orders are with the other read models' };
  try {
    const { next, ...current } = readOrderShards(readSqlShards);
    const asked = [...current.databases, ...(next?.databases ?? [])].map(async (url) => {
      const { host, pathname } = new URL(url);
      const { answers, says } = await describeServer(url);
      return { answers, detail: `${host}${pathname} ${says}` };
    });
    const all = await Promise.all(asked);
    const away = all.filter(({ answers }) => !answers).map(({ detail }) => detail);
    if (away.length > 0) return { name, state: 'wrong', detail: away.join('; ') };
    const layouts = [current, ...(next === undefined ? [] : [next])];
    const forms = layouts.map(({ databases, tables }) => `${databases.length} databases x ${tables} tables`);
    return { name, state: 'ok', detail: `${forms.join(', next ')}; all answer` };
  } catch (error) {
    return { name, state: 'wrong', detail: error instanceof Error ? error.message : String(error) };
  }
};

/** One that is no replica is written by somebody else, or by nobody: what it shows would be of another railway, or old. */
const replicaChecks = ({ readSql, readSqlReplica }: Config): Promise<readonly Check[]> =>
  Promise.all(
    replicaAddresses(readSqlReplica).map(async (url, index): Promise<Check> => {
      const { host, protocol } = new URL(url);
      const { answers, isReplica, says } = await describeReplica(url, readSql);
      const state = !answers || isReplica === false ? 'wrong' : isReplica === undefined ? 'note' : 'ok';
      return { name: `replica${index + 1}`, state, detail: `${protocol}//${host} ${says}` };
    }),
  );

const portCheck = ({ port, host }: Config): Promise<Check> =>
  new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', (error) =>
      resolve({ name: 'port', state: 'note', detail: `${host}:${port} ${error.message}` }),
    );
    probe.listen(port, host, () =>
      probe.close(() => resolve({ name: 'port', state: 'ok', detail: `${host}:${port} is free` })),
    );
  });

const rollingStockCheck = (folder: string): Check =>
  attempt('rolling stock', () => {
    if (folder !== '' && !existsSync(folder)) throw new Error(`there is no folder ${folder}`);
    const stock = loadRollingStock(folder === '' ? undefined : folder);
    return { state: 'ok', detail: `${stock.compositions.size} compositions, ${stock.tariffs.size} tariffs` };
  });
