// What EventStoreDB does where its documentation says nothing, as seen on real servers. The adapter is written for it,
// and the stand-in does the same: this file runs on both versions of the stand-in, or on the server of RAILHEAD_ESDB_URL.
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import {
  type AllStreamResolvedEvent,
  ANY,
  BACKWARDS,
  END,
  EventStoreDBClient,
  FORWARDS,
  jsonEvent,
  START,
  STREAM_EXISTS,
  streamNameFilter,
} from '@eventstore/db-client';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { AppendStream, type SingleAppend } from '@railhead/infra/eventstore/esdb/append-stream.ts';
import { type BatchingClient, openClient } from '@railhead/infra/eventstore/esdb/batching-client.ts';
import { readConnectionString } from '@railhead/infra/eventstore/esdb/connection-string.ts';
import { encodeEvent } from '@railhead/infra/eventstore/esdb/event-codec.ts';
import { EsdbTestServer } from '@railhead/infra/eventstore/esdb/test-server/esdb-test-server.ts';
import { SERVER_VERSIONS, type ServerVersion } from '@railhead/infra/eventstore/esdb/test-server/versions.ts';
import { newEvent } from '../support/events.ts';
import { onRealServer, ownCategory, REAL_URL } from '../support/real-eventstore.ts';

const LIMIT = 1024 * 1024;
const ANSWER_MS = 10_000;
const [UNKNOWN, INVALID_ARGUMENT, ABORTED] = [2, 3, 10];

const targets: readonly { name: string; version: ServerVersion | undefined }[] = onRealServer
  ? [{ name: 'the server of RAILHEAD_ESDB_URL', version: undefined }]
  : SERVER_VERSIONS.map((version) => ({ name: `the stand-in as ${version}`, version }));

