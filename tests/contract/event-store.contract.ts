// What every event store adapter promises. An adapter's test file calls this with a way to open it.
import { afterEach, describe, expect, test } from '@jest/globals';
import type {
  EventBatch,
  EventStore,
  RecordedEvent,
  StreamAppend,
  SubscribeOptions,
} from '@railhead/commands/ports/event-store.ts';
import { codeOf } from '../support/code-of.ts';
import { newEvent, newEvents } from '../support/events.ts';
import { limitsContract } from './event-store-limits.contract.ts';
import { modelContract } from './event-store-model.contract.ts';

export type StoreUnderTest = {
  readonly open: () => Promise<EventStore>;
  /** Opens what an earlier `open` wrote, after that store was closed; absent for stores that forget. */
  readonly reopen?: () => Promise<EventStore>;
};

/** Pulls until `count` events came; fails loudly if the subscription ends before. */
const take = async (store: EventStore, count: number, options: SubscribeOptions): Promise<RecordedEvent[]> => {
  const events: RecordedEvent[] = [];
  for await (const batch of store.subscribe(options)) {
    events.push(...batch.events);
    if (events.length >= count) return events;
  }
  throw new Error(`the subscription ended after ${events.length} of ${count} events`);
};

/** Hangs where nobody is told. */
const isCaughtUp = async (store: EventStore, options: SubscribeOptions): Promise<void> => {
  const end = await store.lastPosition();
  for await (const { position, caughtUp } of store.subscribe(options))
    if (caughtUp) {
      expect(position).toBe(end);
      return;
    }
};

