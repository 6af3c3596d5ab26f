// The contract on a log that others write to as well: a real server if one is configured, otherwise one test server.
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll } from '@jest/globals';
import { eventStoreContract } from '@railhead/tests/contract/event-store.contract.ts';
import { NamespacedStore } from '@railhead/tests/support/namespaced-store.ts';
import { EsdbEventStore } from './esdb-event-store.ts';
import { EsdbTestServer } from './test-server/esdb-test-server.ts';

const real = process.env.RAILHEAD_ESDB_URL ?? '';
let server: EsdbTestServer | undefined;
let last: NamespacedStore | undefined;

beforeAll(async () => {
  if (real === '') server = await EsdbTestServer.start();
});
afterAll(() => server?.stop());

const connect = (): Promise<EsdbEventStore> =>
  EsdbEventStore.open({ connectionString: server?.connectionString ?? real });

eventStoreContract(
  `EventStoreDB client on ${real === '' ? 'a shared test server' : 'the server of RAILHEAD_ESDB_URL'}`,
  {
    open: async () => {
      const store = await connect();
      const prefix = `T${randomUUID().replaceAll('-', '').slice(0, 16)}`;
      last = new NamespacedStore(store, prefix, await store.lastPosition());
      return last;
    },
    reopen: async () => new NamespacedStore(await connect(), last?.prefix ?? '', last?.base ?? 0),
  },
);
