// Which event store stands behind the port: the embedded one in the data folder, or EventStoreDB.
import type { EventStore, RecordedEvent } from '@railhead/commands/ports/event-store.ts';
import type { Config } from '../config/settings.ts';
import { EsdbEventStore } from '../eventstore/esdb/esdb-event-store.ts';
import type { EsdbObserver } from '../eventstore/esdb/settings.ts';
import { type LogView, viewOf } from '../eventstore/log-view.ts';
import { lockFolder } from '../eventstore/sqlite/folder-lock.ts';
import { LogReader } from '../eventstore/sqlite/log-reader.ts';
import { SqliteEventStore } from '../eventstore/sqlite/sqlite-event-store.ts';
import { liftWith, UpcastingStore } from '../eventstore/upcasting-store.ts';
import { UPCASTERS } from './upcasters.ts';

type StoreConfig = Pick<Config, 'store' | 'esdbUrl' | 'data' | 'maxLogBytes'>;

/** Where `deploy/compose.yaml` has it. */
export const LOCAL_ESDB = 'esdb://127.0.0.1:2113?tls=false';

/** A connection string alone says enough. */
export const storeKind = ({ store, esdbUrl }: Pick<Config, 'store' | 'esdbUrl'>): 'embedded' | 'esdb' =>
  store === 'auto' ? (esdbUrl === '' ? 'embedded' : 'esdb') : store;

/** Every event in its newest version. */
const lifted = (store: EventStore): EventStore =>
  UPCASTERS.length === 0 ? store : new UpcastingStore(store, liftWith(UPCASTERS));

export const openStore = async (config: StoreConfig, observer?: EsdbObserver): Promise<EventStore> =>
  lifted(await openRawStore(config, observer));

/** Events as they were written. For the one process that serves from this data folder; without a folder, a log elsewhere is only written to. */
export const openRawStore = async (config: StoreConfig, observer?: EsdbObserver): Promise<EventStore> => {
  if (storeKind(config) === 'embedded')
    return SqliteEventStore.open({
      folder: config.data,
      ...(config.maxLogBytes > 0 ? { maxBytes: config.maxLogBytes } : {}),
    });
  // Read models and checkpoints are in the folder, wherever the log is.
  const lock = config.data === '' ? undefined : lockFolder(config.data);
  try {
    return await EsdbEventStore.open({
      connectionString: config.esdbUrl || LOCAL_ESDB,
      ...(observer === undefined ? {} : { observer }),
      onClosed: () => lock?.release(),
    });
  } catch (error) {
    lock?.release();
    throw error;
  }
};

/** For a command that reads beside whoever serves. */
export const openLog = async (config: StoreConfig): Promise<LogView> => {
  const log = await openRawLog(config);
  if (UPCASTERS.length === 0) return log;
  const lift = liftWith(UPCASTERS);
  const each = async function* (events: AsyncIterable<RecordedEvent>): AsyncGenerator<RecordedEvent> {
    for await (const event of events) yield lift(event);
  };
  return {
    lastPosition: () => log.lastPosition(),
    all: (options) => each(log.all(options)),
    stream: (name, options) => each(log.stream(name, options)),
    close: () => log.close(),
  };
};

/** Events as they were written. */
export const openRawLog = async (config: StoreConfig): Promise<LogView> =>
  storeKind(config) === 'embedded'
    ? new LogReader(config.data)
    : viewOf(await EsdbEventStore.open({ connectionString: config.esdbUrl || LOCAL_ESDB }));