export const eventStoreContract = (name: string, { open, reopen }: StoreUnderTest): void => {
  describe(`event store: ${name}`, () => {
    const opened: EventStore[] = [];
    const fresh = async (): Promise<EventStore> => {
      const store = await open();
      opened.push(store);
      return store;
    };
    afterEach(async () => {
      await Promise.all(opened.splice(0).map((store) => store.close()));
    });

    describe('revisions', () => {
      test('noStream begins a stream once', async () => {
        const store = await fresh();
        const [first] = await store.append([{ stream: 'a-1', expected: 'noStream', events: newEvents(2) }]);
        expect(first).toMatchObject({ ok: true, revision: 1, repeated: false });
        const [second] = await store.append([{ stream: 'a-1', expected: 'noStream', events: newEvents(1) }]);
        expect(second).toEqual({ ok: false, code: 'WRONG_REVISION', actual: 1 });
      });

      test('an exact revision must be the last one', async () => {
        const store = await fresh();
        await store.append([{ stream: 'a-1', expected: 'noStream', events: newEvents(3) }]);
        const [stale] = await store.append([{ stream: 'a-1', expected: 1, events: newEvents(1) }]);
        expect(stale).toEqual({ ok: false, code: 'WRONG_REVISION', actual: 2 });
        const [ahead] = await store.append([{ stream: 'a-1', expected: 3, events: newEvents(1) }]);
        expect(ahead).toEqual({ ok: false, code: 'WRONG_REVISION', actual: 2 });
        const [right] = await store.append([{ stream: 'a-1', expected: 2, events: newEvents(1) }]);
        expect(right).toMatchObject({ ok: true, revision: 3 });
        const [absent] = await store.append([{ stream: 'a-2', expected: 0, events: newEvents(1) }]);
        expect(absent).toEqual({ ok: false, code: 'WRONG_REVISION', actual: -1 });
      });

      test('any always appends, exists only to what is there', async () => {
        const store = await fresh();
        const [missing] = await store.append([{ stream: 'a-1', expected: 'exists', events: newEvents(1) }]);
        expect(missing).toEqual({ ok: false, code: 'WRONG_REVISION', actual: -1 });
        await store.append([{ stream: 'a-1', expected: 'any', events: newEvents(1) }]);
        await store.append([{ stream: 'a-1', expected: 'any', events: newEvents(1) }]);
        const [there] = await store.append([{ stream: 'a-1', expected: 'exists', events: newEvents(1) }]);
        expect(there).toMatchObject({ ok: true, revision: 2 });
      });

      test('of two writers at one revision, one wins', async () => {
        const store = await fresh();
        await store.append([{ stream: 'a-1', expected: 'noStream', events: newEvents(1) }]);
        const results = await Promise.all(
          Array.from({ length: 20 }, () => store.append([{ stream: 'a-1', expected: 0, events: newEvents(1) }])),
        );
        expect(results.flat().filter((result) => result.ok)).toHaveLength(1);
        expect(await store.readStream('a-1')).toHaveLength(2);
      });
    });

    describe('batches', () => {
      test('each stream of a batch gets its own result, in the order given', async () => {
        const store = await fresh();
        await store.append([{ stream: 'b-1', expected: 'noStream', events: newEvents(1) }]);
        const results = await store.append([
          { stream: 'a-1', expected: 'noStream', events: newEvents(1) },
          { stream: 'b-1', expected: 'noStream', events: newEvents(1) },
          { stream: 'c-1', expected: 'noStream', events: newEvents(2) },
        ]);
        expect(results.map((result) => result.ok)).toEqual([true, false, true]);
        expect(await store.readStream('a-1')).toHaveLength(1);
        expect(await store.readStream('c-1')).toHaveLength(2);
      });

      test('an atomic batch is written whole or not at all', async () => {
        const store = await fresh();
        if (!store.capabilities.atomicStreams) {
          const batch = store.append([{ stream: 'a-1', expected: 'any', events: newEvents(1) }], { atomic: true });
          expect(await codeOf(batch)).toBe('ATOMIC_NOT_SUPPORTED');
          return;
        }
        await store.append([{ stream: 'b-1', expected: 'noStream', events: newEvents(1) }]);
        const position = await store.lastPosition();
        const refused = await store.append(
          [
            { stream: 'a-1', expected: 'noStream', events: newEvents(1) },
            { stream: 'b-1', expected: 7, events: newEvents(1) },
            { stream: 'c-1', expected: 'noStream', events: newEvents(1) },
          ],
          { atomic: true },
        );
        expect(refused).toEqual([
          { ok: false, code: 'NOT_ATTEMPTED' },
          { ok: false, code: 'WRONG_REVISION', actual: 0 },
          { ok: false, code: 'NOT_ATTEMPTED' },
        ]);
        expect(await store.lastPosition()).toBe(position);
        expect(await store.readStream('a-1')).toEqual([]);
        const written = await store.append(
          [
            { stream: 'a-1', expected: 'noStream', events: newEvents(2) },
            { stream: 'b-1', expected: 0, events: newEvents(1) },
            { stream: 'a-1', expected: 1, events: newEvents(1) },
          ],
          { atomic: true },
        );
        expect(written.every((result) => result.ok)).toBe(true);
        expect((await store.readStream('a-1')).map((event) => event.revision)).toEqual([0, 1, 2]);
      });

      test('an atomic batch may demand a revision of a stream that it does not write', async () => {
        const store = await fresh();
        if (!store.capabilities.atomicStreams) return;
        await store.append([{ stream: 'b-1', expected: 'noStream', events: newEvents(2) }]);
        const after = (...checks: readonly Pick<StreamAppend, 'stream' | 'expected'>[]) =>
          store.append(
            [
              ...checks.map((check) => ({ ...check, events: [] })),
              { stream: 'a-1', expected: 'any', events: newEvents(1) },
            ],
            { atomic: true },
          );
        const position = await store.lastPosition();
        for (const [stream, expected, actual] of [
          ['b-1', 'noStream', 1],
          ['b-1', 0, 1],
          ['b-1', 2, 1],
          ['c-1', 0, -1],
          ['c-1', 'exists', -1],
        ] as const)
          expect(await after({ stream, expected })).toEqual([
            { ok: false, code: 'WRONG_REVISION', actual },
            { ok: false, code: 'NOT_ATTEMPTED' },
          ]);
        expect([await store.lastPosition(), await store.readStream('a-1')]).toEqual([position, []]);
        const written = await after({ stream: 'b-1', expected: 1 }, { stream: 'c-1', expected: 'noStream' });
        expect(written.map(({ ok }) => ok)).toEqual([true, true, true]);
        expect(written.at(-1)).toMatchObject({ position: position + 1, repeated: false });
        expect([(await store.readStream('b-1')).length, await store.readStream('c-1')]).toEqual([2, []]);
        // Nothing was opened by looking at it.
        const first = await store.append([{ stream: 'c-1', expected: 'noStream', events: newEvents(1) }]);
        expect(first).toMatchObject([{ ok: true, revision: 0 }]);
      });
    });

    describe('repeats', () => {
      test.each(['noStream', 'any'] as const)(
        'the same events again, expecting %s, are written once',
        async (expected) => {
          const store = await fresh();
          const events = newEvents(3);
          const [first] = await store.append([{ stream: 'a-1', expected, events }]);
          const [again] = await store.append([{ stream: 'a-1', expected, events }]);
          expect(again).toEqual({ ...first, repeated: true });
          expect(await store.readStream('a-1')).toHaveLength(3);
        },
      );

      test('a repeat is recognised after the stream went on', async () => {
        const store = await fresh();
        await store.append([{ stream: 'a-1', expected: 'noStream', events: newEvents(1) }]);
        const events = newEvents(2);
        await store.append([{ stream: 'a-1', expected: 0, events }]);
        await store.append([{ stream: 'a-1', expected: 2, events: newEvents(1) }]);
        const [again] = await store.append([{ stream: 'a-1', expected: 0, events }]);
        expect(again).toMatchObject({ ok: true, revision: 2, repeated: true });
        expect(await store.readStream('a-1')).toHaveLength(4);
      });

      test('a mix of old and new ids is no repeat', async () => {
        const store = await fresh();
        const [old] = newEvents(1);
        if (old === undefined) throw new Error('unreachable');
        await store.append([{ stream: 'a-1', expected: 'noStream', events: [old] }]);
        const [mixed] = await store.append([{ stream: 'a-1', expected: 'noStream', events: [old, newEvent()] }]);
        expect(mixed).toMatchObject({ ok: false, code: 'WRONG_REVISION' });
      });
    });

    describe('reading', () => {
      test('returns exactly what was written', async () => {
        const store = await fresh();
        const event = newEvent({ text: '北京南 “quoted” \u0000 \u{1F682}', nested: { list: [1, null, true, -0.5] } });
        await store.append([{ stream: 'a-1', expected: 'noStream', events: [event] }]);
        const [read] = await store.readStream('a-1');
        expect(read).toMatchObject({ ...event, stream: 'a-1', revision: 0 });
      });

      test('a stream forwards, backwards, from a revision, up to a limit', async () => {
        const store = await fresh();
        await store.append([{ stream: 'a-1', expected: 'noStream', events: newEvents(10) }]);
        const revisions = async (...options: Parameters<EventStore['readStream']>): Promise<number[]> =>
          (await store.readStream(...options)).map((event) => event.revision);
        expect(await revisions('a-1', { from: 7 })).toEqual([7, 8, 9]);
        expect(await revisions('a-1', { from: 2, limit: 3 })).toEqual([2, 3, 4]);
        expect(await revisions('a-1', { direction: 'backwards', limit: 2 })).toEqual([9, 8]);
        expect(await revisions('a-1', { direction: 'backwards', from: 3, limit: 10 })).toEqual([3, 2, 1, 0]);
        expect(await revisions('a-1', { from: 10 })).toEqual([]);
        expect(await revisions('a-9')).toEqual([]);
      });

      test('the whole log in one order, a page at a time, filtered by category', async () => {
        const store = await fresh();
        for (let n = 0; n < 30; n += 1)
          await store.append([
            { stream: `${n % 3 === 0 ? 'a' : 'b'}-${n % 7}`, expected: 'any', events: newEvents(2) },
          ]);
        const seen: RecordedEvent[] = [];
        let page: EventBatch = { events: [], position: 0, caughtUp: false };
        while (!page.caughtUp) {
          page = await store.readAll({ after: page.position, limit: 7 });
          seen.push(...page.events);
        }
        expect(seen).toHaveLength(60);
        const positions = seen.map((event) => event.position);
        expect(positions).toEqual([...new Set(positions)].sort((a, b) => a - b));
        const ofA = await store.readAll({ after: 0, limit: 1000, categories: ['a'] });
        expect(ofA.events.map((event) => event.id)).toEqual(
          seen.filter((event) => event.stream.startsWith('a-')).map((event) => event.id),
        );
        expect(ofA.position).toBe(await store.lastPosition());
      });

      test('the few events of some categories among many others, page by page to the end of the log', async () => {
        const store = await fresh();
        const few: string[] = [];
        for (let n = 0; n < 12; n += 1) {
          const events = newEvents(1);
          few.push(...events.map(({ id }) => id));
          await store.append([
            { stream: `many-${n % 2}`, expected: 'any', events: newEvents(25) },
            { stream: `${n % 2 === 0 ? 'rare' : 'odd'}-${n % 4}`, expected: 'any', events },
            { stream: `many-${n % 3}`, expected: 'any', events: newEvents(3) },
          ]);
        }
        const seen: RecordedEvent[] = [];
        let page: EventBatch = { events: [], position: 0, caughtUp: false };
        for (let pages = 0; !page.caughtUp; pages += 1) {
          const { position } = page;
          page = await store.readAll({ after: position, limit: 5, categories: ['rare', 'odd'] });
          expect(page.caughtUp || page.position > position).toBe(true);
          expect(pages).toBeLessThan(400);
          seen.push(...page.events);
        }
        expect(seen.map(({ id }) => id)).toEqual(few);
        expect(page.position).toBe(await store.lastPosition());
        const nothing = await store.readAll({ after: 0, limit: 1_000, categories: ['none'] });
        expect(nothing).toEqual({ events: [], position: page.position, caughtUp: true });
      });

      test('a stream of 25,000 events, 20,000 of them in one call', async () => {
        const store = await fresh();
        for (const [from, to] of [
          [0, 20_000],
          [20_000, 25_000],
        ] as const)
          await store.append([
            { stream: 'a-1', expected: from === 0 ? 'noStream' : from - 1, events: newEvents(to - from) },
          ]);
        const events = await store.readStream('a-1');
        expect(events).toHaveLength(25_000);
        expect(events.every((event, index) => event.revision === index)).toBe(true);
      });
    });

    describe('fingerprints of positions', () => {
      test('are those of the events that stand there, and of no other history', async () => {
        const [store, other] = [await fresh(), await fresh()];
        const event = newEvent();
        const later = { ...event, meta: { ...event.meta, at: '2026-11-22T08:00:00.000+08:00' } };
        await store.append([{ stream: 'a-1', expected: 'noStream', events: [event, ...newEvents(2)] }]);
        // The same command, repeated in a log that does not know of it.
        await other.append([{ stream: 'a-1', expected: 'noStream', events: [later, ...newEvents(2)] }]);
        const seen: (string | undefined)[] = [];
        for (const log of [store, other])
          for (const { position } of await log.readStream('a-1')) {
            seen.push(await log.fingerprintAt(position));
            expect(await log.fingerprintAt(position)).toBe(seen.at(-1));
          }
        expect(seen).not.toContain(undefined);
        expect(new Set(seen).size).toBe(6);
      });

      test('are missing where no event stands', async () => {
        const store = await fresh();
        expect(await store.fingerprintAt(1)).toBeUndefined();
        await store.append([{ stream: 'a-1', expected: 'noStream', events: newEvents(2) }]);
        const end = await store.lastPosition();
        for (const position of [0, end + 1, end + 1_000]) expect(await store.fingerprintAt(position)).toBeUndefined();
      });
    });

    test('an event is found by its position, and nothing where none stands', async () => {
      const store = await fresh();
      expect(await store.eventAt(1)).toBeUndefined();
      await store.append([{ stream: 'a-1', expected: 'noStream', events: newEvents(2) }]);
      await store.append([{ stream: 'b-1', expected: 'noStream', events: newEvents(1) }]);
      const events = [...(await store.readStream('a-1')), ...(await store.readStream('b-1'))];
      for (const event of events) expect(await store.eventAt(event.position)).toEqual(event);
      const end = await store.lastPosition();
      const taken = new Set(events.map(({ position }) => position));
      for (const position of [-1, 0, 0.5, end + 1, end + 1_000, ...[...taken].map((at) => at - 1)])
        if (!taken.has(position)) expect([position, await store.eventAt(position)]).toEqual([position, undefined]);
    });

    describe('subscriptions', () => {
      test('from the start, and on to what is written later', async () => {
        const store = await fresh();
        await store.append([{ stream: 'a-1', expected: 'any', events: newEvents(3) }]);
        const receiving = take(store, 5, { after: 0 });
        await store.append([{ stream: 'a-2', expected: 'any', events: newEvents(2) }]);
        expect((await receiving).map((event) => event.stream)).toEqual(['a-1', 'a-1', 'a-1', 'a-2', 'a-2']);
      });

      test('from a position: exactly what came after it', async () => {
        const store = await fresh();
        await store.append([{ stream: 'a-1', expected: 'any', events: newEvents(3) }]);
        const all = await take(store, 3, { after: 0 });
        const rest = await take(store, 2, { after: all[0]?.position ?? 0 });
        expect(rest.map((event) => event.id)).toEqual(all.slice(1).map((event) => event.id));
      });

      test('no gap and no repeat between history and live, while writers write', async () => {
        const store = await fresh();
        const TOTAL = 600;
        await store.append([{ stream: 'a-0', expected: 'any', events: newEvents(100) }]);
        const receiving = take(store, TOTAL, { after: 0, batchSize: 7 });
        await Promise.all(
          Array.from({ length: 50 }, (_, n) =>
            store.append([{ stream: `a-${n}`, expected: 'any', events: newEvents(10) }]),
          ),
        );
        const events = await receiving;
        expect(events).toHaveLength(TOTAL);
        expect(new Set(events.map((event) => event.id)).size).toBe(TOTAL);
        const positions = events.map((event) => event.position);
        expect(positions).toEqual([...positions].sort((a, b) => a - b));
      });

      test('only the categories asked for, while the position moves on', async () => {
        const store = await fresh();
        const receiving = take(store, 2, { after: 0, categories: ['order'] });
        await store.append([{ stream: 'order-1', expected: 'any', events: newEvents(1) }]);
        await store.append([{ stream: 'orders-1', expected: 'any', events: newEvents(5) }]);
        await store.append([{ stream: 'order-2', expected: 'any', events: newEvents(1) }]);
        expect((await receiving).map((event) => event.stream)).toEqual(['order-1', 'order-2']);
      });

      test('end when aborted, and when the store closes', async () => {
        const store = await fresh();
        const stop = new AbortController();
        const drain = async (options: SubscribeOptions): Promise<string> => {
          for await (const _ of store.subscribe(options));
          return 'ended';
        };
        const aborted = drain({ after: 0, signal: stop.signal });
        const closed = drain({ after: 0 });
        stop.abort();
        expect(await aborted).toBe('ended');
        await store.close();
        expect(await closed).toBe('ended');
      });
    });

    limitsContract(fresh);
    modelContract(fresh);

    test.each([2, 3, 4])(
      'a subscription says so when it has come to the end of the log, with %i events a page',
      async (batchSize) => {
        const store = await fresh();
        await store.append([{ stream: 'a-1', expected: 'noStream', events: newEvents(4) }]);
        await store.append([{ stream: 'b-1', expected: 'noStream', events: newEvents(2) }]);
        await isCaughtUp(store, { after: 0, batchSize });
        if (reopen === undefined) return;
        await store.close();
        const again = await reopen();
        opened.push(again);
        await isCaughtUp(again, { after: 0, batchSize });
        await isCaughtUp(again, { after: 0, batchSize, categories: ['a'] });
      },
    );

    if (reopen !== undefined)
      test('remembers everything after it was closed: events, revisions, repeats, subscriptions', async () => {
        const store = await fresh();
        const events = newEvents(5);
        await store.append([{ stream: 'a-1', expected: 'noStream', events }]);
        const before = await take(store, 5, { after: 0 });
        await store.close();
        const again = await reopen();
        opened.push(again);
        expect(await again.readStream('a-1')).toEqual(before);
        const [repeat] = await again.append([{ stream: 'a-1', expected: 'noStream', events }]);
        expect(repeat).toMatchObject({ ok: true, repeated: true });
        const resumed = take(again, 3, { after: before[3]?.position ?? 0 });
        await again.append([{ stream: 'a-1', expected: 4, events: newEvents(2) }]);
        expect((await resumed).map((event) => event.revision)).toEqual([4, 5, 6]);
      });
  });
};
