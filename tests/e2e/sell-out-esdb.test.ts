// A train is sold out through EventStoreDB's client, on a stand-in that keeps failing and dies once itself; or on the
// server of RAILHEAD_ESDB_URL, through a relay that loses and delays connections. That server's log must be a new one:
// the audit at the end is of the whole log.
import { join } from 'node:path';
import { afterAll, beforeAll, expect } from '@jest/globals';
import { EsdbTestServer } from '@railhead/infra/eventstore/esdb/test-server/esdb-test-server.ts';
import type { FaultName, FaultSettings } from '@railhead/infra/eventstore/esdb/test-server/faults.ts';
import { through } from '../support/any-eventstore.ts';
import { onRealServer, REAL_URL } from '../support/real-eventstore.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { sellOut } from './sell-out.scenario.ts';

const REQUESTS = 300;
/** One append in so many loses its connection, before its commit or after it. */
const DROP_EVERY = 60;

const folder = join(tempFolder(), 'log');
let eventStore: EsdbTestServer;
let real: Awaited<ReturnType<typeof through>>;
beforeAll(async () => {
  if (onRealServer) real = await through(REAL_URL);
  else eventStore = await EsdbTestServer.start({ folder, faults: { internalOnProbe: 1 } });
});
afterAll(() => Promise.all([eventStore?.stop(), real?.relay.stop()]));

/** Faults that are set once that many requests have begun. */
const WEATHER: Readonly<Record<number, FaultSettings>> = {
  20: { dropEveryAppends: DROP_EVERY },
  50: { timeoutAfterCommit: 3 },
  70: { truncatedFrame: 1, secondReply: 2 },
  120: { slowConsumer: 1, notReady: 5, internalOnProbe: 1 },
  140: { repeatedEvent: 2, delayMs: 20 },
  170: { silentAppends: 1, delayMs: 0 },
  190: { silentSubscription: 1, silentReads: 1 },
};
const DIES_AT = 240;

const happened = new Map<FaultName, number>();
const note = (): void => {
  for (const settings of Object.values(WEATHER))
    for (const name of Object.keys(settings) as FaultName[])
      happened.set(name, (happened.get(name) ?? 0) + eventStore.faults.happened(name));
};

const meanwhile = async (request: number): Promise<void> => {
  eventStore.faults.set(WEATHER[request] ?? {});
  if (request !== DIES_AT) return;
  note();
  const { port } = eventStore;
  await eventStore.stop();
  eventStore = await EsdbTestServer.start({ folder, port, faults: { dropEveryAppends: DROP_EVERY } });
};

const onTheWire = async (request: number): Promise<void> => {
  const { relay } = real;
  if (request === 20) relay.dropEvery = DROP_EVERY;
  if (request === 140) relay.delayMs = 20;
  if (request === 170) relay.delayMs = 0;
  if (request === 190 || request === DIES_AT) relay.dropAll();
};

const onReal = {
  name: 'no seat twice, nothing lost, on the server of RAILHEAD_ESDB_URL while connections are lost and slow',
  requests: REQUESTS,
  log: () => ['--esdb-url', real.connectionString],
  meanwhile: onTheWire,
  after: () => expect(real.relay.drops).toBeGreaterThan(0),
};

const onStandIn = {
  name: 'no seat twice, nothing lost, on EventStoreDB while connections, answers, events and servers are lost',
  requests: REQUESTS,
  log: () => ['--esdb-url', eventStore.connectionString],
  meanwhile,
  after: () => {
    for (const name of ['dropEveryAppends', 'timeoutAfterCommit', 'truncatedFrame', 'silentAppends'] as const)
      expect([name, happened.get(name) ?? 0]).toEqual([name, expect.any(Number)]);
    expect(happened.get('dropEveryAppends')).toBeGreaterThan(0);
  },
};

sellOut(onRealServer ? onReal : onStandIn);
