// Every limit of an event store, at the limit, one below and one above; and input that no store accepts.
import { describe, expect, test } from '@jest/globals';
import { type EventStore, MAX_EVENT_BYTES, MAX_EVENTS_PER_CALL } from '@railhead/commands/ports/event-store.ts';
import { codeOf } from '../support/code-of.ts';
import { newEvent, newEvents } from '../support/events.ts';

/**
 * Events at the end of a stream that are searched for a repeat, where the caller did not say where its events stand.
 */
const SEARCHED_FOR_REPEATS = 256;

export const limitsContract = (fresh: () => Promise<EventStore>): void => {
  describe('limits and bad input', () => {
    test('an event of 1 MiB is fine, a larger one is refused before anything is written', async () => {
      const store = await fresh();
      // Two more bytes are the quotes. The second text has characters of three bytes.
      const fitting = ['x'.repeat(MAX_EVENT_BYTES - 2), `x${'京'.repeat((MAX_EVENT_BYTES - 4) / 3)}x`];
      for (const text of fitting) await store.append([{ stream: 'a-1', expected: 'any', events: [newEvent(text)] }]);
      expect((await store.readStream('a-1')).map(({ data }) => data)).toEqual(fitting);
      for (const text of fitting)
        expect(
          await codeOf(store.append([{ stream: 'a-1', expected: 'any', events: [newEvent(), newEvent(`${text}x`)] }])),
        ).toBe('EVENT_TOO_LARGE');
      expect(await store.readStream('a-1')).toHaveLength(fitting.length);
    });

    test('takes a category of 64 characters and an id of 192, and no other name than such', async () => {
      const store = await fresh();
      const good = ['a-1_B.c:d-e', `a-${'x'.repeat(191)}`, `a-${'x'.repeat(192)}`, `${'c'.repeat(40)}-1`];
      const bad = [
        '',
        'noid-',
        '-1',
        'a_1',
        '1a-1',
        'a--1',
        '$all',
        '$system-1',
        'a-1 ',
        'a-1\n',
        'a-1/..',
        `a-${'x'.repeat(193)}`,
        `${'c'.repeat(65)}-1`,
      ];
      const append = (stream: string) => codeOf(store.append([{ stream, expected: 'any', events: newEvents(1) }]));
      for (const stream of good) expect({ stream, code: await append(stream) }).toEqual({ stream, code: 'accepted' });
      for (const stream of bad)
        expect({ stream, code: await append(stream) }).toEqual({ stream, code: 'BAD_STREAM_NAME' });
      for (const stream of good) expect(await store.readStream(stream)).toHaveLength(1);
      expect((await store.readAll({ after: 0, limit: 100 })).events).toHaveLength(good.length);
    });

    test('refuses events that are none, and calls that are too large', async () => {
      const store = await fresh();
      const append = (...events: ReturnType<typeof newEvents>): Promise<unknown> =>
        store.append([{ stream: 'a-1', expected: 'any', events }]);
      expect(await codeOf(append())).toBe('BAD_EVENT');
      expect(await codeOf(append({ ...newEvent(), id: 'seven' }))).toBe('BAD_EVENT');
      expect(await codeOf(append({ ...newEvent(), type: '' }))).toBe('BAD_EVENT');
      expect(await codeOf(append(newEvent(10n)))).toBe('BAD_EVENT');
      expect(await codeOf(append({ ...newEvent(), data: undefined }))).toBe('BAD_EVENT');
      const half = MAX_EVENTS_PER_CALL / 2;
      const overTwoStreams = [
        { stream: 'a-1', expected: 'any' as const, events: newEvents(half) },
        { stream: 'a-2', expected: 'any' as const, events: newEvents(half + 1) },
      ];
      expect(await codeOf(store.append(overTwoStreams))).toBe('BATCH_TOO_LARGE');
      const partlyBad = [
        { stream: 'a-1', expected: 'any' as const, events: newEvents(1) },
        { stream: 'a_2', expected: 'any' as const, events: newEvents(1) },
      ];
      expect(await codeOf(store.append(partlyBad))).toBe('BAD_STREAM_NAME');
      expect(await store.lastPosition()).toBe(0);
    });

    test('an empty call writes nothing', async () => {
      const store = await fresh();
      expect(await store.append([])).toEqual([]);
      expect(await store.lastPosition()).toBe(0);
    });

    test.each(['any', 'exists'] as const)(
      'expecting %s, a repeat is recognised while at most 256 events were written after it',
      async (expected) => {
        const store = await fresh();
        const events = newEvents(3);
        const again = async (): Promise<unknown> => (await store.append([{ stream: 'a-1', expected, events }]))[0];
        await store.append([{ stream: 'a-1', expected: 'noStream', events: newEvents(2) }]);
        const [first] = await store.append([{ stream: 'a-1', expected: 1, events }]);
        await store.append([{ stream: 'a-1', expected: 'any', events: newEvents(SEARCHED_FOR_REPEATS - 1) }]);
        for (const written of [SEARCHED_FOR_REPEATS - 1, SEARCHED_FOR_REPEATS]) {
          expect({ written, result: await again() }).toEqual({ written, result: { ...first, repeated: true } });
          await store.append([{ stream: 'a-1', expected: 'any', events: newEvents(1) }]);
        }
        expect(await again()).toMatchObject({ ok: true, repeated: false });
        expect(await store.readStream('a-1')).toHaveLength(2 + 3 + SEARCHED_FOR_REPEATS + 1 + 3);
      },
    );

    test('ids of which only the first exists, or in another order, are no repeat', async () => {
      const store = await fresh();
      const [one, two, three] = newEvents(3);
      if (one === undefined || two === undefined || three === undefined) throw new Error('unreachable');
      await store.append([{ stream: 'a-1', expected: 'noStream', events: [one, two, three] }]);
      const swapped = { stream: 'a-1', expected: 'noStream' as const, events: [one, three] };
      expect(await store.append([swapped])).toEqual([{ ok: false, code: 'WRONG_REVISION', actual: 2 }]);
      expect(await store.append([{ ...swapped, events: [one, two] }])).toMatchObject([
        { ok: true, revision: 1, repeated: true },
      ]);
      expect(await store.append([{ stream: 'a-1', expected: 'any', events: [two, three] }])).toMatchObject([
        { ok: true, revision: 2, repeated: true },
      ]);
      // Its first id is in the stream twice now; the later one counts.
      const mixed = { stream: 'a-1', expected: 'any' as const, events: [three, newEvent()] };
      expect(await store.append([mixed])).toMatchObject([{ ok: true, revision: 4, repeated: false }]);
      expect(await store.append([mixed])).toMatchObject([{ ok: true, revision: 4, repeated: true }]);
    });

    test('a page and a batch are never larger than asked for', async () => {
      const store = await fresh();
      await store.append([{ stream: 'a-1', expected: 'any', events: newEvents(6) }]);
      for (const limit of [1, 2, 5, 6]) {
        let read = 0;
        for (let page = await store.readAll({ after: 0, limit }); ; ) {
          expect(page.events.length).toBeLessThanOrEqual(limit);
          read += page.events.length;
          if (page.caughtUp) break;
          page = await store.readAll({ after: page.position, limit });
        }
        expect({ limit, read }).toEqual({ limit, read: 6 });
        expect(await store.readStream('a-1', { limit })).toHaveLength(limit);
        const sizes: number[] = [];
        for await (const batch of store.subscribe({ after: 0, batchSize: limit })) {
          sizes.push(batch.events.length);
          if (sizes.reduce((sum, size) => sum + size, 0) >= 6) break;
        }
        expect(Math.max(...sizes)).toBeLessThanOrEqual(limit);
      }
      expect(await store.readStream('a-1', { limit: 0 })).toEqual([]);
      expect(await store.readStream('a-1', { limit: 0, direction: 'backwards' })).toEqual([]);
      expect(await store.readStream('a-1', { from: -1, direction: 'backwards' })).toEqual([]);
      expect(await store.readStream('a-1', { from: 99, direction: 'backwards' })).toHaveLength(6);
      expect(await store.readStream('a-1', { from: -1 })).toHaveLength(6);
    });

    test('a closed store says so, and may be closed again', async () => {
      const store = await fresh();
      await store.append([{ stream: 'a-1', expected: 'any', events: newEvents(1) }]);
      await store.close();
      await store.close();
      const calls = {
        append: store.append([{ stream: 'a-1', expected: 'any', events: newEvents(1) }]),
        readStream: store.readStream('a-1'),
        readAll: store.readAll({ after: 0, limit: 1 }),
        lastPosition: store.lastPosition(),
      };
      for (const [call, work] of Object.entries(calls))
        expect({ call, code: await codeOf(work) }).toEqual({ call, code: 'STORE_CLOSED' });
      for await (const _ of store.subscribe({ after: 0 })) throw new Error('a closed store has no subscribers');
    });
  });
};
