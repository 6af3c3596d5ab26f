import { afterEach, describe, expect, test } from '@jest/globals';
import { MemoryEventStore } from '@railhead/infra/eventstore/memory/memory-event-store.ts';
import { newEvent } from '@railhead/tests/support/events.ts';
import { ManualClock } from '@railhead/tests/support/fixed-clock.ts';
import { waitUntil } from '@railhead/tests/support/wait-until.ts';
import type { EventBatch, SubscribeOptions } from '../ports/event-store.ts';
import { type Following, LogFollower } from './follow-log.ts';

const world = () => {
  const store = new MemoryEventStore();
  const clock = new ManualClock();
  const lines: { readonly message: string; readonly fields: Record<string, unknown> }[] = [];
  const note = (fields: object, message: string) => lines.push({ message, fields: fields as Record<string, unknown> });
  const logger = { debug: note, info: note, warn: note, error: note };
  /** So many of the next subscriptions break before they begin. */
  let breaks = 0;
  const broken: Pick<MemoryEventStore, 'subscribe'> = {
    subscribe: (options: SubscribeOptions) => {
      if (breaks === 0) return store.subscribe(options);
      breaks -= 1;
      throw new Error('the connection broke');
    },
  };
  const write = (count: number, stream = 'a-1') =>
    store.append([{ stream, expected: 'any', events: Array.from({ length: count }, () => newEvent()) }]);
  return {
    store,
    clock,
    lines,
    write,
    breakNext: (count: number) => {
      breaks = count;
    },
    follow: (following: Partial<Following> = {}) =>
      new LogFollower(
        { store: broken, clock, logger },
        { name: 'the test', after: () => 0, take: async () => {}, ...following },
      ),
  };
};

let running: LogFollower | undefined;
afterEach(async () => {
  await running?.stop().catch(() => {});
  running = undefined;
});

test('takes every event once, in order, one batch after another, and then the new ones', async () => {
  const { write, follow } = world();
  const seen: number[] = [];
  let atOnce = 0;
  await write(7);
  running = follow({
    batchSize: 3,
    take: async ({ events }) => {
      atOnce += 1;
      expect(atOnce).toBe(1);
      await Promise.resolve();
      seen.push(...events.map(({ position }) => position));
      atOnce -= 1;
    },
  });
  await waitUntil('the past', () => seen.length === 7);
  await write(2);
  await waitUntil('the present', () => seen.length === 9);
  expect(seen).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
  expect(running.position).toBe(9);
});

test('reads the categories and the start position it was given', async () => {
  const { write, follow } = world();
  await write(2, 'a-1');
  await write(2, 'b-1');
  const seen: string[] = [];
  running = follow({
    after: async () => 1,
    categories: ['a'],
    take: async ({ events }) => {
      seen.push(...events.map(({ stream, position }) => `${stream}@${position}`));
    },
  });
  await waitUntil('the end of the log', () => running?.position === 4);
  expect(seen).toEqual(['a-1@2']);
});

describe('when the log is lost', () => {
  test('it logs the loss once, pauses longer each time, and logs once that it goes on', async () => {
    const { write, follow, breakNext, clock, lines } = world();
    await write(1);
    breakNext(4);
    const seen: EventBatch[] = [];
    running = follow({
      take: async (batch) => {
        seen.push(batch);
      },
    });
    for (const pauseMs of [200, 400, 800, 1_600]) {
      await clock.advance(pauseMs - 1);
      expect(seen).toEqual([]);
      await clock.advance(1);
    }
    await waitUntil('the log again', () => seen.length === 1);
    expect(lines).toMatchObject([
      { message: 'the test has lost the log', fields: { position: 0, pauseMs: 200 } },
      { message: 'the test goes on with the log', fields: { position: 1, attempts: 4, lostMs: 3_000 } },
    ]);
  });

  test('pauses last ten seconds at the most, and are short again after a batch', async () => {
    const { write, follow, breakNext, clock, lines } = world();
    breakNext(30);
    let failures = 1;
    let taken = 0;
    running = follow({
      take: async () => {
        if (failures > 0) {
          failures -= 1;
          breakNext(1);
          throw new Error('full');
        }
        taken += 1;
      },
    });
    await clock.advance(30 * 10_000);
    await write(1);
    await waitUntil('the batch that fails', () => failures === 0);
    await clock.advance(20_000);
    await waitUntil('the batch', () => taken === 1);
    expect(lines.map(({ message, fields }) => [message, fields.pauseMs])).toEqual([
      ['the test has lost the log', 200],
      ['the test could not take events of the log', 10_000],
      ['the test has lost the log', 10_000],
      ['the test goes on with the log', undefined],
    ]);
    failures = 1;
    await write(1);
    await waitUntil('the next loss', () => failures === 0);
    await clock.advance(600);
    await waitUntil('the batch again', () => taken === 2);
  });

  test('a stop does not wait for the pause to end', async () => {
    const { follow, breakNext } = world();
    breakNext(1_000);
    running = follow();
    await waitUntil('the loss', () => running?.isLost);
    await running.stop();
  });
});

