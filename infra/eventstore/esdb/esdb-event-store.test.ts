import { afterAll } from '@jest/globals';
import { eventStoreContract } from '@railhead/tests/contract/event-store.contract.ts';
import { EsdbEventStore } from './esdb-event-store.ts';
import { EsdbTestServer } from './test-server/esdb-test-server.ts';

/** Room for an event of 1 MiB and what stands beside it; a real server's MaxAppendSize must be raised the same way. */
const maxAppendBytes = 1024 * 1024 + 4096;

const servers: EsdbTestServer[] = [];
afterAll(() => Promise.all(servers.map((server) => server.stop())));

const connect = (server: EsdbTestServer | undefined): Promise<EsdbEventStore> =>
  EsdbEventStore.open({ connectionString: server?.connectionString ?? '' });

eventStoreContract('EventStoreDB client on the test server', {
  open: async () => {
    const server = await EsdbTestServer.start({ maxAppendBytes });
    servers.push(server);
    return connect(server);
  },
  reopen: () => connect(servers.at(-1)),
});
