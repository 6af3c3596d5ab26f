// The event store, and the files in the data folder that are derived from its log.

import type { Logger } from '@railhead/commands/ports/logger.ts';
import type { ReadDatabases } from '@railhead/projections/engine/read-databases.ts';
import { ORDERS } from '@railhead/projections/orders/orders-model.ts';
import { LOCAL_MODELS, SQL_MODELS } from '@railhead/projections/read-models.ts';
import type { dataFolderSettings } from '../../config/data-folder.ts';
import type { ValuesOf } from '../../config/setting.ts';
import { ObservedStore } from '../../eventstore/observed-store.ts';
import type { logSettings } from '../../eventstore/settings.ts';
import { LogReader } from '../../eventstore/sqlite/log-reader.ts';
import { hasRoomIn } from '../../eventstore/sqlite/room.ts';
import { logPath } from '../../eventstore/sqlite/sqlite-event-store.ts';
import { StoreMetrics } from '../../observability/store-metrics.ts';
import { RedisStates } from '../../redis/redis-states.ts';
import type { readCacheSettings } from '../../redis/settings.ts';
import { ElasticOrderIndex } from '../../search/elastic-order-index.ts';
import { ElasticStationIndex } from '../../search/elastic-station-index.ts';
import type { searchSettings } from '../../search/settings.ts';
import { SqliteSnapshots } from '../../snapshots/sqlite-snapshots.ts';
import { openOrderShards } from '../../sql/order-shards.ts';
import { openReadDatabase } from '../../sql/read-database.ts';
import { openReplica, openSqlServer } from '../../sql/servers/open-server.ts';
import { type readSideSettings, replicaAddresses } from '../../sql/settings.ts';
import { sqliteCheckpoints } from '../../sql/sqlite-checkpoints.ts';
import type { PartModule } from '../module.ts';
import { openStore, storeKind } from '../open-store.ts';
import { PARTS } from '../parts.ts';
import type { WorkerPlaces } from '../replay-workers/run-workers.ts';
import type { SearchServer } from '../search-server.ts';

type LogConfig = ValuesOf<typeof dataFolderSettings & typeof logSettings>;
type FolderConfig = LogConfig & ValuesOf<typeof readSideSettings & typeof readCacheSettings & typeof searchSettings>;

/** The event store that the configuration names. */
export const logModule = (config: LogConfig): PartModule => ({
  declare: (provide) =>
    provide(
      PARTS.store,
      { metrics: PARTS.metrics, clock: PARTS.clock, logger: PARTS.logger },
      async ({ metrics, clock, logger }) => {
        const observer = new StoreMetrics();
        if (storeKind(config) === 'esdb') observer.register(metrics.registry);
        const store = await openStore(config, observer);
        if (storeKind(config) !== 'embedded') return new ObservedStore(store, () => clock.now(), logger);
        tellOfStrangers(config.data, logger);
        const hasRoom = () => hasRoomIn(config.data, config.maxLogBytes);
        return new ObservedStore(store, () => clock.now(), logger, hasRoom);
      },
      { close: (store) => store.close() },
    ),
  roots: [PARTS.store],
});

/** Events that this program did not write are served like its own: only `verify` can tell what they break. The log of the process names them. */
const tellOfStrangers = (folder: string, logger: Logger): void => {
  const log = new LogReader(folder);
  try {
    const found = log.uncheckedEnd();
    if (found !== undefined)
      logger.error({ found }, 'the event log has events that this program did not write; see railhead verify');
  } finally {
    log.close();
  }
};

export const dataFolderModule = (config: FolderConfig): PartModule => ({
  declare: (provide) => {
    const { store, clock, logger, dataFolder: folder } = PARTS;
    // The store makes it and locks it.
    provide(folder, { store }, () => config.data);
    provide(
      PARTS.readDatabases,
      { folder, logger, clock, store },
      async ({ folder, logger, clock, store }): Promise<ReadDatabases> => {
        const states = config.readCache === '' ? undefined : new RedisStates(config.readCache, { clock, logger });
        const cache = states === undefined ? {} : { cache: { states, log: store } };
        const { readSql, readSqlShards } = config;
        const orders = readSqlShards === '' ? {} : { orders: openOrderShards(readSqlShards, { clock, logger }) };
        const inSql = readSqlShards === '' ? SQL_MODELS : SQL_MODELS.filter(({ name }) => name !== ORDERS);
        if (readSql !== '') {
          const local = await openReadDatabase(folder, LOCAL_MODELS, logger);
          const databases = replicaAddresses(config.readSqlReplica).map((url, index) =>
            openReplica(url, `replica${index + 1}`),
          );
          const replicas = { databases, maxLagMs: config.readReplicaLagSeconds * 1_000 };
          return { local, sql: openSqlServer(readSql, inSql, { clock, logger }), replicas, ...orders, ...cache };
        }
        const file = await openReadDatabase(folder, [...LOCAL_MODELS, ...inSql], logger);
        return { local: file, sql: file, ...orders, ...cache };
      },
      {
        close: async ({ local, sql, replicas, orders, cache }) => {
          await cache?.states.close();
          const layouts = [orders?.current, orders?.next].flatMap((layout) => layout?.databases ?? []);
          await Promise.all([...layouts, ...(replicas?.databases ?? [])].map(({ db }) => db.destroy()));
          if (sql !== local) await sql.db.destroy();
          await local.db.destroy();
        },
      },
    );
    provide(PARTS.workerPlaces, {}, (): WorkerPlaces => {
      const { data, readSql } = config;
      const isFile = storeKind(config) === 'embedded';
      return { ...(isFile ? { log: logPath(data) } : {}), ...(readSql === '' ? {} : { database: readSql }) };
    });
    provide(PARTS.searchServer, { clock, aliases: PARTS.stationAliases }, ({ clock, aliases }): SearchServer => {
      const { readSearch: url, readSearchPrefix: prefix } = config;
      if (url === '') return {};
      const options = { url, prefix, clock };
      // Whoever opens one closes it.
      const orders = (generation: number) => new ElasticOrderIndex({ ...options, generation });
      const stations = (generation: number) => new ElasticStationIndex({ ...options, aliases, generation });
      return { orders, stations };
    });
    provide(
      PARTS.processCheckpoints,
      { folder, logger },
      ({ folder, logger }) => sqliteCheckpoints(folder, rebuiltBy(logger)),
      {
        close: ({ close }) => close(),
      },
    );
    provide(
      PARTS.snapshots,
      { folder, logger },
      ({ folder, logger }) => new SqliteSnapshots(folder, rebuiltBy(logger)),
      {
        close: (snapshots) => snapshots.close(),
      },
    );
  },
  roots: [PARTS.dataFolder, PARTS.readDatabases],
});

const rebuiltBy =
  (logger: Logger) =>
  (path: string): void =>
    logger.warn({ path }, 'a file of derived state was damaged; it is built again from the log');
