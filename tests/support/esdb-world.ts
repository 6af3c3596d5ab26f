// Test servers and stores on them, closed when the test ends; time limits short enough for tests.
import { afterEach } from '@jest/globals';
import type { EventBatch, EventStore, RecordedEvent, SubscribeOptions } from '@railhead/commands/ports/event-store.ts';
import { EsdbEventStore } from '@railhead/infra/eventstore/esdb/esdb-event-store.ts';
import { type EsdbObserver, type EsdbSettings, NO_OBSERVER } from '@railhead/infra/eventstore/esdb/settings.ts';
import {
  EsdbTestServer,
  type TestServerOptions,
} from '@railhead/infra/eventstore/esdb/test-server/esdb-test-server.ts';

export const FAST: Partial<EsdbSettings> = {
  appendTimeoutMs: 400,
  readTimeoutMs: 400,
  giveUpAfterMs: 8_000,
  firstBackOffMs: 5,
  longestBackOffMs: 50,
  stallAfterMs: 150,
};

export type Counts = { [Name in keyof EsdbObserver]: number };

/** Counts calls; of `inFlight` the largest value. */
export const countingObserver = (): { readonly counts: Counts; readonly observer: EsdbObserver } => {
  const counts = Object.fromEntries(Object.keys(NO_OBSERVER).map((name) => [name, 0])) as Counts;
  const count = (name: keyof EsdbObserver) => () => {
    counts[name] += 1;
  };
  const observer: EsdbObserver = {
    appended: count('appended'),
    inFlight: (appends) => {
      counts.inFlight = Math.max(counts.inFlight, appends);
    },
    retried: count('retried'),
    conflicted: count('conflicted'),
    outcomeUnknown: count('outcomeUnknown'),
    clientRenewed: count('clientRenewed'),
    lagged: count('lagged'),
  };
  return { counts, observer };
};

type Closing = () => Promise<unknown>;
const closings: Closing[] = [];

export const closeLater = (close: Closing): void => {
  closings.push(close);
};

/** To be called at the top of a test file. */
export const closeAfterEach = (): void =>
  afterEach(async () => {
    for (const close of closings.splice(0).reverse()) await close();
  });

export const testServer = async (options: TestServerOptions = {}): Promise<EsdbTestServer> => {
  const server = await EsdbTestServer.start(options);
  closings.push(() => server.stop());
  return server;
};

export type Connected = { readonly store: EsdbEventStore; readonly counts: Counts };

export const connect = async (connectionString: string, settings: Partial<EsdbSettings> = {}): Promise<Connected> => {
  const { counts, observer } = countingObserver();
  const store = await EsdbEventStore.open({ connectionString, settings: { ...FAST, ...settings }, observer });
  closings.push(() => store.close());
  return { store, counts };
};

/** A server of its own, and a store on it. */
export const connected = async (
  options: TestServerOptions = {},
  settings: Partial<EsdbSettings> = {},
): Promise<Connected & { readonly server: EsdbTestServer }> => {
  const server = await testServer(options);
  return { server, ...(await connect(server.connectionString, settings)) };
};

/** Pulls until `count` events came; `each` sees every batch. */
export const take = async (
  store: EventStore,
  count: number,
  options: SubscribeOptions,
  each: (batch: EventBatch) => unknown = () => {},
): Promise<RecordedEvent[]> => {
  const events: RecordedEvent[] = [];
  for await (const batch of store.subscribe(options)) {
    events.push(...batch.events);
    await each(batch);
    if (events.length >= count) return events;
  }
  throw new Error(`the subscription ended after ${events.length} of ${count} events`);
};

export { codeOf } from './code-of.ts';
