import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import type { EventStore } from '@railhead/commands/ports/event-store.ts';
import { eventStoreContract } from '@railhead/tests/contract/event-store.contract.ts';
import { take } from '@railhead/tests/support/esdb-world.ts';
import { newEvent } from '@railhead/tests/support/events.ts';
import { tempFolder } from '@railhead/tests/support/temp-folder.ts';
import { EsdbEventStore } from './esdb/esdb-event-store.ts';
import { EsdbTestServer } from './esdb/test-server/esdb-test-server.ts';
import { MemoryEventStore } from './memory/memory-event-store.ts';
import { SqliteEventStore } from './sqlite/sqlite-event-store.ts';
import { liftWith, type Upcaster, UpcastingStore } from './upcasting-store.ts';

const folder = tempFolder();
const servers: EsdbTestServer[] = [];
afterAll(() => Promise.all(servers.map((server) => server.stop())));

/** Version 2 counts in fen instead of yuan; version 3 adds the currency. */
const upcasters: readonly Upcaster[] = [
  { type: 'FarePaid', from: 1, lift: (data) => ({ fen: (data as { yuan: number }).yuan * 100 }) },
  { type: 'FarePaid', from: 2, lift: (data) => ({ ...(data as object), currency: 'CNY' }) },
];

const STORES: Readonly<Record<string, () => Promise<EventStore>>> = {
  memory: async () => new MemoryEventStore(),
  SQLite: () => SqliteEventStore.open({ folder: join(folder, 'log') }),
  EventStoreDB: async () => {
    const server = await EsdbTestServer.start();
    servers.push(server);
    return EsdbEventStore.open({ connectionString: server.connectionString });
  },
};

eventStoreContract('memory, lifted', {
  open: async () => new UpcastingStore(new MemoryEventStore(), liftWith(upcasters)),
});

describe('old versions of an event', () => {
  test.each(Object.keys(STORES))(
    'are lifted however they are read from %s, and stay in the log as they were',
    async (name) => {
      const inner = await STORES[name]?.();
      if (inner === undefined) throw new Error('unreachable');
      const store = new UpcastingStore(inner, liftWith(upcasters));
      const versions = [
        { ...newEvent({ yuan: 5 }, 'FarePaid'), version: 1 },
        { ...newEvent({ fen: 500 }, 'FarePaid'), version: 2 },
        { ...newEvent({ fen: 500, currency: 'CNY' }, 'FarePaid'), version: 3 },
        newEvent({ yuan: 5 }, 'Other'),
      ];
      await store.append([{ stream: 'order-1', expected: 'noStream', events: versions }]);
      const now = { type: 'FarePaid', version: 3, data: { fen: 500, currency: 'CNY' } };
      const expected = [now, now, now, { type: 'Other', version: 1, data: { yuan: 5 } }];
      expect(await store.readStream('order-1')).toMatchObject(expected);
      expect((await store.readAll({ after: 0, limit: 10 })).events).toMatchObject(expected);
      expect(await take(store, 4, { after: 0 })).toMatchObject(expected);
      expect((await inner.readStream('order-1')).map(({ version }) => version)).toEqual([1, 2, 3, 1]);
      await store.close();
    },
  );

  test('an event that cannot be lifted is named; a chain with a hole or a fork is refused', async () => {
    const inner = new MemoryEventStore();
    const broken = liftWith([{ type: 'FarePaid', from: 1, lift: (data) => (data as { a: { b: number } }).a.b }]);
    const store = new UpcastingStore(inner, broken);
    await store.append([{ stream: 'order-1', expected: 'noStream', events: [newEvent({}, 'FarePaid')] }]);
    await expect(store.readStream('order-1')).rejects.toMatchObject({ code: 'STORE_CORRUPT', message: /0 of order-1/ });
    const lift = (data: unknown): unknown => data;
    expect(() => liftWith([1, 3].map((from) => ({ type: 'A', from, lift })))).toThrow('version 2 of A');
    expect(() => liftWith([1, 1].map((from) => ({ type: 'A', from, lift })))).toThrow('two upcasters');
  });
});
