import { afterAll } from '@jest/globals';
import { eventStoreContract } from '@railhead/tests/contract/event-store.contract.ts';
import { MAX_APPEND_BYTES_FOR_TESTS } from '@railhead/tests/support/esdb-limits.ts';
import { EsdbEventStore } from './esdb-event-store.ts';
import { EsdbTestServer } from './test-server/esdb-test-server.ts';

const servers: EsdbTestServer[] = [];
afterAll(() => Promise.all(servers.map((server) => server.stop())));

const connect = (server: EsdbTestServer | undefined): Promise<EsdbEventStore> =>
  EsdbEventStore.open({ connectionString: server?.connectionString ?? '' });

eventStoreContract('EventStoreDB client on the test server', {
  open: async () => {
    const server = await EsdbTestServer.start({ maxAppendBytes: MAX_APPEND_BYTES_FOR_TESTS });
    servers.push(server);
    return connect(server);
  },
  reopen: () => connect(servers.at(-1)),
});
