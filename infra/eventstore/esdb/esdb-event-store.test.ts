import { afterAll } from '@jest/globals';
import { eventStoreContract } from '@railhead/tests/contract/event-store.contract.ts';
import { EsdbEventStore } from './esdb-event-store.ts';
import { EsdbTestServer } from './test-server/esdb-test-server.ts';
import { SERVER_VERSIONS } from './test-server/versions.ts';

const servers: EsdbTestServer[] = [];
afterAll(() => Promise.all(servers.map((server) => server.stop())));

const connect = (server: EsdbTestServer | undefined): Promise<EsdbEventStore> =>
  EsdbEventStore.open({ connectionString: server?.connectionString ?? '' });

for (const version of SERVER_VERSIONS)
  eventStoreContract(`EventStoreDB client on the test server, as ${version}`, {
    open: async () => {
      const server = await EsdbTestServer.start({ version });
      servers.push(server);
      return connect(server);
    },
    reopen: () => connect(servers.at(-1)),
  });
