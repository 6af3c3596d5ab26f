import { z } from 'zod';
import { type Settings, setting, whole } from '../config/setting.ts';

/** Empty, or what the adapter takes; files it names are looked for when it is used. */
const connectionString = z
  .string()
  .refine(
    (text) => text === '' || /^esdb(?:\+discover)?:\/\/\S+$/.test(text),
    'must begin with esdb:// or esdb+discover://',
  );

export const logSettings = {
  store: setting(
    z.enum(['auto', 'embedded', 'esdb']),
    'auto',
    'RAILHEAD_STORE',
    'event store: embedded in the data folder, or esdb; auto is esdb if there is a connection string',
  ),
  esdbUrl: setting(
    connectionString,
    '',
    'RAILHEAD_ESDB_URL',
    'connection string of EventStoreDB, such as esdb://127.0.0.1:2113?tls=false',
    'given',
  ),
  esdbShards: setting(
    z.string(),
    '',
    'RAILHEAD_ESDB_SHARDS',
    'JSON file that names several EventStoreDB clusters, and trains with a place of their own',
  ),
  maxLogBytes: setting(
    whole(0, Number.MAX_SAFE_INTEGER),
    0,
    'RAILHEAD_MAX_LOG_BYTES',
    'largest size of the event log; 0 for no limit but the disk',
  ),
} as const satisfies Settings;
