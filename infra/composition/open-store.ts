// Opens the event store that the configuration names: the embedded one in the data folder, or EventStoreDB.
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type EventStore, EventStoreError, type RecordedEvent } from '@railhead/commands/ports/event-store.ts';
import type { Config } from '../config/settings.ts';
import type { EsdbEventStore } from '../eventstore/esdb/esdb-event-store.ts';
import type { EsdbObserver } from '../eventstore/esdb/settings.ts';
import { type LogView, viewOf } from '../eventstore/log-view.ts';
import { lockFolder } from '../eventstore/sqlite/folder-lock.ts';
import { LogReader } from '../eventstore/sqlite/log-reader.ts';
import { logPath, SqliteEventStore } from '../eventstore/sqlite/sqlite-event-store.ts';
import { liftWith, UpcastingStore } from '../eventstore/upcasting-store.ts';
import { derivedIn, derivedPosition, dropDerivedState } from './derived-state.ts';
import type { openShards } from './open-shards.ts';
import { UPCASTERS } from './upcasters.ts';

/** File name in the data folder; see `MergeIndex`. */
export const MERGE_INDEX = 'merge.db';

type StoreConfig = Pick<Config, 'store' | 'esdbUrl' | 'esdbShards' | 'data' | 'maxLogBytes'>;

/** The address of the server in `deploy/compose.yaml`. */
export const LOCAL_ESDB = 'esdb://127.0.0.1:2113?tls=false';

/** A connection string alone is enough to choose EventStoreDB. */
export const storeKind = ({
  store,
  esdbUrl,
  esdbShards,
}: Pick<Config, 'store' | 'esdbUrl' | 'esdbShards'>): 'embedded' | 'esdb' =>
  store === 'auto' ? (esdbUrl === '' && esdbShards === '' ? 'embedded' : 'esdb') : store;

// Imported only when needed: the client takes longer to load than the embedded store takes to open.
const loadEsdb = async (): Promise<typeof EsdbEventStore> =>
  (await import('../eventstore/esdb/esdb-event-store.ts')).EsdbEventStore;
const loadShards = async (): Promise<typeof openShards> => (await import('./open-shards.ts')).openShards;

/** The store with every event lifted to its newest version. */
const lifted = (store: EventStore): EventStore =>
  UPCASTERS.length === 0 ? store : new UpcastingStore(store, liftWith(UPCASTERS));

export const openStore = async (config: StoreConfig, observer?: EsdbObserver): Promise<EventStore> =>
  lifted(await openRawStore(config, observer));

/**
 * Events as they were written. Locks the data folder for the one process that serves from it; an empty folder locks
 * none.
 */
export const openRawStore = async (config: StoreConfig, observer?: EsdbObserver): Promise<EventStore> => {
  if (storeKind(config) === 'embedded') {
    assertNotLost(config.data);
    return SqliteEventStore.open({
      folder: config.data,
      ...(config.maxLogBytes > 0 ? { maxBytes: config.maxLogBytes } : {}),
    });
  }
  // Read models and checkpoints are in the folder, wherever the log is.
  const lock = config.data === '' ? undefined : lockFolder(config.data);
  try {
    const onClosed = (): void => lock?.release();
    if (config.esdbShards !== '') {
      const index = join(config.data, MERGE_INDEX);
      // Merged positions are those of this file; without it the derived files fit nothing.
      if (!existsSync(index)) dropDerivedState(config.data);
      return await (await loadShards())(config.esdbShards, index, observer, {
        onClosed,
        onOrderLost: () => dropDerivedState(config.data),
      });
    }
    const store = await (await loadEsdb()).open({
      connectionString: config.esdbUrl || LOCAL_ESDB,
      ...(observer === undefined ? {} : { observer }),
      onClosed,
    });
    try {
      await assertBegun(store, config.data);
    } catch (error) {
      await store.close();
      throw error;
    }
    return store;
  } catch (error) {
    lock?.release();
    throw error;
  }
};

/** What was derived from a log outlives it only by accident: a new log in its place would begin another railway. */
const assertNotLost = (folder: string): void => {
  const derived = derivedIn(folder);
  if (derived.length === 0) return;
  const path = logPath(folder);
  const size = statSync(path, { throwIfNoEntry: false })?.size;
  if (size === undefined) throw lost(`${path} is gone`, derived);
  if (size === 0) throw lost(`${path} is empty`, derived);
  const known = derivedPosition(folder);
  if (known > 0 && isEmpty(folder)) throw lost(`${path} has no events, and had ${known} or more`, derived);
};

/** The same for a log that lies elsewhere: a server without events, and a folder that knows some, do not belong together. */
const assertBegun = async (store: EventStore, folder: string): Promise<void> => {
  const known = folder === '' ? 0 : derivedPosition(folder);
  if (known > 0 && (await store.lastPosition()) === 0)
    throw lost(`the server has no events, and had some up to position ${known}`, derivedIn(folder));
};

const lost = (what: string, derived: readonly string[]): EventStoreError =>
  new EventStoreError(
    'STORE_UNAVAILABLE',
    `${what}, and ${derived.join(', ')} of it are there; put it back, or remove them to begin anew`,
  );

const isEmpty = (folder: string): boolean => {
  const log = new LogReader(folder);
  try {
    return log.lastPosition() === 0;
  } finally {
    log.close();
  }
};

/** Opens the log for a command that reads while another process may serve. */
export const openLog = async (config: StoreConfig): Promise<LogView> => {
  const log = await openRawLog(config);
  if (UPCASTERS.length === 0) return log;
  const lift = liftWith(UPCASTERS);
  const each = async function* (events: AsyncIterable<RecordedEvent>): AsyncGenerator<RecordedEvent> {
    for await (const event of events) yield lift(event);
  };
  return {
    lastPosition: () => log.lastPosition(),
    fingerprintAt: (position) => log.fingerprintAt(position),
    eventAt: async (position) => {
      const event = await log.eventAt(position);
      return event === undefined ? undefined : lift(event);
    },
    all: (options) => each(log.all(options)),
    stream: (name, options) => each(log.stream(name, options)),
    alterations: (tell) => log.alterations?.(tell) ?? [],
    uncheckedEnd: () => log.uncheckedEnd?.(),
    close: () => log.close(),
  };
};

/** Events as they were written. */
export const openRawLog = async (config: StoreConfig): Promise<LogView> =>
  storeKind(config) === 'embedded'
    ? new LogReader(config.data)
    : viewOf(
        config.esdbShards === ''
          ? await (await loadEsdb()).open({ connectionString: config.esdbUrl || LOCAL_ESDB })
          : await (await loadShards())(config.esdbShards, ':memory:'),
      );
