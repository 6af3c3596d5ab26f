// Trouble of a subscription, or of a read, is its own: it begins again where it stood, and appends that are in flight
// meanwhile keep their connection and get their answers.
import { describe, expect, test } from '@jest/globals';
import type { AppendResult } from '@railhead/commands/ports/event-store.ts';
import type { FaultName } from '@railhead/infra/eventstore/esdb/test-server/faults.ts';
import { SERVER_VERSIONS } from '@railhead/infra/eventstore/esdb/test-server/versions.ts';
import { anyEventStore } from '../support/any-eventstore.ts';
import { closeAfterEach, connected, take } from '../support/esdb-world.ts';
import { newEvents } from '../support/events.ts';
import { testOfStandIn } from '../support/real-eventstore.ts';
import { waitUntil } from '../support/wait-until.ts';

closeAfterEach();
const begin = (stream: string, count: number) => ({ stream, expected: 'noStream' as const, events: newEvents(count) });
/** Answers take so long that appends are in flight whenever something happens; nothing else runs into a time limit. */
const SLOW_ANSWERS = { delayMs: 30 };
const PATIENT = { appendTimeoutMs: 60_000 };
const PATIENT_ALSO_WITH_READS = { ...PATIENT, readTimeoutMs: 60_000 };
const written = (results: readonly (readonly AppendResult[])[]): boolean => results.flat().every(({ ok }) => ok);

describe.each(SERVER_VERSIONS)('on %s', (version) => {
  testOfStandIn(
    'bursts for a live subscription: every event arrives once, in order, and every append has its answer',
    async () => {
      const { store, server, counts } = await connected({ version, faults: SLOW_ANSWERS }, PATIENT_ALSO_WITH_READS);
      const receiving = take(store, 1 + 30 * 100, { after: 0 });
      await waitUntil('the live subscription', () => server.callsOf('Subscribe') > 0);
      await store.append([begin('first-1', 1)]);
      const appends: Promise<readonly AppendResult[]>[] = [];
      for (let n = 0; n < 30; n += 1) {
        appends.push(store.append([begin(`a-${n}`, 100)]));
        await waitUntil('the commit', () => server.log.lastRevision(`a-${n}`) === 99);
      }
      expect(written(await Promise.all(appends))).toBe(true);
      const events = (await receiving).map(({ id }) => id);
      expect(events).toEqual((await store.readAll({ after: 0, limit: 10_000 })).events.map(({ id }) => id));
      expect(counts).toMatchObject({ outcomeUnknown: 0, clientRenewed: 0 });
      if (version === '23.10') expect(counts.retried).toBeGreaterThan(0);
      else expect(counts.retried).toBe(0);
    },
  );

  testOfStandIn.each<FaultName>(['slowConsumer', 'silentSubscription', 'skippedEvent'])(
    '%s ends the subscription and nothing else',
    async (fault) => {
      const { store, server, counts } = await connected({ version, faults: SLOW_ANSWERS }, PATIENT_ALSO_WITH_READS);
      const receiving = take(store, 41, { after: 0 });
      await waitUntil('the live subscription', () => server.callsOf('Subscribe') > 0);
      await store.append([begin('a-1', 1)]);
      server.faults.set({ [fault]: 1 });
      const appends: Promise<readonly AppendResult[]>[] = [];
      for (let n = 0; n < 20; n += 1) {
        appends.push(store.append([{ stream: 'a-1', expected: 2 * n, events: newEvents(2) }]));
        await waitUntil('the commit', () => server.log.lastRevision('a-1') === 2 * n + 2);
      }
      expect(written(await Promise.all(appends))).toBe(true);
      expect(await receiving).toHaveLength(41);
      expect(server.faults.happened(fault)).toBe(1);
      expect(counts).toMatchObject({ outcomeUnknown: 0, clientRenewed: 0 });
    },
  );
});

test('a store closes while a subscriber has not taken what has arrived, and after one has left', async () => {
  const { store } = await anyEventStore();
  for (let n = 0; n < 10; n += 1) await store.append([begin(`a-${n}`, 2_000)]);
  const subscribed = () => store.subscribe({ after: 0, batchSize: 10 })[Symbol.asyncIterator]();
  const [staying, leaving] = [subscribed(), subscribed()];
  for (const one of [staying, leaving]) expect((await one.next()).done).toBe(false);
  await leaving.return?.(undefined);
  const closed = store.close();
  expect(await closed).toBeUndefined();
});

testOfStandIn(
  'a read that gets no answer is begun again on a new connection, and the appends stay on theirs',
  async () => {
    const { store, server, counts } = await connected({}, PATIENT);
    await store.append([begin('a-1', 3)]);
    server.faults.set({ delayMs: 1_000, silentReads: 1 });
    const appends = Promise.all(Array.from({ length: 10 }, (_, n) => store.append([begin(`b-${n}`, 1)])));
    expect(await store.readStream('a-1')).toHaveLength(3);
    expect(counts.clientRenewed).toBe(1);
    expect(written(await appends)).toBe(true);
    expect(counts.outcomeUnknown).toBe(0);
    expect(server.callsOf('BatchAppend')).toBe(1);
  },
);
