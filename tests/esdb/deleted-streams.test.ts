// Repeats and appends after a stream was soft-deleted or truncated: the events are in the log, and nobody can read them.
import { ANY } from '@eventstore/db-client';
import { describe, expect, test } from '@jest/globals';
import { SERVER_VERSIONS, type ServerVersion } from '@railhead/infra/eventstore/esdb/test-server/versions.ts';
import { anyEventStore } from '../support/any-eventstore.ts';
import { closeAfterEach, codeOf, connected } from '../support/esdb-world.ts';
import { newEvents } from '../support/events.ts';
import { onRealServer, testOfStandIn } from '../support/real-eventstore.ts';

closeAfterEach();
const versions: readonly (ServerVersion | undefined)[] = onRealServer ? [undefined] : SERVER_VERSIONS;
const begin = (stream: string, events = newEvents(2)) => ({ stream, expected: 'noStream' as const, events });

describe.each(versions)('on %s', (version) => {
  test('a repeat after a soft deletion is one, at a position that the log has reached', async () => {
    const { store, inner, named, counts } = await anyEventStore({}, version);
    const append = [begin('a-1')];
    const [first] = await store.append(append);
    await store.append([begin('a-2')]);
    await inner.keeping.softDelete(named('a-1'));
    const [again] = await store.append(append);
    if (first?.ok !== true || again?.ok !== true) throw new Error('unreachable');
    expect(again).toMatchObject({ revision: 1, repeated: true });
    expect(again.position).toBeGreaterThanOrEqual(first.position);
    expect(again.position).toBeLessThanOrEqual(await store.lastPosition());
    expect(counts).toMatchObject({ retried: 0, outcomeUnknown: 0 });
    expect(await store.readStream('a-1')).toEqual([]);
  });

  test('a repeat of truncated events is one', async () => {
    const { store, inner, named, counts } = await anyEventStore({}, version);
    const append = [begin('a-1')];
    const [first] = await store.append(append);
    await inner.keeping.truncateBefore(named('a-1'), 50);
    expect(await store.append(append)).toEqual([{ ...first, repeated: true }]);
    expect(counts.retried).toBe(0);
  });

  test('a stream that must exist does not after its soft deletion', async () => {
    const { store, inner, named } = await anyEventStore({}, version);
    await store.append([begin('a-1')]);
    await inner.keeping.softDelete(named('a-1'));
    expect(await store.append([{ stream: 'a-1', expected: 'exists', events: newEvents(1) }])).toEqual([
      { ok: false, code: 'WRONG_REVISION', actual: -1 },
    ]);
  });

  testOfStandIn.each(['any', 'noStream', 1] as const)(
    'a revival that is cut off between its two writes is completed, expecting %s',
    async (expected) => {
      const { store, server } = await connected(version === undefined ? {} : { version });
      await store.append([begin('a-1')]);
      await store.keeping.softDelete('a-1');
      server.faults.set({ brokenRevival: 1 });
      const [result] = await store.append([{ stream: 'a-1', expected, events: newEvents(1) }]);
      // By then the stream has a last revision again, and is not a stream that does not exist.
      if (expected === 'noStream') expect(result).toEqual({ ok: false, code: 'WRONG_REVISION', actual: 1 });
      else expect((await store.readStream('a-1')).map(({ revision }) => revision)).toEqual([2]);
      expect(server.faults.happened('brokenRevival')).toBe(1);
    },
  );

  test('a stream truncated beyond its end takes events, and reads as empty until it has come so far', async () => {
    const { store, inner, named } = await anyEventStore({}, version);
    await store.append([begin('a-1')]);
    await inner.keeping.truncateBefore(named('a-1'), 4);
    for (let n = 2; n < 6; n += 1)
      expect(
        await store.append([{ stream: 'a-1', expected: n % 2 === 0 ? 'any' : n - 1, events: newEvents(1) }]),
      ).toMatchObject([{ ok: true, revision: n, repeated: false }]);
    expect((await store.readStream('a-1')).map(({ revision }) => revision)).toEqual([4, 5]);
    expect(await inner.keeping.limitsOf(named('a-1'))).toEqual({ truncateBefore: 4 });
  });

  test('the limits of a tombstoned stream are gone with it', async () => {
    const { store, inner, named, bare } = await anyEventStore({}, version);
    await store.append([begin('a-1')]);
    await bare.tombstoneStream(named('a-1'), { expectedRevision: ANY });
    expect(await codeOf(inner.keeping.limitsOf(named('a-1')))).toBe('STREAM_DELETED');
    expect(await codeOf(inner.keeping.limit(named('a-1'), { maxCount: 3 }))).toBe('STREAM_DELETED');
  });
});
