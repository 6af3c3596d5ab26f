// Positions as servers tell them: the ones that no log has are not believed, wherever they come in.
import { once } from 'node:events';
import { EventStoreDBClient, streamNameFilter } from '@eventstore/db-client';
import { describe, expect, test } from '@jest/globals';
import { SERVER_VERSIONS } from '@railhead/infra/eventstore/esdb/test-server/versions.ts';
import { anyEventStore } from '../support/any-eventstore.ts';
import { closeAfterEach, connected, take, testServer } from '../support/esdb-world.ts';
import { newEvents } from '../support/events.ts';
import { testOfStandIn } from '../support/real-eventstore.ts';
import { waitUntil } from '../support/wait-until.ts';

closeAfterEach();
const any = (stream: string, count = 1) => ({ stream, expected: 'any' as const, events: newEvents(count) });

/** Resolves when a subscription that begins now has reached the end: by then earlier ones have as well. */
const endReached = async (connectionString: string): Promise<void> => {
  const client = EventStoreDBClient.connectionString(connectionString);
  const subscription = client.subscribeToAll({ filter: streamNameFilter({ prefixes: ['none-'] }) });
  await once(subscription, 'caughtUp');
  await subscription.unsubscribe();
  await client.dispose();
};

describe.each(SERVER_VERSIONS)('on %s', (version) => {
  testOfStandIn.each([undefined, ['order']])(
    'a subscriber of an empty log gets what is written later, categories: %s',
    async (categories) => {
      const { store, server } = await connected({ version });
      const positions: number[] = [];
      const options = { after: 0, ...(categories === undefined ? {} : { categories }) };
      const receiving = take(store, 3, options, ({ position }) => positions.push(position));
      await waitUntil('the subscription', () => server.callsOf('Subscribe') > 0);
      await endReached(server.connectionString);
      await store.append([any('order-1', 2)]);
      await store.append([any('order-2')]);
      expect((await receiving).map(({ stream }) => stream)).toEqual(['order-1', 'order-1', 'order-2']);
      expect(positions.at(-1)).toBe(await store.lastPosition());
    },
  );

  testOfStandIn('a category without events follows a log in which there are others', async () => {
    const { store } = await connected({ version }, { tailEvents: 5 });
    await store.append([any('a-1', 40)]);
    const end = await store.lastPosition();
    const receiving = take(store, 1, { after: 0, categories: ['order'] }, ({ position, events }) => {
      if (events.length === 0) expect(position).toBeLessThanOrEqual(end);
    });
    await store.append([any('order-1')]);
    expect(await receiving).toHaveLength(1);
  });

  testOfStandIn('a checkpoint beyond the end of the log is not believed', async () => {
    const { store, server } = await connected({ version, faults: { checkpointBeyondEnd: 3 } });
    const stop = new AbortController();
    const receiving = take(store, 30, { after: 0, signal: stop.signal });
    await waitUntil('the checkpoint', () => server.faults.happened('checkpointBeyondEnd') > 0);
    for (let n = 0; n < 10; n += 1) await store.append([any(`a-${n}`, 3)]);
    expect(await receiving).toHaveLength(30);
    const { events } = await store.readAll({ after: 0, limit: 100 });
    expect(events).toHaveLength(30);
  });
});

describe.each(SERVER_VERSIONS)('positions of another log, on %s', (version) => {
  test('where no event begins, a page and a subscription say so at once', async () => {
    const { store, counts } = await anyEventStore({ tailEvents: 2 }, version);
    const [result] = await store.append([any('a-1', 10)]);
    const after = result?.ok === true ? result.position - 1 : 0;
    await expect(store.readAll({ after, limit: 1 })).rejects.toMatchObject({ code: 'STORE_CORRUPT' });
    await expect(take(store, 1, { after })).rejects.toMatchObject({ code: 'STORE_CORRUPT' });
    expect(await store.fingerprintAt(after)).toBeUndefined();
    expect(counts).toMatchObject({ retried: 0, clientRenewed: 0 });
  });

  test('beyond the end, a page is empty; a subscription waits for a while, and then says so', async () => {
    const { store } = await anyEventStore({ giveUpAfterMs: 200 }, version);
    await store.append([any('a-1', 10)]);
    const after = (await store.lastPosition()) + 1_000_000_000;
    expect((await store.readAll({ after, limit: 10 })).events).toEqual([]);
    await expect(take(store, 1, { after })).rejects.toMatchObject({ code: 'STORE_CORRUPT' });
  });

  testOfStandIn('a log that is shorter after a restart: the subscription does not wait in silence', async () => {
    const { store, server } = await connected({ version }, { giveUpAfterMs: 200 });
    await store.append([any('a-1', 10)]);
    const following = take(store, 11, { after: 0 }).catch((error: unknown) => error);
    await waitUntil('the live subscription', () => server.callsOf('Subscribe') > 0);
    const { port } = server;
    await server.stop();
    await testServer({ version, port });
    expect(await following).toMatchObject({ code: 'STORE_CORRUPT' });
  });

  testOfStandIn(
    'an answer of the server that is an error of the connection says nothing about a position',
    async () => {
      const { store, server } = await connected({ version }, { giveUpAfterMs: 200 });
      const [result] = await store.append([any('a-1')]);
      await server.stop();
      const position = result?.ok === true ? result.position : 0;
      await expect(store.fingerprintAt(position)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    },
  );
});

test.each([2 ** 53, 2 ** 64 - 1, 2 ** 64, -1, 0.5, Number.NaN])('no event stands at %d', async (position) => {
  const { store, counts } = await anyEventStore();
  expect(await store.fingerprintAt(position)).toBeUndefined();
  expect(counts.retried).toBe(0);
});

test.each([2 ** 53, 2 ** 64, -1, 0.5, Number.NaN])('nobody reads or subscribes after %d', async (after) => {
  const { store, inner, counts } = await anyEventStore();
  await store.append([any('a-1')]);
  await expect(inner.readAll({ after, limit: 1 })).rejects.toMatchObject({ code: 'STORE_CORRUPT' });
  await expect(take(inner, 1, { after })).rejects.toMatchObject({ code: 'STORE_CORRUPT' });
  expect(counts.retried).toBe(0);
});
