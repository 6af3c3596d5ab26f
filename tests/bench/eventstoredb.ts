// What the adapter costs compared with the bare client, both against the same server: the stand-in in another process, or
// one that is named. Appends of one and of ten events with many in flight, and a subscription that catches up.
import { randomUUID } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import { EventStoreDBClient, jsonEvent, NO_STREAM, START, streamNameFilter } from '@eventstore/db-client';
import type { NewEvent } from '@railhead/commands/ports/event-store.ts';
import { EsdbEventStore } from '@railhead/infra/eventstore/esdb/esdb-event-store.ts';
import { DevEventStore } from '../support/dev-eventstore.ts';
import type { Benchmark, BenchResult } from './benchmark.ts';

const IN_FLIGHT = 256;
const CATCH_UP_EVENTS_PER_SECOND = 20_000;
const MOST_CATCH_UP_EVENTS = 60_000;
const HISTORY_STREAM_EVENTS = 500;
const ROUNDS = 2;

const meta = {
  commandId: 'KQ7ZV21R8N4DTY3W/holdSeats',
  correlationId: 'KQ7ZV21R8N4DTY3W',
  causationId: 'KQ7ZV21R8N4DTY3W',
  actor: 'bench',
  at: '2026-11-21T08:00:00.000+08:00',
};
/** As large as three holds of seats. */
const data = { holds: [17, 19, 21].map((seat) => ({ lockId: `KQ7ZV21R8N4DTY3W.1.${seat}`, seats: [seat] })) };
/** The same, as the adapter keeps it beside an event. */
const { correlationId: $correlationId, causationId: $causationId, ...rest } = meta;
const metadata = { ...rest, version: 2, $correlationId, $causationId };
const newEvents = (count: number): NewEvent[] =>
  Array.from({ length: count }, () => ({ id: randomUUID(), type: 'SeatsHeld', version: 2, data, meta }));

type Append = (stream: string, events: number) => Promise<unknown>;

export const eventStoreDb: Benchmark = {
  name: 'eventstoredb',
  about:
    "EventStoreDB's client on the stand-in, or on --url: appends of 1 and 10 events, and catching up, beside the bare client",
  async *run({ seconds, esdbUrl }) {
    const server = esdbUrl === undefined ? await DevEventStore.start() : undefined;
    const url = esdbUrl ?? server?.url ?? '';
    const bare = EventStoreDBClient.connectionString(url);
    const store = await EsdbEventStore.open({ connectionString: url });
    try {
      const bareAppend: Append = (stream, count) =>
        bare.appendToStream(
          stream,
          newEvents(count).map(({ id, type, data: payload }) =>
            jsonEvent({ id, type, data: payload as typeof data, metadata }),
          ),
          { expectedRevision: NO_STREAM },
        );
      const ours: Append = (stream, count) =>
        store.append([{ stream, expected: 'noStream', events: newEvents(count) }]);
      for (const events of [1, 10]) yield await appends(events, ours, bareAppend, seconds);
      yield await catchingUp(store, bare, ours, seconds);
    } finally {
      await store.close();
      await bare.dispose();
      await server?.stop();
    }
  },
};

/** Streams of this run alone: a server that is named has others. */
const run = randomUUID().replaceAll('-', '').slice(0, 12);
let streams = 0;

/** Appends per second, each to a stream of its own. */
const appendsPerSecond = async (append: Append, events: number, seconds: number): Promise<number> => {
  let done = 0;
  const until = performance.now() + seconds * 1_000;
  const started = performance.now();
  const writer = async (): Promise<void> => {
    while (performance.now() < until) {
      streams += 1;
      await append(`bench${run}-${streams}`, events);
      done += 1;
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, writer));
  return done / ((performance.now() - started) / 1_000);
};

/** In turns, so that neither has the warmer machine. */
const appends = async (events: number, ours: Append, bare: Append, seconds: number): Promise<BenchResult> => {
  const share = seconds / ROUNDS;
  for (const append of [bare, ours]) await appendsPerSecond(append, events, Math.min(0.5, share));
  const rates = { ours: 0, bare: 0 };
  for (let round = 0; round < ROUNDS; round += 1) {
    rates.bare += (await appendsPerSecond(bare, events, share)) / ROUNDS;
    rates.ours += (await appendsPerSecond(ours, events, share)) / ROUNDS;
  }
  return {
    name: `eventstoredb/append-${events}`,
    value: rates.ours,
    unit: 'appends/s',
    references: [{ name: 'bare client, same server', value: rates.bare, ratio: rates.ours / rates.bare }],
    details: { eventsPerAppend: events, inFlight: IN_FLIGHT },
  };
};

const catchingUp = async (
  store: EsdbEventStore,
  bare: EventStoreDBClient,
  append: Append,
  seconds: number,
): Promise<BenchResult> => {
  const wanted = Math.min(MOST_CATCH_UP_EVENTS, Math.ceil(seconds * CATCH_UP_EVENTS_PER_SECOND));
  const start = await store.lastPosition();
  for (let n = 0; n * HISTORY_STREAM_EVENTS < wanted; n += 1) await append(`history${run}-${n}`, HISTORY_STREAM_EVENTS);
  const { position: end, events } = await countAll(store, start);
  const rates = { ours: 0, bare: 0 };
  for (let round = 0; round < ROUNDS; round += 1) {
    rates.bare += (await bareRate(bare, start, events)) / ROUNDS;
    rates.ours += (await ourRate(store, start, end)) / ROUNDS;
  }
  return {
    name: 'eventstoredb/catch-up',
    value: rates.ours,
    unit: 'events/s',
    references: [{ name: 'bare client, same server', value: rates.bare, ratio: rates.ours / rates.bare }],
    details: { events },
  };
};

const countAll = async (store: EsdbEventStore, start: number): Promise<{ position: number; events: number }> => {
  let events = 0;
  for (let after = start; ; ) {
    const page = await store.readAll({ after, limit: 10_000 });
    events += page.events.length;
    after = page.position;
    if (page.caughtUp) return { position: after, events };
  }
};

const ourRate = async (store: EsdbEventStore, start: number, end: number): Promise<number> => {
  const started = performance.now();
  let events = 0;
  for await (const batch of store.subscribe({ after: start })) {
    events += batch.events.length;
    if (batch.position >= end) break;
  }
  return events / ((performance.now() - started) / 1_000);
};

const bareRate = async (client: EventStoreDBClient, start: number, total: number): Promise<number> => {
  const started = performance.now();
  let events = 0;
  const filter = streamNameFilter({ regex: '^[^$]' });
  const subscription = client.subscribeToAll({
    fromPosition: start === 0 ? START : { commit: BigInt(start), prepare: BigInt(start) },
    filter,
  });
  for await (const { event } of subscription) {
    if (event !== undefined) events += 1;
    if (events >= total) break;
  }
  await subscription.unsubscribe();
  return events / ((performance.now() - started) / 1_000);
};
