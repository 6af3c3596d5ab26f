// Opens the clusters that a file names, as one store.
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import type { EventStore } from '@railhead/commands/ports/event-store.ts';
import { z } from 'zod';
import { ConfigError } from '../config/load-config.ts';
import { EsdbEventStore } from '../eventstore/esdb/esdb-event-store.ts';
import type { EsdbObserver } from '../eventstore/esdb/settings.ts';
import { ShardedEventStore, type ShardedOptions } from '../eventstore/sharded/sharded-event-store.ts';

const shape = z.strictObject({
  /** Connection strings by name. A name must never change: it decides where streams are. */
  shards: z.record(z.string().regex(/^[a-z0-9-]{1,32}$/), z.string().startsWith('esdb')),
  /** Names of clusters by train, or by run (`G1_2026-11-23`). */
  pinned: z.record(z.string(), z.string()).optional(),
});

/** `index` is the file of the merged order. Throws `CONFIG_INVALID` or what a cluster throws; all are closed then. */
export const openShards = async (
  file: string,
  index: string,
  observer?: EsdbObserver,
  told: Pick<ShardedOptions, 'onClosed' | 'onOrderLost'> = {},
): Promise<ShardedEventStore> => {
  const { shards, pinned } = readFile(file);
  const opened: Record<string, EventStore> = {};
  try {
    for (const [name, connectionString] of Object.entries(shards))
      opened[name] = await EsdbEventStore.open({ connectionString, ...(observer === undefined ? {} : { observer }) });
    return await ShardedEventStore.open({
      shards: opened,
      index,
      ...told,
      ...(pinned === undefined ? {} : { pinned }),
      onMoved: (run, shard) => rewrite(file, run, shard),
    });
  } catch (error) {
    await Promise.all(Object.values(opened).map((store) => store.close()));
    throw error;
  }
};

const readFile = (path: string): z.output<typeof shape> => {
  let parsed: unknown;
  try {
    parsed = JSON.parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    throw new ConfigError('CONFIG_FILE_UNREADABLE', `esdbShards: ${path} is not readable as JSON`, { cause });
  }
  const checked = shape.safeParse(parsed);
  if (!checked.success)
    throw new ConfigError('CONFIG_INVALID', `esdbShards: ${path}: ${checked.error.issues[0]?.message ?? 'not valid'}`);
  return checked.data;
};

/** Writes a move into the file, which says where every run is. The file is replaced as a whole. */
const rewrite = (path: string, run: string, shard: string): void => {
  const known = readFile(path);
  const text = JSON.stringify({ ...known, pinned: { ...known.pinned, [run]: shard } }, undefined, 2);
  writeFileSync(`${path}.new`, `${text}\n`, { mode: 0o600 });
  renameSync(`${path}.new`, path);
};
