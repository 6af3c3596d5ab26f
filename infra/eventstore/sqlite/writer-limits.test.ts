// The writer's queue at its limits, and a writer that dies: each append gets the one answer that is true.
import { join } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import type { AppendResult, EventStoreError } from '@railhead/commands/ports/event-store.ts';
import { newEvents } from '@railhead/tests/support/events.ts';
import { HeldWriter } from '@railhead/tests/support/held-writer.ts';
import { tempFolder } from '@railhead/tests/support/temp-folder.ts';
import { waitUntil } from '@railhead/tests/support/wait-until.ts';
import fc from 'fast-check';
import type { SqliteLimits } from './limits.ts';
import { LogReader } from './log-reader.ts';
import { SqliteEventStore } from './sqlite-event-store.ts';

const root = tempFolder();
const opened: SqliteEventStore[] = [];
let folders = 0;
afterEach(async () => {
  await Promise.all(opened.splice(0).map((store) => store.close()));
});

const open = async (limits: Partial<SqliteLimits> = {}) => {
  folders += 1;
  const folder = join(root, String(folders));
  const writer = new HeldWriter();
  const store = await SqliteEventStore.open({ folder, limits, startThread: writer.startThread });
  opened.push(store);
  return { folder, writer, store };
};
const reopen = async (folder: string): Promise<SqliteEventStore> => {
  const store = await SqliteEventStore.open({ folder });
  opened.push(store);
  return store;
};

/** The result of an append, or the code it failed with. */
const outcomeOf = (work: Promise<readonly AppendResult[]>): Promise<string> =>
  work.then(
    (results) => (results.every(({ ok }) => ok) ? 'written' : 'refused'),
    (error: EventStoreError) => error.code,
  );
const begin = (store: SqliteEventStore, stream: string, count = 1): Promise<string> =>
  outcomeOf(store.append([{ stream, expected: 'noStream', events: newEvents(count) }]));
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Sends three appends, as many messages as the writer may have at once. */
const occupyWriter = async (
  store: SqliteEventStore,
  writer: HeldWriter,
  prefix: string,
): Promise<Promise<string>[]> => {
  writer.hold();
  const occupying: Promise<string>[] = [];
  for (let n = 0; n < 3; n += 1) {
    occupying.push(begin(store, `${prefix}-${n}`));
    await turn();
    await turn();
    expect(writer.held).toBe(n + 1);
  }
  return occupying;
};

describe('waiting for the writer', () => {
  test('as many events as the limit may wait, and not one more; afterwards there is room again', async () => {
    const { store, writer } = await open({ maxWaitingEvents: 10 });
    for (const round of ['a', 'b', 'c']) {
      const appends = await occupyWriter(store, writer, round);
      appends.push(begin(store, `${round}-3`, 9));
      expect(await begin(store, `${round}-4`, 2)).toBe('STORE_OVERLOADED');
      appends.push(begin(store, `${round}-5`, 1));
      expect(await begin(store, `${round}-6`, 1)).toBe('STORE_OVERLOADED');
      writer.release('all');
      expect(new Set(await Promise.all(appends))).toEqual(new Set(['written']));
    }
    expect(await begin(store, 'd-1', 11)).toBe('STORE_OVERLOADED');
    expect(await begin(store, 'd-1', 10)).toBe('written');
    expect((await store.readAll({ after: 0, limit: 100 })).events).toHaveLength(3 * 13 + 10);
  });

  test('a commit takes as many calls as fit, in order; a larger call goes alone', async () => {
    const { store, writer } = await open({ maxEventsPerCommit: 4 });
    const first = await occupyWriter(store, writer, 'a');
    const done: string[] = [];
    const sizes = { w: 2, x: 2, y: 1, z: 6, last: 1 };
    const rest = Object.entries(sizes).map(async ([name, count]) => {
      expect(await begin(store, `${name}-1`, count)).toBe('written');
      done.push(name);
    });
    for (const [nth, append] of first.entries()) {
      writer.release(1);
      expect(await append).toBe('written');
      await waitUntil('the next commit', () => writer.held === 3);
      expect({ nth, done }).toEqual({ nth, done: [] });
    }
    const commits: string[][] = [];
    while (done.length < rest.length) {
      const before = done.length;
      writer.release(1);
      await waitUntil('a commit', () => done.length > before);
      await turn();
      commits.push(done.slice(before));
    }
    await Promise.all(rest);
    expect(commits).toEqual([['w', 'x'], ['y'], ['z'], ['last']]);
    const { events } = await store.readAll({ after: 3, limit: 100 });
    expect(events.map(({ stream }) => stream)).toEqual(
      Object.entries(sizes).flatMap(([name, count]) => Array<string>(count).fill(`${name}-1`)),
    );
    writer.release('all');
  });

  test('an append in the same turn as the closing is written', async () => {
    const { store } = await open();
    const append = begin(store, 'a-1');
    await store.close();
    expect(await append).toBe('written');
  });

  test('closing writes what waits, refuses later appends, and unlocks the folder, however often it is called', async () => {
    const { store, writer, folder } = await open();
    const appends = await occupyWriter(store, writer, 'a');
    for (let n = 3; n < 20; n += 1) appends.push(begin(store, `a-${n}`));
    const closing = [store.close(), store.close()];
    expect(await begin(store, 'b-1')).toBe('STORE_CLOSED');
    writer.release('all');
    await closing[1];
    const again = await reopen(folder);
    expect(new Set(await Promise.all(appends))).toEqual(new Set(['written']));
    expect(await again.lastPosition()).toBe(20);
    await Promise.all(closing);
  });
});

