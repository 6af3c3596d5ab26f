// A store on whatever EventStoreDB the tests run on: the one of RAILHEAD_ESDB_URL, or a stand-in. Both are reached through
// a relay that can lose connections. The store is an empty one: its streams have a prefix, its log begins where the
// shared one ended.
import { EventStoreDBClient } from '@eventstore/db-client';
import { readConnectionString } from '@railhead/infra/eventstore/esdb/connection-string.ts';
import { EsdbEventStore } from '@railhead/infra/eventstore/esdb/esdb-event-store.ts';
import type { EsdbSettings } from '@railhead/infra/eventstore/esdb/settings.ts';
import type { ServerVersion } from '@railhead/infra/eventstore/esdb/test-server/versions.ts';
import { type Counts, closeLater, countingObserver, FAST, testServer } from './esdb-world.ts';
import { NamespacedStore } from './namespaced-store.ts';
import { onRealServer, ownCategory, REAL_URL } from './real-eventstore.ts';
import { Relay } from './relay.ts';

export type AnyEventStore = {
  readonly store: NamespacedStore;
  readonly counts: Counts;
  readonly relay: Relay;
  readonly connectionString: string;
  /** The store without its prefix, for housekeeping; `named` gives a stream's real name. */
  readonly inner: EsdbEventStore;
  named(stream: string): string;
  /** What another program sees and does. */
  readonly bare: EventStoreDBClient;
};

/** The server under test; a stand-in is started where there is no other. */
const serverUnderTest = async (version: ServerVersion | undefined): Promise<string> =>
  onRealServer ? REAL_URL : (await testServer(version === undefined ? {} : { version })).connectionString;

/** A relay, to be stopped, and the connection string with its port in place of the server's. Single nodes without TLS. */
export const through = async (url: string): Promise<{ readonly relay: Relay; readonly connectionString: string }> => {
  const [first, ...others] = readConnectionString(url).hosts;
  if (first === undefined || others.length > 0 || url.startsWith('esdb+discover') || !url.includes('tls=false'))
    throw new Error('RAILHEAD_ESDB_URL must name one node, without TLS: the tests put a relay in front of it');
  const relay = await Relay.to({ host: first.address, port: first.port });
  return { relay, connectionString: url.replace(`${first.address}:${first.port}`, `127.0.0.1:${relay.port}`) };
};

/** `version`: of the stand-in, if that is what the tests run on. */
export const anyEventStore = async (
  settings: Partial<EsdbSettings> = {},
  version?: ServerVersion,
): Promise<AnyEventStore> => {
  const url = await serverUnderTest(version);
  const { relay, connectionString } = await through(url);
  closeLater(() => relay.stop());
  const { counts, observer } = countingObserver();
  const inner = await EsdbEventStore.open({ connectionString, settings: { ...FAST, ...settings }, observer });
  closeLater(() => inner.close());
  const bare = EventStoreDBClient.connectionString(url);
  closeLater(() => bare.dispose());
  const store = new NamespacedStore(inner, ownCategory(), await inner.lastPosition());
  return { store, counts, relay, connectionString, inner, bare, named: (stream) => store.prefix + stream };
};
