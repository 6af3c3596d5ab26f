// Numbered points that the EventStoreDB client does not handle for appends, and what the adapter does about each.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { EventStoreDBClient } from '@eventstore/db-client';
import { describe, expect, test } from '@jest/globals';
import { anyEventStore } from '../support/any-eventstore.ts';
import { closeAfterEach, codeOf, connect, connected, testServer } from '../support/esdb-world.ts';
import { newEvent, newEvents } from '../support/events.ts';
import { testOfStandIn } from '../support/real-eventstore.ts';
import { selfSigned } from '../support/self-signed.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { waitUntil } from '../support/wait-until.ts';

closeAfterEach();
const hasEvents = async (client: EventStoreDBClient, stream: string): Promise<boolean> => {
  let found = false;
  try {
    // To its end: the client does not close after a read that was left.
    for await (const _ of client.readStream(stream, { maxCount: 1 })) found = true;
  } catch {
    // There is no such stream yet.
  }
  return found;
};
const folder = tempFolder();
const begin = (stream: string, events = newEvents(1)) => ({ stream, expected: 'noStream' as const, events });

describe('appends', () => {
  test('point 1: a BigInt in the data is refused at once, and nothing stays pending', async () => {
    const { store } = await anyEventStore();
    expect(await codeOf(store.append([begin('a-1', [newEvent({ fen: 10n })])]))).toBe('BAD_EVENT');
    expect(await store.append([begin('a-1')])).toMatchObject([{ ok: true, revision: 0 }]);
  });

  test('point 2: an append that is not answered in time is looked up by its event ids', async () => {
    const { store, counts, relay } = await anyEventStore();
    await store.append([begin('a-0')]);
    const events = newEvents(2);
    relay.silence();
    expect(await store.append([begin('a-1', events)])).toMatchObject([{ ok: true, revision: 1, repeated: false }]);
    expect(counts.outcomeUnknown).toBe(1);
    expect((await store.readStream('a-1')).map(({ id }) => id)).toEqual(events.map(({ id }) => id));
  });

  test('point 3: one cluster that fails does not affect appends to another', async () => {
    const [failing, healthy] = [await anyEventStore(), await anyEventStore()];
    for (const { store, relay } of [failing, healthy]) {
      await store.append([begin('a-0')]);
      relay.delayMs = 200;
    }
    const [ours, theirs] = [failing.store.append([begin('a-1')]), healthy.store.append([begin('a-1')])];
    for (const { bare, named } of [failing, healthy])
      await waitUntil('the append to arrive', () => hasEvents(bare, named('a-1')));
    failing.relay.dropAll();
    failing.relay.delayMs = 0;
    expect(await theirs).toMatchObject([{ ok: true }]);
    expect(await ours).toMatchObject([{ ok: true }]);
    expect(failing.counts.outcomeUnknown).toBe(1);
    expect(healthy.counts).toMatchObject({ outcomeUnknown: 0, clientRenewed: 0 });
  });

  test('point 4: the setting that hides wrong revisions is refused', async () => {
    const { store, connectionString } = await anyEventStore();
    const lenient = `${connectionString}&throwOnAppendFailure=false`;
    expect(await codeOf(connect(lenient))).toBe('STORE_MISCONFIGURED');
    await store.append([begin('a-1', newEvents(8))]);
    expect(await store.append([{ stream: 'a-1', expected: 3, events: newEvents(1) }])).toEqual([
      { ok: false, code: 'WRONG_REVISION', actual: 7 },
    ]);
  });

  test('point 5: a conflict is a value with the stream’s last revision, not an error with an empty message', async () => {
    const { store, counts } = await anyEventStore();
    expect(await store.append([{ stream: 'a-1', expected: 5, events: newEvents(1) }])).toEqual([
      { ok: false, code: 'WRONG_REVISION', actual: -1 },
    ]);
    expect(counts.conflicted).toBe(1);
  });

  testOfStandIn('point 6: one INTERNAL on the feature probe is not remembered', async () => {
    const { store, counts } = await connected({ faults: { internalOnProbe: 1 } });
    expect(await store.append([begin('a-1')])).toMatchObject([{ ok: true }]);
    expect(counts.clientRenewed).toBe(1);
  });

  test('point 7: an id stands once in an append; at a refreshed revision it is another event', async () => {
    const { store } = await anyEventStore();
    const [event, other] = [newEvent(), newEvent()];
    expect(await codeOf(store.append([begin('a-1', [event, event])]))).toBe('BAD_EVENT');
    await store.append([begin('a-1', [event])]);
    // Why command ids are kept in the state of every aggregate.
    expect(await store.append([{ stream: 'a-1', expected: 0, events: [event] }])).toMatchObject([
      { ok: true, revision: 1, repeated: false },
    ]);
    expect(await store.append([{ stream: 'a-1', expected: 'any', events: [event, other] }])).toMatchObject([
      { ok: true, revision: 3, repeated: false },
    ]);
    expect(await store.append([{ stream: 'a-1', expected: 'any', events: [event, other] }])).toMatchObject([
      { ok: true, revision: 3, repeated: true },
    ]);
  });

  testOfStandIn('point 8: credentials travel with the connection, so appends stay batched', async () => {
    const tls = selfSigned();
    const authority = join(folder, 'authority.pem');
    writeFileSync(authority, tls.certificate);
    const server = await testServer({ tls, users: { railhead: 'pass:word' } });
    const connectionString = `esdb://railhead:pass%3Aword@localhost:${server.port}?tlsCAFile=${encodeURIComponent(authority)}`;
    const { store } = await connect(connectionString);
    await store.append(Array.from({ length: 20 }, (_, n) => begin(`a-${n}`)));
    expect(server.callsOf('BatchAppend')).toBe(1);
    expect(server.callsOf('Append')).toBe(0);
  });

  testOfStandIn('point 15: a server that is still starting is asked again', async () => {
    const { store, counts } = await connected({ faults: { notReady: 3 } });
    expect(await store.append([begin('a-1')])).toMatchObject([{ ok: true, repeated: false }]);
    expect(counts.retried).toBeGreaterThanOrEqual(3);
  });

  test('point 18: there is one client library, installed once', () => {
    const lock = JSON.parse(readFileSync(new URL('../../package-lock.json', import.meta.url), 'utf8'));
    const clients = Object.keys(lock.packages).filter((name) => /@eventstore\/db-client$|kurrentdb/.test(name));
    expect(clients).toEqual(['node_modules/@eventstore/db-client']);
  });

  testOfStandIn('point 19: a bad id or type is never sent, and a second reply does no harm', async () => {
    const { store, server } = await connected({ faults: { secondReply: 1 } });
    expect(await codeOf(store.append([begin('a-1', [{ ...newEvent(), id: 'seven' }])]))).toBe('BAD_EVENT');
    expect(await codeOf(store.append([begin('a-1', [{ ...newEvent(), type: '' }])]))).toBe('BAD_EVENT');
    expect(server.callsOf('BatchAppend')).toBe(0);
    expect(await store.append([begin('a-1')])).toMatchObject([{ ok: true }]);
    expect(await store.append([begin('a-2')])).toMatchObject([{ ok: true }]);
    expect(server.faults.happened('secondReply')).toBe(1);
  });

  test('point 20: of two appends of the same events, both report them as written, and they are written once', async () => {
    const { store } = await anyEventStore();
    const events = newEvents(3);
    const both = await Promise.all([store.append([begin('a-1', events)]), store.append([begin('a-1', events)])]);
    expect(both.flat()).toMatchObject([
      { ok: true, revision: 2 },
      { ok: true, revision: 2 },
    ]);
    expect(await store.readStream('a-1')).toHaveLength(3);
  });

  test('point 21: more than 1 MiB in one append goes in parts, and is recognised as a whole', async () => {
    const { store } = await anyEventStore();
    const events = Array.from({ length: 30 }, () => newEvent('x'.repeat(100_000)));
    expect(await store.append([begin('a-1', events)])).toMatchObject([{ ok: true, revision: 29, repeated: false }]);
    expect(await store.append([begin('a-1', events)])).toMatchObject([{ ok: true, revision: 29, repeated: true }]);
    expect(await store.readStream('a-1')).toHaveLength(30);
    const single = begin('a-2', [newEvent('x'.repeat(1024 * 1024 - 2))]);
    expect(await store.append([single])).toMatchObject([{ ok: true }]);
  });

  testOfStandIn('an event that is larger than the server accepts is refused', async () => {
    const { store } = await connected({ maxAppendBytes: 1024 * 1024 - 1 });
    expect(await codeOf(store.append([begin('a-2', [newEvent('x'.repeat(1024 * 1024 - 2))])]))).toBe('EVENT_TOO_LARGE');
  });

  testOfStandIn(
    'of two appends of the same events, the one that the server gives up is found to be written',
    async () => {
      const { store, server } = await connected({ faults: { timeoutAfterCommit: 1 } });
      const events = newEvents(3);
      const both = await Promise.all([store.append([begin('a-1', events)]), store.append([begin('a-1', events)])]);
      expect(both.flat()).toMatchObject([
        { ok: true, revision: 2 },
        { ok: true, revision: 2 },
      ]);
      expect(server.log.lastRevision('a-1')).toBe(2);
    },
  );

  test('the appends of one call stand in the log in the order given, also where connections are lost', async () => {
    const { store, relay } = await anyEventStore();
    relay.dropEvery = 12;
    const next = new Map<string, number>();
    const appends = Array.from({ length: 400 }, (_, n) => {
      const stream = `a-${(n * n) % 7}`;
      const expected = next.get(stream) ?? 0;
      next.set(stream, expected + 1 + (n % 3));
      return {
        stream,
        expected: expected === 0 ? ('noStream' as const) : expected - 1,
        events: newEvents(1 + (n % 3)),
      };
    });
    expect((await store.append(appends)).every((result) => result.ok && !result.repeated)).toBe(true);
    expect(relay.drops).toBeGreaterThan(0);
    const { events } = await store.readAll({ after: 0, limit: 10_000 });
    expect(events.map(({ id }) => id)).toEqual(appends.flatMap((append) => append.events.map(({ id }) => id)));
  });

  test('appends of one call to one stream wait for one that names no revision', async () => {
    const { store } = await anyEventStore();
    await store.append([begin('a-1')]);
    const [any, exact, stale, last] = await store.append([
      { stream: 'a-1', expected: 'any', events: newEvents(2) },
      { stream: 'a-1', expected: 2, events: newEvents(1) },
      { stream: 'a-1', expected: 0, events: newEvents(1) },
      { stream: 'a-1', expected: 'exists', events: newEvents(1) },
    ]);
    expect([any, exact, last]).toMatchObject([{ revision: 2 }, { revision: 3 }, { revision: 4 }]);
    expect(stale).toEqual({ ok: false, code: 'WRONG_REVISION', actual: 3 });
  });

  test('point 22: an empty append is refused, because it would succeed and create nothing', async () => {
    const { store, counts } = await anyEventStore();
    expect(await codeOf(store.append([begin('a-1', [])]))).toBe('BAD_EVENT');
    expect(counts.inFlight).toBe(0);
  });
});