test('a batch whose handler throws comes again, from the position the follower names', async () => {
  const { write, follow, clock } = world();
  await write(4);
  const seen: number[][] = [];
  let kept = 0;
  running = follow({
    batchSize: 2,
    after: () => kept,
    take: async ({ events, position }) => {
      seen.push(events.map((event) => event.position));
      if (seen.length === 2) throw new Error('full');
      kept = position;
    },
  });
  await waitUntil('the loss', () => running?.isLost);
  await clock.advance(200);
  await waitUntil('the rest', () => seen.length === 3);
  expect(seen).toEqual([
    [1, 2],
    [3, 4],
    [3, 4],
  ]);
});

test('the callback for a loss can end the follower', async () => {
  const { write, follow } = world();
  await write(1);
  const losses: string[] = [];
  running = follow({
    take: async () => {
      throw new Error('poison');
    },
    lost: (error, why) => {
      losses.push(`${why}: ${error instanceof Error ? error.message : ''}`);
      return true;
    },
  });
  await expect(running.done).rejects.toThrow('poison');
  expect(losses).toEqual(['taking: poison']);
});

test.each([
  ['no number of a position', { events: [], position: 2 ** 64 }, /no position/],
  ['before what was taken', { events: [], position: 2 }, /at 2, after 3/],
  ['with events in another order', { events: [{ position: 6 }, { position: 5 }], position: 6 }, /event at 5 after 6/],
  ['behind its own events', { events: [{ position: 7 }], position: 5 }, /at 5, after 7/],
])('a batch that is %s is not taken: the log counts as lost until it is right again', async (_, wrong, why) => {
  const { store, clock, lines, write } = world();
  await write(5);
  let sent = 0;
  const lying: Pick<MemoryEventStore, 'subscribe'> = {
    subscribe: async function* (options: SubscribeOptions) {
      sent += 1;
      // Safe cast: a follower looks at positions only.
      if (sent === 1) yield { caughtUp: false, ...wrong } as unknown as EventBatch;
      yield* store.subscribe(options);
    },
  };
  const taken: number[] = [];
  running = new LogFollower(
    {
      store: lying,
      clock,
      logger: {
        debug: () => {},
        info: () => {},
        error: () => {},
        warn: (fields, message) => void lines.push({ message, fields: fields as Record<string, unknown> }),
      },
    },
    {
      name: 'the test',
      after: () => 3,
      take: async ({ events }) => void taken.push(...events.map(({ position }) => position)),
    },
  );
  await waitUntil('the loss', () => lines.length > 0);
  expect(String(lines[0]?.fields.err)).toMatch(why);
  expect(taken).toEqual([]);
  await clock.advance(60_000);
  await waitUntil('the events', () => taken.length === 2);
  expect(taken).toEqual([4, 5]);
});

test('a kept position that no log has is a loss, and never asked of the store', async () => {
  const { lines, follow } = world();
  running = follow({ after: () => 2 ** 64 });
  await waitUntil('the loss', () => lines.length > 0);
  expect(running.lost).toMatch(/no position/);
});
