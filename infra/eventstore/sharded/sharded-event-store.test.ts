import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import type { EventStore } from '@railhead/commands/ports/event-store.ts';
import { eventStoreContract } from '@railhead/tests/contract/event-store.contract.ts';
import { take } from '@railhead/tests/support/esdb-world.ts';
import { newEvents } from '@railhead/tests/support/events.ts';
import { tempFolder } from '@railhead/tests/support/temp-folder.ts';
import { A_HANG_MS } from '@railhead/tests/support/wait-until.ts';
import { EsdbEventStore } from '../esdb/esdb-event-store.ts';
import { EsdbTestServer } from '../esdb/test-server/esdb-test-server.ts';
import { MemoryEventStore } from '../memory/memory-event-store.ts';
import { ShardMap } from './shard-map.ts';
import { ShardedEventStore } from './sharded-event-store.ts';

const folder = tempFolder();
const servers: EsdbTestServer[] = [];
afterAll(() => Promise.all(servers.map((server) => server.stop())));
let indexes = 0;

const threeServers = async (): Promise<readonly EsdbTestServer[]> => {
  const started = await Promise.all([1, 2, 3].map(() => EsdbTestServer.start()));
  servers.push(...started);
  return started;
};
const onServers = async (of: readonly EsdbTestServer[], index: string): Promise<ShardedEventStore> => {
  const stores = await Promise.all(of.map(({ connectionString }) => EsdbEventStore.open({ connectionString })));
  const shards = Object.fromEntries(stores.map((store, n): [string, EventStore] => [`cluster${n}`, store]));
  // Only a hang reaches the limit, on however slow a machine.
  return ShardedEventStore.open({ shards, index, mergeTimeoutMs: A_HANG_MS });
};
const inMemory = (pinned: Record<string, string> = {}) =>
  ShardedEventStore.open({
    shards: { a: new MemoryEventStore(), b: new MemoryEventStore(), c: new MemoryEventStore() },
    pinned,
    index: ':memory:',
  });

eventStoreContract('three shards in memory', { open: () => inMemory() });

let last: readonly EsdbTestServer[] = [];
eventStoreContract('three clusters by EventStoreDB client', {
  open: async () => {
    last = await threeServers();
    indexes += 1;
    return onServers(last, join(folder, `${indexes}.db`));
  },
  reopen: () => onServers(last, join(folder, `${indexes}.db`)),
});

describe('placement', () => {
  const shards = ['a', 'b', 'c', 'd'];
  const runs = Array.from({ length: 4_000 }, (_, n) => `G${n % 400}_2026-11-${10 + (n % 10)}`);

  test('all streams of a run are together, runs are spread evenly', () => {
    const map = new ShardMap({ shards });
    const counts = new Map<string, number>();
    for (const run of runs) {
      const places = new Set(
        [`trainRun-${run}`, `seatLock-${run}_second`, `segmentInventory-${run}_3_first`].map((stream) =>
          map.shardOf(stream),
        ),
      );
      expect(places.size).toBe(1);
      for (const place of places) counts.set(place, (counts.get(place) ?? 0) + 1);
    }
    for (const shard of shards) expect(Math.abs((counts.get(shard) ?? 0) - 1_000)).toBeLessThan(200);
  });

  test('a new shard takes its share, and nothing moves between the others', () => {
    const [before, after] = [new ShardMap({ shards }), new ShardMap({ shards: [...shards, 'e'] })];
    const moved = runs.filter((run) => before.shardOf(`trainRun-${run}`) !== after.shardOf(`trainRun-${run}`));
    expect(moved.every((run) => after.shardOf(`trainRun-${run}`) === 'e')).toBe(true);
    expect(moved.length / runs.length).toBeGreaterThan(0.15);
    expect(moved.length / runs.length).toBeLessThan(0.25);
  });

  test('a train, or one of its runs, may be pinned to a shard', () => {
    const map = new ShardMap({ shards, pinned: { G1: 'b', 'G1_2026-11-23': 'd' } });
    expect(map.shardOf('seatLock-G1_2026-11-22_second')).toBe('b');
    expect(map.shardOf('seatLock-G1_2026-11-23_second')).toBe('d');
    expect(() => new ShardMap({ shards, pinned: { G1: 'z' } })).toThrow('no shard');
    expect(() => new ShardMap({ shards: ['a', 'a'] })).toThrow('names');
  });
});

describe('moving a run', () => {
  const run = 'G1_2026-11-23';
  const streams = [`trainRun-${run}`, `seatLock-${run}_second`, `segmentInventory-${run}_0_second`];

  test('stop, copy, switch: readers see each event once, writers go on at the next revision', async () => {
    const store = await inMemory({ G1: 'a' });
    const receiving = take(store, 40, { after: 0 });
    for (const stream of streams) await store.append([{ stream, expected: 'noStream', events: newEvents(10) }]);
    const moving = store.move(run, 'b');
    const refused = store.append([{ stream: streams[0] ?? '', expected: 9, events: newEvents(1) }]);
    await expect(refused).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    expect(await moving).toEqual({ streams: 3, events: 30 });
    expect(streams.map((stream) => store.shardOf(stream))).toEqual(['b', 'b', 'b']);
    for (const stream of streams) {
      expect((await store.readStream(stream)).map(({ revision }) => revision)).toEqual(
        Array.from({ length: 10 }, (_, n) => n),
      );
      const [result] = await store.append([{ stream, expected: 9, events: newEvents(1) }]);
      expect(result).toMatchObject({ ok: true, revision: 10 });
    }
    await store.append([{ stream: 'order-1', expected: 'noStream', events: newEvents(7) }]);
    const events = await receiving;
    expect(new Set(events.map(({ id }) => id)).size).toBe(40);
    for (const stream of streams)
      expect(events.filter((event) => event.stream === stream).map(({ revision }) => revision)).toEqual(
        Array.from({ length: 11 }, (_, n) => n),
      );
    expect((await store.readAll({ after: 0, limit: 100 })).events).toEqual(events);
    await store.close();
  });

  test('a move that finds other events in the new place switches nothing', async () => {
    const b = new MemoryEventStore();
    const store = await ShardedEventStore.open({
      shards: { a: new MemoryEventStore(), b },
      pinned: { G1: 'a' },
      index: ':memory:',
    });
    const [stream = ''] = streams;
    await store.append([{ stream, expected: 'noStream', events: newEvents(3) }]);
    await b.append([{ stream, expected: 'noStream', events: newEvents(1) }]);
    await expect(store.move(run, 'b')).rejects.toMatchObject({ code: 'STORE_CORRUPT' });
    expect(store.shardOf(stream)).toBe('a');
    expect(await store.append([{ stream, expected: 2, events: newEvents(1) }])).toMatchObject([
      { ok: true, revision: 3 },
    ]);
    await store.close();
  });
});
