// Numbered points that the EventStoreDB client does not handle for reads and subscriptions, and what the adapter does.

import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import type { EventBatch } from '@railhead/commands/ports/event-store.ts';
import { EsdbTestServer } from '@railhead/infra/eventstore/esdb/test-server/esdb-test-server.ts';
import { anyEventStore } from '../support/any-eventstore.ts';
import { closeAfterEach, codeOf, connect, connected, take, testServer } from '../support/esdb-world.ts';
import { newEvents } from '../support/events.ts';
import { testOfStandIn } from '../support/real-eventstore.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { waitUntil } from '../support/wait-until.ts';

closeAfterEach();
const folder = tempFolder();
const any = (stream: string, count = 1) => ({ stream, expected: 'any' as const, events: newEvents(count) });

describe('reads and subscriptions', () => {
  test('point 9: the position of a batch never runs ahead of the events in it', async () => {
    const { store } = await anyEventStore();
    for (let n = 0; n < 10; n += 1) await store.append([any(`order-${n}`, 30), any(`other-${n}`, 300)]);
    const { events } = await store.readAll({ after: 0, limit: 10_000, categories: ['order'] });
    let taken = 0;
    const seen = (batch: EventBatch): void => {
      taken += batch.events.length;
      expect(events.filter(({ position }) => position <= batch.position)).toHaveLength(taken);
    };
    await take(store, 300, { after: 0, categories: ['order'], batchSize: 7 }, seen);
    expect(taken).toBe(300);
  });

  test('point 10: an error of a handler reaches its caller, and the subscription ends on the server', async () => {
    const { store } = await anyEventStore();
    await store.append([any('a-1', 5)]);
    const handling = take(store, 5, { after: 0 }, () => Promise.reject(new Error('the handler failed')));
    await expect(handling).rejects.toThrow('the handler failed');
    expect(await take(store, 5, { after: 0 })).toHaveLength(5);
  });

  test('point 11: a subscription comes back after the connection is lost, and nothing is lost or repeated', async () => {
    const { store, relay, counts } = await anyEventStore();
    await store.append([any('a-0', 500)]);
    let drops = 0;
    const receiving = take(store, 2_000, { after: 0, batchSize: 50 }, () => {
      drops += 1;
      if (drops % 10 === 0 && drops <= 60) relay.dropAll();
    });
    for (let n = 1; n <= 15; n += 1) await store.append([any(`a-${n}`, 100)]);
    const events = await receiving;
    expect(events.map(({ id }) => id)).toEqual(
      (await store.readAll({ after: 0, limit: 10_000 })).events.map(({ id }) => id),
    );
    expect(counts.retried).toBeGreaterThan(0);
  });

  test('point 12: a category nobody writes to any more moves on through a long history', async () => {
    const { store } = await anyEventStore({ tailEvents: 10 });
    await store.append([any('rare-1')]);
    for (let n = 0; n < 5; n += 1) await store.append([any(`a-${n}`, 2_000)]);
    const end = await store.lastPosition();
    const positions: number[] = [];
    for await (const batch of store.subscribe({ after: 0, categories: ['rare'] })) {
      positions.push(batch.position);
      if (batch.caughtUp) break;
    }
    expect(positions.at(-1)).toBeGreaterThanOrEqual(end);
    expect(positions.length).toBeGreaterThan(1);
  });

  test('point 13: a position is exclusive for pages and subscriptions alike', async () => {
    const { store } = await anyEventStore();
    await store.append([any('a-1', 4)]);
    const all = await store.readAll({ after: 0, limit: 10 });
    const second = all.events[1]?.position ?? 0;
    const rest = all.events.slice(2).map(({ id }) => id);
    expect((await store.readAll({ after: second, limit: 10 })).events.map(({ id }) => id)).toEqual(rest);
    expect((await take(store, 2, { after: second })).map(({ id }) => id)).toEqual(rest);
    expect((await store.readStream('a-1', { from: 2 })).map(({ id }) => id)).toEqual(rest);
  });

  test('point 14: a read that stays silent is broken off and begun again', async () => {
    const { store, relay, counts } = await anyEventStore();
    await store.append([any('a-1', 3)]);
    const reads: (() => Promise<number>)[] = [
      async () => (await store.readStream('a-1')).length,
      async () => (await store.readAll({ after: 0, limit: 1_000 })).events.length,
    ];
    for (const [before, read] of reads.entries()) {
      relay.silence();
      expect(await read()).toBe(3);
      expect(counts.clientRenewed).toBeGreaterThan(before);
    }
  });

  testOfStandIn(
    'a read in flight when the client is replaced is begun again, not taken for a short stream',
    async () => {
      const { store, server, counts } = await connected();
      await store.append([any('a-1', 1_000)]);
      let renewals = 0;
      const reader = async (): Promise<void> => {
        while (renewals < 3) expect(await store.readStream('a-1')).toHaveLength(1_000);
      };
      const disturb = async (): Promise<void> => {
        for (; renewals < 3; renewals += 1) {
          server.faults.set({ silentReads: 1 });
          await waitUntil('a new client', () => counts.clientRenewed > renewals);
        }
      };
      await Promise.all([disturb(), ...Array.from({ length: 10 }, reader)]);
    },
  );

  testOfStandIn(
    'point 15: a server that is killed and comes back is found again; one that stays away is an error',
    async () => {
      const at = join(folder, 'killed');
      const first = await EsdbTestServer.start({ folder: at });
      const { port } = first;
      const { store } = await connect(first.connectionString);
      await store.append([any('a-1', 3)]);
      await first.stop();
      const waiting = store.append([{ stream: 'a-1', expected: 2, events: newEvents(1) }]);
      const reading = store.readStream('a-1', { limit: 3 });
      const second = await testServer({ folder: at, port });
      expect(await waiting).toMatchObject([{ ok: true, revision: 3 }]);
      expect(await reading).toHaveLength(3);
      expect(second.log.lastRevision('a-1')).toBe(3);
      const impatient = await connect(second.connectionString, { giveUpAfterMs: 100 });
      await second.stop();
      expect(await codeOf(impatient.store.readStream('a-1'))).toBe('STORE_UNAVAILABLE');
      expect(await codeOf(impatient.store.append([any('a-2')]))).toBe('STORE_UNAVAILABLE');
    },
  );

  test('point 16: many writers, one order, the same for every subscriber', async () => {
    const { store } = await anyEventStore();
    const subscribers = [1, 2, 3].map((n) => take(store, 400, { after: 0, batchSize: n * 10 }));
    await Promise.all(Array.from({ length: 40 }, (_, n) => store.append([any(`a-${n % 7}`, 10)])));
    const [log, ...orders] = (await Promise.all(subscribers)).map((events) => events.map(({ id }) => id));
    for (const order of orders) expect(order).toEqual(log);
    expect((await store.readAll({ after: 0, limit: 1_000 })).events.map(({ id }) => id)).toEqual(log);
  });

  testOfStandIn('point 17: malformed JSON is an error that names the event, wherever it is read', async () => {
    const { store, server } = await connected();
    await store.append([any('a-1', 2)]);
    const good = server.log.records.at(-1);
    if (good === undefined) throw new Error('unreachable');
    server.log.append('a-1', 'any', [{ ...good, id: crypto.randomUUID(), data: Buffer.from('{"half":') }]);
    await expect(store.readStream('a-1')).rejects.toMatchObject({ code: 'STORE_CORRUPT', message: /2 of a-1/ });
    expect(await store.readStream('a-1', { limit: 2 })).toHaveLength(2);
    expect(await codeOf(store.readAll({ after: 0, limit: 10 }))).toBe('STORE_CORRUPT');
    expect(await codeOf(take(store, 3, { after: 0 }))).toBe('STORE_CORRUPT');
  });

  testOfStandIn(
    'point 23: a page keeps to its categories, and the server’s record of a deletion is no event',
    async () => {
      const { store, server } = await connected();
      await store.append([any('order-1', 2), any('orders-1', 2), any('payment-1', 2)]);
      server.log.tombstone('order-1', 'any');
      await store.append([any('order-2')]);
      const page = await store.readAll({ after: 0, limit: 100, categories: ['order'] });
      expect(page.events.map(({ stream }) => stream)).toEqual(['order-1', 'order-1', 'order-2']);
      const events = await take(store, 3, { after: 0, categories: ['order'] });
      expect(events.map(({ stream }) => stream)).toEqual(['order-1', 'order-1', 'order-2']);
      expect(await codeOf(store.readStream('order-1'))).toBe('STREAM_DELETED');
      expect(await codeOf(store.append([any('order-1')]))).toBe('STREAM_DELETED');
    },
  );
});