describe('a writer that dies', () => {
  test('before it wrote: sent appends are unknown, waiting ones are not written, new ones are refused, reading goes on', async () => {
    const { store, writer, folder } = await open();
    expect(await begin(store, 'old-1', 5)).toBe('written');
    const sent = await occupyWriter(store, writer, 'sent');
    const waiting = [begin(store, 'waiting-1'), begin(store, 'waiting-2', 3)];
    await writer.kill();
    expect(await Promise.all(sent)).toEqual(['OUTCOME_UNKNOWN', 'OUTCOME_UNKNOWN', 'OUTCOME_UNKNOWN']);
    expect(await Promise.all(waiting)).toEqual(['STORE_UNAVAILABLE', 'STORE_UNAVAILABLE']);
    expect(await begin(store, 'late-1')).toBe('STORE_UNAVAILABLE');
    expect(await store.readStream('old-1')).toHaveLength(5);
    await store.close();
    expect(await begin(store, 'late-1')).toBe('STORE_CLOSED');
    const again = await reopen(folder);
    expect(await again.lastPosition()).toBe(5);
    expect(await begin(again, 'sent-1')).toBe('written');
  });

  test('after it wrote: unknown to the caller, yet every reader and subscriber finds the events', async () => {
    const { store, writer, folder } = await open();
    expect(await begin(store, 'a-1', 2)).toBe('written');
    const receiving = (async () => {
      const positions: number[] = [];
      for await (const { events } of store.subscribe({ after: 0 })) {
        positions.push(...events.map(({ position }) => position));
        if (positions.length >= 5) break;
      }
      return positions;
    })();
    writer.withholdAnswers();
    const events = newEvents(3);
    const append = [{ stream: 'a-1', expected: 1, events }];
    const unknown = outcomeOf(store.append(append));
    const file = new LogReader(folder);
    await waitUntil('the commit', () => file.lastPosition() === 5);
    file.close();
    await writer.kill();
    expect(await unknown).toBe('OUTCOME_UNKNOWN');
    expect(await store.readStream('a-1')).toHaveLength(5);
    expect((await store.readAll({ after: 1, limit: 10 })).events).toHaveLength(4);
    expect(await receiving).toEqual([1, 2, 3, 4, 5]);
    await store.close();
    const again = await reopen(folder);
    expect(await again.append(append)).toMatchObject([{ ok: true, revision: 4, position: 5, repeated: true }]);
  });

  test('at any moment: written events exist, refused ones do not, and no call is written in part', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(20), fc.integer({ min: 1, max: 3 }), async (killAfter, perCommit) => {
        const { store, writer, folder } = await open({ maxEventsPerCommit: perCommit * 4 });
        let answered = 0;
        const calls = Array.from({ length: 60 }, async (_, n) => {
          const streams = [`left-${n}`, `right-${n}`];
          const appends = streams.map((stream) => ({ stream, expected: 'noStream' as const, events: newEvents(2) }));
          const outcome = await outcomeOf(store.append(appends, { atomic: n % 2 === 0 }));
          answered += 1;
          return { n, outcome };
        });
        await waitUntil('some answers', () => answered >= killAfter);
        await writer.kill();
        const outcomes = await Promise.all(calls);
        await store.close();
        const again = await reopen(folder);
        for (const { n, outcome } of outcomes) {
          const there = (await again.readStream(`left-${n}`)).length + (await again.readStream(`right-${n}`)).length;
          const possible = { written: [4], STORE_UNAVAILABLE: [0], OUTCOME_UNKNOWN: [0, 4] }[outcome] ?? [];
          expect({ n, outcome, possible: possible.includes(there) }).toEqual({ n, outcome, possible: true });
        }
        await again.close();
      }),
      { numRuns: 6 },
    );
  });
});
