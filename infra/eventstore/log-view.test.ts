import { beforeEach, describe, expect, test } from '@jest/globals';
import type { RecordedEvent } from '@railhead/commands/ports/event-store.ts';
import { codeOf } from '@railhead/tests/support/code-of.ts';
import { newEvents } from '@railhead/tests/support/events.ts';
import { waitUntil } from '@railhead/tests/support/wait-until.ts';
import { pagesOf, viewOf } from './log-view.ts';
import { MemoryEventStore } from './memory/memory-event-store.ts';

const PAGE = 2_000;

let store: MemoryEventStore;
beforeEach(() => {
  store = new MemoryEventStore();
});
const write = (stream: string, count: number) => store.append([{ stream, expected: 'any', events: newEvents(count) }]);

const collected = async (events: AsyncIterable<RecordedEvent>): Promise<readonly RecordedEvent[]> => {
  const all: RecordedEvent[] = [];
  for await (const event of events) all.push(event);
  return all;
};
const span = (first: number, last: number): readonly number[] =>
  Array.from({ length: Math.max(0, last - first + 1) }, (_, n) => first + n);

describe('a view of a log', () => {
  test.each([0, 1, PAGE - 1, PAGE, PAGE + 1, 2 * PAGE, 2 * PAGE + 1])(
    'has all of %d events, from any place on',
    async (count) => {
      if (count > 0) await write('order-1', count);
      const view = viewOf(store);
      expect(await view.lastPosition()).toBe(count);
      for (const after of [0, 1, PAGE, count])
        expect((await collected(view.all({ after }))).map(({ position }) => position)).toEqual(span(after + 1, count));
      for (const from of [0, 1, PAGE, count])
        expect((await collected(view.stream('order-1', { from }))).map(({ revision }) => revision)).toEqual(
          span(from, count - 1),
        );
    },
  );

  test('of a stream has no other stream', async () => {
    await write('order-1', 2);
    await write('order-2', 3);
    const view = viewOf(store);
    expect(
      (await collected(view.stream('order-2', { from: 1 }))).map(({ stream, revision }) => [stream, revision]),
    ).toEqual([
      ['order-2', 1],
      ['order-2', 2],
    ]);
    expect(await collected(view.stream('order-3', { from: 0 }))).toEqual([]);
  });

  test.each(['all', 'stream'] as const)(
    'that follows %s goes on with what comes later, until it is told to end',
    async (which) => {
      await write('order-1', 2);
      const end = new AbortController();
      const view = viewOf(store);
      const seen: number[] = [];
      const following = (async () => {
        const events =
          which === 'all'
            ? view.all({ after: 1, follow: end.signal })
            : view.stream('order-1', { from: 1, follow: end.signal });
        for await (const { position } of events) seen.push(position);
      })();
      await waitUntil('the past', () => seen.length === 1);
      await write('order-1', 2);
      await waitUntil('what came later', () => seen.length === 3);
      end.abort();
      await following;
      expect(seen).toEqual([2, 3, 4]);
    },
  );

  test('closes its store', async () => {
    await viewOf(store).close();
    expect(await codeOf(store.lastPosition())).toBe('STORE_CLOSED');
  });

  test('has the pages of its store', async () => {
    await write('order-1', 5);
    await write('order-2', 2);
    const pages = pagesOf(viewOf(store));
    expect(await pages.lastPosition()).toBe(7);
    for (const position of [0, 1, 7, 8]) expect(await pages.eventAt(position)).toEqual(await store.eventAt(position));
    for (const options of [{}, { from: 2 }, { limit: 2 }, { from: 4, limit: 3 }, { limit: 0 }])
      expect(await pages.readStream('order-1', options)).toEqual(await store.readStream('order-1', options));
    for (const options of [
      { after: 0, limit: 3 },
      { after: 5, limit: 100 },
      { after: 7, limit: 1 },
    ])
      expect(await pages.readAll(options)).toEqual(await store.readAll(options));
  });
});
