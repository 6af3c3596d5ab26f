import { afterAll, test } from '@jest/globals';
import { eventStoreContract } from '@railhead/tests/contract/event-store.contract.ts';
import { onRealServer } from '@railhead/tests/support/real-eventstore.ts';
import { A_HANG_MS } from '@railhead/tests/support/wait-until.ts';
import { EsdbEventStore } from './esdb-event-store.ts';
import { EsdbTestServer } from './test-server/esdb-test-server.ts';
import { SERVER_VERSIONS } from './test-server/versions.ts';

const servers: EsdbTestServer[] = [];
afterAll(() => Promise.all(servers.map((server) => server.stop())));

const connect = (server: EsdbTestServer | undefined): Promise<EsdbEventStore> =>
  EsdbEventStore.open({
    connectionString: server?.connectionString ?? '',
    // On a slow machine tens of thousands of events may take long.
    settings: { appendTimeoutMs: A_HANG_MS, giveUpAfterMs: A_HANG_MS },
  });

// On a real server shared-log.test.ts runs the contract.
for (const version of onRealServer ? [] : SERVER_VERSIONS)
  eventStoreContract(`EventStoreDB client on the test server, as ${version}`, {
    open: async () => {
      const server = await EsdbTestServer.start({ version });
      servers.push(server);
      return connect(server);
    },
    reopen: () => connect(servers.at(-1)),
  });

if (onRealServer)
  test.skip('the contract on the stand-in (skipped: shared-log.test.ts runs it on the real server)', () => {});
