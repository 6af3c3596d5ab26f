// An append that is larger than the server accepts is sent in parts: where it is split, and writers that come in
// between.
import { describe, expect, test } from '@jest/globals';
import { encodeEvent } from '@railhead/infra/eventstore/esdb/event-codec.ts';
import fc from 'fast-check';
import { anyEventStore } from '../support/any-eventstore.ts';
import { closeAfterEach, codeOf, connected } from '../support/esdb-world.ts';
import { newEvent } from '../support/events.ts';
import { testOfStandIn } from '../support/real-eventstore.ts';

closeAfterEach();
const LIMIT = 2_000;
const limited = { maxAppendBytes: LIMIT };
const sized = (bytes: number) => newEvent('x'.repeat(bytes));

describe('an append in parts', () => {
  testOfStandIn('two events go together if they fit to the byte, and apart if they do not', async () => {
    const events = [sized(300), sized(300)];
    const bytes = events.reduce((sum, event) => sum + encodeEvent(event).bytes, 0);
    for (const [room, parts] of [
      [bytes - 1, 2],
      [bytes, 1],
      [bytes + 1, 1],
    ] as const) {
      const { store, counts } = await connected({ maxAppendBytes: room }, { maxAppendBytes: room });
      expect(await store.append([{ stream: 'a-1', expected: 'noStream', events }])).toMatchObject([{ ok: true }]);
      expect({ room, parts: counts.appended }).toEqual({ room, parts });
      expect((await store.readStream('a-1')).map(({ id }) => id)).toEqual(events.map(({ id }) => id));
    }
  });

  testOfStandIn.each(['noStream', 'any'] as const)(
    'expecting %s: a writer between two parts makes the outcome unknown, now and when it is tried again',
    async (expected) => {
      const { store, server, counts } = await connected(limited, limited);
      const events = Array.from({ length: 12 }, () => sized(400));
      let theirs: string | undefined;
      const stop = server.log.onChange(() => {
        const ours = server.log.records.find(({ stream }) => stream === 'a-1');
        if (ours === undefined || theirs !== undefined) return;
        theirs = crypto.randomUUID();
        server.log.append('a-1', 'any', [{ ...ours, id: theirs }]);
      });
      const append = [{ stream: 'a-1', expected, events }];
      expect(await codeOf(store.append(append))).toBe('OUTCOME_UNKNOWN');
      stop();
      expect(counts.conflicted).toBe(1);
      const written = (await store.readStream('a-1')).map(({ id }) => id);
      expect(written.length).toBeLessThan(events.length);
      expect(written).toEqual([...events.slice(0, written.length - 1).map(({ id }) => id), theirs]);
      if (expected === 'any') return;
      expect(await codeOf(store.append(append))).toBe('OUTCOME_UNKNOWN');
      expect((await store.readStream('a-1')).map(({ id }) => id)).toEqual(written);
    },
  );

  test('a writer before the first part is a conflict, and nothing of ours is written', async () => {
    const { store } = await anyEventStore(limited);
    await store.append([{ stream: 'a-1', expected: 'noStream', events: [sized(1), sized(1)] }]);
    const events = Array.from({ length: 12 }, () => sized(400));
    for (const expected of ['noStream', 0] as const)
      expect(await store.append([{ stream: 'a-1', expected, events }])).toEqual([
        { ok: false, code: 'WRONG_REVISION', actual: 1 },
      ]);
    expect(await store.readStream('a-1')).toHaveLength(2);
  });

  test('whatever the sizes, and whichever answers are lost: whole, in order, and recognised', async () => {
    const { store, relay } = await anyEventStore(limited);
    relay.dropEvery = 15;
    let stream = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(1_600), { minLength: 1, maxLength: 12 }), async (sizes) => {
        stream += 1;
        const events = sizes.map(sized);
        const append = [{ stream: `a-${stream}`, expected: 'noStream' as const, events }];
        const revision = events.length - 1;
        expect(await store.append(append)).toMatchObject([{ ok: true, revision, repeated: false }]);
        expect((await store.readStream(`a-${stream}`)).map(({ id }) => id)).toEqual(events.map(({ id }) => id));
        expect(await store.append(append)).toMatchObject([{ ok: true, revision, repeated: true }]);
      }),
      { numRuns: 15 },
    );
  });
});