describe.each(targets)('$name', (target) => {
  let server: EsdbTestServer | undefined;
  let bare: EventStoreDBClient;
  let batching: BatchingClient;
  let appending: AppendStream;
  let version: ServerVersion;

  beforeAll(async () => {
    if (target.version !== undefined)
      server = await EsdbTestServer.start({ version: target.version, maxAppendBytes: LIMIT });
    const url = server?.connectionString ?? REAL_URL;
    bare = EventStoreDBClient.connectionString(url);
    batching = openClient(readConnectionString(url));
    appending = await AppendStream.open(batching);
    const [major = 0, minor = 0] = (await batching.serverFeatures()).version.split('.').map(Number);
    version = major > 24 || (major === 24 && minor >= 2) ? '24.2' : '23.10';
  });
  afterAll(async () => {
    appending?.end(new Error('the tests are done'));
    await batching?.shut();
    await bare?.dispose();
    await server?.stop();
  });

  const named = (): string => `${ownCategory()}-1`;
  const events = (count: number) => Array.from({ length: count }, () => jsonEvent({ type: 'Tested', data: {} }));
  const append = (stream: string, count = 1, expectedRevision: typeof ANY | typeof STREAM_EXISTS | bigint = ANY) =>
    bare.appendToStream(stream, events(count), { expectedRevision });
  const send = (stream: string, expected: SingleAppend['expected'], ...encoded: SingleAppend['events'][number][]) =>
    appending.send({ stream, expected, events: encoded }, ANSWER_MS);
  const codeOf = (work: Promise<unknown>): Promise<unknown> =>
    work.then(
      () => 'accepted',
      (error: { readonly code?: number }) => error.code,
    );
  const all = async <Event>(read: AsyncIterable<Event>): Promise<Event[]> => {
    const found: Event[] = [];
    for await (const event of read) found.push(event);
    return found;
  };
  const revisions = async (stream: string, from: number | typeof END, maxCount: number): Promise<number[]> => {
    const fromRevision = from === END ? END : BigInt(from);
    const read = bare.readStream(stream, { direction: BACKWARDS, fromRevision, maxCount });
    return (await all(read)).map(({ event }) => Number(event?.revision));
  };
  const placed = ({ commitPosition }: AllStreamResolvedEvent): bigint => commitPosition ?? 0n;
  const at = (commit: bigint) => ({ commit, prepare: commit });
  const page = async (direction: typeof FORWARDS | typeof BACKWARDS, position: bigint, maxCount: number) =>
    (await all(bare.readAll({ direction, fromPosition: at(position), maxCount }))).map(placed);
  const endOfLog = async (): Promise<bigint> => {
    const [last] = await all(bare.readAll({ direction: BACKWARDS, fromPosition: END, maxCount: 1 }));
    return last === undefined ? 0n : placed(last);
  };

  describe('$all', () => {
    test('begins with the metadata of the stream of scavenges', async () => {
      const [first] = await all(bare.readAll({ direction: FORWARDS, fromPosition: START, maxCount: 1 }));
      expect(first?.event).toMatchObject({ streamId: '$$$scavenges', type: '$metadata' });
    });

    test('forwards from a position includes the event there, backwards does not', async () => {
      await append(named(), 3);
      const [c = 0n, b = 0n, a = 0n] = (
        await all(bare.readAll({ direction: BACKWARDS, fromPosition: END, maxCount: 3 }))
      ).map(placed);
      expect(await page(FORWARDS, b, 2)).toEqual([b, c]);
      expect(await page(BACKWARDS, c, 2)).toEqual([b, a]);
    });

    test('a position where no event begins is an error, of a page and of a subscription', async () => {
      await append(named(), 2);
      const inside = (await endOfLog()) + 1n;
      const expected = version === '23.10' ? UNKNOWN : INVALID_ARGUMENT;
      expect(await codeOf(page(FORWARDS, inside, 1))).toBe(expected);
      const subscription = bare.subscribeToAll({ fromPosition: at(inside) });
      const [error] = await once(subscription, 'error');
      expect(error.code).toBe(expected);
    });

    test('a subscription from beyond the end: 23.10 sends it events that stand below its position', async () => {
      const stream = named();
      await append(stream);
      const far = (await endOfLog()) + 10_000_000n;
      const subscription = bare.subscribeToAll({
        fromPosition: at(far),
        filter: streamNameFilter({ prefixes: [stream] }),
      });
      const received: unknown[] = [];
      const first = once(subscription, 'data');
      subscription.on('data', ({ event }) => received.push(event?.revision));
      await once(subscription, 'caughtUp');
      // Shows when an event would have come by.
      const other = bare.subscribeToStream(stream, { fromRevision: END });
      await once(other, 'caughtUp');
      for (let n = 0; n < 3; n += 1) {
        const arrived = once(other, 'data');
        await append(stream);
        await arrived;
      }
      if (version === '23.10') await first;
      expect(received[0]).toBe(version === '23.10' ? 1n : undefined);
      first.catch(() => {});
      await Promise.all([subscription.unsubscribe(), other.unsubscribe()]);
    });

    test('a filtered subscription that meets no match is told (-1,-1) at the end, by 24.2', async () => {
      const checkpoints: bigint[] = [];
      const filter = streamNameFilter({
        prefixes: [ownCategory()],
        maxSearchWindow: 1_000_000,
        checkpointInterval: 1_000,
        checkpointReached: async (_, { commit }) => {
          checkpoints.push(commit);
        },
      });
      const subscription = bare.subscribeToAll({ fromPosition: START, filter });
      await once(subscription, 'caughtUp');
      expect(checkpoints).toEqual(version === '23.10' ? [] : [2n ** 64n - 1n]);
      await subscription.unsubscribe();
    });

    test('a burst ends a live subscription as too slow (23.10), or makes it catch up a second time (24.2)', async () => {
      const stream = named();
      const subscription = bare.subscribeToAll({
        fromPosition: START,
        filter: streamNameFilter({ prefixes: [stream] }),
      });
      let caughtUp = 0;
      const twice = new Promise<string>((resolve) => {
        subscription.on('caughtUp' as never, () => {
          caughtUp += 1;
          if (caughtUp === 2) resolve('caught up again');
        });
      });
      const ended = once(subscription, 'error').then(([error]) => error.code);
      subscription.on('data', () => {});
      await once(subscription, 'caughtUp');
      for (let n = 0; n < 20; n += 1) await append(stream, 500);
      expect(await Promise.race([twice, ended])).toBe(version === '23.10' ? ABORTED : 'caught up again');
      ended.catch(() => {});
      await subscription.unsubscribe();
    });
  });

  describe('appends', () => {
    const ofBytes = (bytes: number) => encodeEvent(newEvent('x'.repeat(bytes - 2)));

    test('the limit of one append counts data, and neither metadata nor types', async () => {
      expect(await send(named(), -1, ofBytes(LIMIT - 1000), ofBytes(1000))).toMatchObject({ kind: 'written' });
      expect(await send(named(), -1, ofBytes(LIMIT - 1000), ofBytes(1001))).toEqual({
        kind: 'tooLarge',
        maxBytes: LIMIT,
      });
    });

    test('no content type, no stream, no type and no id are a BadRequest', async () => {
      const bare = ofBytes(10);
      bare.message.getMetadataMap().del('content-type');
      const refused = { kind: 'unknown', error: { message: expect.stringContaining('BadRequest') } };
      expect(await send(named(), -1, bare)).toMatchObject(refused);
      expect(await send('', 'any', ofBytes(10))).toMatchObject(refused);
    });

    test('an empty append has a position', async () => {
      expect(await send(named(), 'any')).toMatchObject({ kind: 'written', position: expect.any(Number) });
    });

    test('a count of 0 is an error', async () => {
      const stream = named();
      await append(stream);
      expect(await codeOf(all(bare.readStream(stream, { maxCount: 0 })))).not.toBe('accepted');
      expect(await codeOf(all(bare.readAll({ maxCount: 0 })))).not.toBe('accepted');
    });
  });

  describe('soft deletion', () => {
    test('a repeat of what is deleted is written, without a position', async () => {
      const stream = named();
      const event = ofText();
      expect(await send(stream, -1, event)).toMatchObject({ kind: 'written', position: expect.any(Number) });
      await bare.deleteStream(stream, { expectedRevision: ANY });
      expect(await send(stream, -1, event)).toEqual({ kind: 'written', revision: 0, position: undefined });
    });
    const ofText = () => encodeEvent(newEvent('text'));

    test('a stream that must exist is one that was deleted', async () => {
      const stream = named();
      await append(stream);
      await bare.deleteStream(stream, { expectedRevision: ANY });
      await expect(append(stream, 1, STREAM_EXISTS)).rejects.toMatchObject({ type: 'stream-deleted' });
    });

    test('what is appended afterwards goes on at the next revision, also expecting no stream', async () => {
      const stream = named();
      await append(stream, 3);
      await bare.deleteStream(stream, { expectedRevision: ANY });
      expect(await send(stream, -1, ofText())).toMatchObject({ kind: 'written', revision: 3 });
      expect(await revisions(stream, END, 10)).toEqual([3]);
    });

    test('a conflict says that the deletion failed', async () => {
      const stream = named();
      await append(stream, 3);
      await expect(bare.deleteStream(stream, { expectedRevision: 7n })).rejects.toThrow(
        /Delete failed due to WrongExpectedVersion\. /,
      );
    });
  });

  describe('truncated and tombstoned streams', () => {
    test('truncated beyond its end, a stream reads as empty, also after an append', async () => {
      const stream = named();
      await append(stream, 3);
      await bare.setStreamMetadata(stream, { truncateBefore: 50 });
      expect(await revisions(stream, END, 10)).toEqual([]);
      await append(stream);
      expect(await revisions(stream, END, 10)).toEqual([]);
    });

    test('backwards from beyond the end, the limit counts from there', async () => {
      const stream = named();
      await append(stream, 6);
      expect(await revisions(stream, 7, 4)).toEqual([5, 4]);
      expect(await revisions(stream, 99, 4)).toEqual([]);
      expect(await revisions(stream, 99, 200)).toEqual([5, 4, 3, 2, 1, 0]);
    });

    test('the metadata of a tombstoned stream is deleted as well', async () => {
      const stream = named();
      await append(stream);
      await bare.tombstoneStream(stream, { expectedRevision: ANY });
      await expect(bare.getStreamMetadata(stream)).rejects.toMatchObject({ type: 'stream-deleted' });
      await expect(append(stream)).rejects.toMatchObject({ type: 'stream-deleted' });
    });

    test.each(['{"half":', 'null', '7', '[]', '"text"', '{"$maxCount":"three","$tb":{}}', '{"$maxAge":null}'])(
      'metadata that is not its JSON limits nothing: %s',
      async (text) => {
        const stream = named();
        const metadata = encodeEvent({ ...newEvent(), id: randomUUID(), type: '$metadata' });
        metadata.message.setData(Buffer.from(text));
        await send(`$$${stream}`, 'any', metadata);
        await append(stream, 3);
        expect(await revisions(stream, END, 10)).toEqual([2, 1, 0]);
      },
    );
  });
});
