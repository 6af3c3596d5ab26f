// The merged order of several shards across restarts, moves that were interrupted, and shards that are slow or fail.
import { copyFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import type { EventStore, RecordedEvent } from '@railhead/commands/ports/event-store.ts';
import { codeOf } from '@railhead/tests/support/code-of.ts';
import { newEvents } from '@railhead/tests/support/events.ts';
import { FaultyStore } from '@railhead/tests/support/faulty-store.ts';
import { LastingStore } from '@railhead/tests/support/lasting-store.ts';
import { tempFolder } from '@railhead/tests/support/temp-folder.ts';
import { waitUntil } from '@railhead/tests/support/wait-until.ts';
import fc from 'fast-check';
import { MemoryEventStore } from '../memory/memory-event-store.ts';
import { ShardedEventStore, type ShardedOptions } from './sharded-event-store.ts';

const folder = tempFolder();
let indexes = 0;
const newIndex = (): string => {
  indexes += 1;
  return join(folder, `${indexes}.db`);
};
const opened: ShardedEventStore[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((store) => store.close()));
});
const open = async (options: ShardedOptions): Promise<ShardedEventStore> => {
  const store = await ShardedEventStore.open(options);
  opened.push(store);
  return store;
};
const everything = async (store: EventStore): Promise<readonly RecordedEvent[]> =>
  (await store.readAll({ after: 0, limit: 100_000 })).events;
const ids = (events: readonly { readonly id: string }[]): readonly string[] => events.map(({ id }) => id);

const run = 'G1_2026-11-23';
const streams = [`trainRun-${run}`, `seatLock-${run}_second`, `segmentInventory-${run}_0_second`];
const [first = '', second = ''] = streams;
const fill = async (store: EventStore): Promise<void> => {
  for (const stream of streams) await store.append([{ stream, expected: 'noStream', events: newEvents(5) }]);
};
/** Every event occurs once, and each stream is in order. */
const expectWhole = (events: readonly RecordedEvent[], count: number): void => {
  expect(new Set(ids(events)).size).toBe(count);
  for (const ofStream of Map.groupBy(events, ({ stream }) => stream).values())
    expect(ofStream.map(({ revision }) => revision)).toEqual(ofStream.map((_, n) => n));
  expect(events.map(({ position }) => position)).toEqual(events.map((_, n) => n + 1));
};

describe('the merged order', () => {
  test('is the same after every restart, continues at its position, and is built again if it is lost', async () => {
    const write = fc.record({ shard: fc.nat(2), stream: fc.nat(3), count: fc.integer({ min: 1, max: 3 }) });
    const life = fc.record({ through: fc.array(write, { maxLength: 6 }), around: fc.array(write, { maxLength: 6 }) });
    await fc.assert(
      fc.asyncProperty(fc.array(life, { minLength: 2, maxLength: 4 }), fc.boolean(), async (lives, loses) => {
        const logs = [new MemoryEventStore(), new MemoryEventStore(), new MemoryEventStore()];
        const index = newIndex();
        const begin = () =>
          open({
            shards: Object.fromEntries(logs.map((log, n) => [`s${n}`, new LastingStore(log)])),
            index,
            tailEvents: 4,
          });
        let before: readonly RecordedEvent[] = [];
        let total = 0;
        for (const { through, around } of lives) {
          const store = await begin();
          const whole = await everything(store);
          expect(whole.slice(0, before.length)).toEqual(before);
          expectWhole(whole, total);
          for (const { stream, count } of through)
            await store.append([{ stream: `order-${stream}`, expected: 'any', events: newEvents(count) }]);
          before = await everything(store);
          await store.close();
          // Meanwhile another process writes to streams of these shards.
          for (const { shard, stream, count } of around)
            await logs[shard]?.append([
              { stream: `other-${shard}${stream}`, expected: 'any', events: newEvents(count) },
            ]);
          total += [...through, ...around].reduce((sum, { count }) => sum + count, 0);
        }
        if (loses) for (const end of ['', '-wal', '-shm']) rmSync(`${index}${end}`, { force: true });
        const last = await begin();
        expectWhole(await everything(last), total);
        await last.close();
      }),
      { numRuns: 20 },
    );
  });

  test('is made anew when a shard is put back to an older state, and whoever keeps merged positions is told', async () => {
    const [a, b] = [new MemoryEventStore(), new MemoryEventStore()];
    const index = newIndex();
    let told = 0;
    const begin = (first: EventStore) =>
      open({
        shards: { a: new LastingStore(first), b: new LastingStore(b) },
        pinned: { G1: 'a', G2: 'b' },
        index,
        onOrderLost: () => {
          told += 1;
        },
      });
    const streamOf = (train: string): string => `trainRun-${train}_2026-11-23`;
    const append = (store: EventStore, train: string, count: number) =>
      store.append([{ stream: streamOf(train), expected: 'any', events: newEvents(count) }]);
    const before = await begin(a);
    for (const train of ['G1', 'G2', 'G1']) await append(before, train, 2);
    await before.close();
    expectWhole(await everything(await begin(a)), 6);
    expect(told).toBe(0);

    const putBack = new MemoryEventStore();
    const kept = (await a.readStream(streamOf('G1'))).slice(0, 2);
    await putBack.append([{ stream: streamOf('G1'), expected: 'noStream', events: kept }]);
    // It has gone on another way, and further than the index knows.
    await append(putBack, 'G1', 5);
    const after = await begin(putBack);
    expectWhole(await everything(after), 9);
    expect(told).toBe(1);
    await append(after, 'G2', 1);
    await after.close();
    expectWhole(await everything(await begin(putBack)), 10);
    expect(told).toBe(1);
  });

  test('a shard whose subscription fails is followed again where it stood', async () => {
    const log = new MemoryEventStore();
    const failing = new LastingStore(log, { failsAfter: 1 });
    const store = await open({ shards: { only: failing }, index: ':memory:' });
    for (let n = 0; n < 3; n += 1) {
      await store.append([{ stream: 'order-1', expected: 'any', events: newEvents(2) }]);
      await waitUntil('another subscription', () => failing.subscriptions > n + 1);
    }
    expectWhole(await everything(store), 6);
  });

  test('is unknown for a call over several shards if one failed and another wrote; otherwise the call fails with the reason', async () => {
    const shards = { a: new MemoryEventStore(), b: new FaultyStore(new MemoryEventStore(), () => 'before') };
    const store = await open({ shards, pinned: { G1: 'a', G2: 'b' }, index: ':memory:' });
    const append = (train: string) => ({
      stream: `trainRun-${train}_2026-11-23`,
      expected: 'noStream' as const,
      events: newEvents(1),
    });
    expect(await codeOf(store.append([append('G2')]))).toBe('STORE_UNAVAILABLE');
    expect(await codeOf(store.append([append('G2'), append('G1')]))).toBe('OUTCOME_UNKNOWN');
    // The events of G1 exist by now, and a repeat writes nothing.
    expect(await codeOf(store.append([append('G2'), append('G1')]))).toBe('STORE_UNAVAILABLE');
  });
});

describe('a move that is interrupted', () => {
  test.each([
    ['before a stream was copied', 'before'],
    ['after it was copied, without the answer', 'after'],
  ] as const)('%s: nothing is switched, and the next try goes on', async (_, fault) => {
    const [a, b] = [new MemoryEventStore(), new MemoryEventStore()];
    let copies = 0;
    const failing = new FaultyStore(b, () => {
      copies += 1;
      return copies === 2 ? fault : 'none';
    });
    const index = newIndex();
    const moved: string[] = [];
    const begin = () =>
      open({
        shards: { a: new LastingStore(a), b: new LastingStore(failing) },
        pinned: { G1: moved[0] ?? 'a' },
        index,
        onMoved: (of, to) => moved.push(of === run ? to : ''),
      });
    const store = await begin();
    await fill(store);
    expect(['STORE_UNAVAILABLE', 'OUTCOME_UNKNOWN']).toContain(await codeOf(store.move(run, 'b')));
    expect([store.shardOf(first), moved]).toEqual(['a', []]);
    expect(await store.append([{ stream: second, expected: 4, events: newEvents(1) }])).toMatchObject([{ ok: true }]);
    await store.close();

    const again = await begin();
    expectWhole(await everything(again), 16);
    expect(await again.move(run, 'b')).toEqual({ streams: 3, events: 16 });
    expect(moved).toEqual(['b']);
    expect(await again.append([{ stream: second, expected: 5, events: newEvents(1) }])).toMatchObject([
      { ok: true, revision: 6 },
    ]);
    await again.close();

    const last = await begin();
    expectWhole(await everything(last), 17);
    expect((await last.readStream(second)).map(({ position }) => position)).toEqual(
      (await everything(last)).filter(({ stream }) => stream === second).map(({ position }) => position),
    );
    expect((await a.readStream(second)).length).toBe(6);
  });

  test('while the new place is saved: the run stays where it was', async () => {
    let fails = true;
    const store = await open({
      shards: { a: new MemoryEventStore(), b: new MemoryEventStore() },
      pinned: { G1: 'a' },
      index: ':memory:',
      onMoved: () => {
        if (fails) throw new Error('the disk is full');
      },
    });
    await fill(store);
    await expect(store.move(run, 'b')).rejects.toThrow('the disk is full');
    expect(store.shardOf(first)).toBe('a');
    await store.append([{ stream: first, expected: 4, events: newEvents(2) }]);
    fails = false;
    expect(await store.move(run, 'b')).toEqual({ streams: 3, events: 17 });
    await store.append([{ stream: first, expected: 6, events: newEvents(1) }]);
    expectWhole(await everything(store), 18);
    expect(await store.move(run, 'b')).toEqual({ streams: 0, events: 0 });
  });
});

describe('a stream that was moved by another process', () => {
  /** A run that another process moved from a to b; this process's `index` merged the originals before. */
  const movedElsewhere = async () => {
    const [a, b, index] = [new MemoryEventStore(), new MemoryEventStore(), newIndex()];
    const shards = () => ({ a: new LastingStore(a), b: new LastingStore(b) });
    const mine = await open({ shards: shards(), pinned: { G1: 'a' }, index });
    const events = newEvents(5);
    await mine.append([{ stream: first, expected: 'noStream', events }]);
    await mine.close();
    const other = await open({ shards: shards(), pinned: { G1: 'a' }, index: newIndex() });
    await other.move(run, 'b');
    await other.append([{ stream: first, expected: 4, events: newEvents(3) }]);
    await other.close();
    return { a, b, index, events };
  };

  test('a repeat of what was written before the move is recognised at once', async () => {
    const { a, b, index, events } = await movedElsewhere();
    const shards = { a: new LastingStore(a), b: new LastingStore(b) };
    const store = await open({ shards, pinned: { G1: 'b' }, index, mergeTimeoutMs: 600_000 });
    const repeat = [{ stream: first, expected: 'noStream' as const, events }];
    const results = await store.append(repeat);
    expect(results).toMatchObject([{ ok: true, revision: 4, repeated: true }]);
    const position = (await everything(store)).find(({ id }) => id === events[4]?.id)?.position ?? 0;
    const [result] = results;
    expect(result?.ok === true && result.position >= position).toBe(true);
    expectWhole(await everything(store), 8);
  });

  test('without its copies, later events wait for originals that come late; a crash meanwhile loses nothing', async () => {
    const { a, b } = await movedElsewhere();
    const begin = (index: string, gate: Promise<unknown>) => {
      const slow = new LastingStore(a, { gate });
      const kept = new LastingStore(b, { scavenged: ({ revision }) => revision < 5 });
      return { slow, opening: open({ shards: { a: slow, b: kept }, pinned: { G1: 'b' }, index, mergeTimeoutMs: 1 }) };
    };
    const [before, after] = [newIndex(), newIndex()];
    let release: () => void = () => {};
    const waiting = begin(
      before,
      new Promise<void>((resolve) => {
        release = resolve;
      }),
    );
    // It checks each time whether it can stop waiting; the first check is that of the opening.
    await waitUntil('several looks for the originals', () => waiting.slow.positionsAsked > 5);
    for (const end of ['', '-wal']) copyFileSync(`${before}${end}`, `${after}${end}`);
    const crashed = await begin(after, Promise.resolve()).opening;
    expectWhole(await everything(crashed), 8);
    release();
    expectWhole(await everything(await waiting.opening), 8);
  });

  test('without the originals as well, it continues without them', async () => {
    const { a, b } = await movedElsewhere();
    const scavenged = ({ revision }: RecordedEvent): boolean => revision < 5;
    const shards = { a: new LastingStore(a, { scavenged }), b: new LastingStore(b, { scavenged }) };
    const store = await open({ shards, pinned: { G1: 'b' }, index: ':memory:', mergeTimeoutMs: 1 });
    expect((await everything(store).catch(() => [])).map(({ revision }) => revision)).toEqual([5, 6, 7]);
  });

  test('its originals gone, in a shard that waits itself for originals of another run, it goes on too', async () => {
    const { a, b } = await movedElsewhere();
    // Another run went the other way.
    const other = 'G2_2026-11-23';
    const before = await open({
      shards: { a: new LastingStore(a), b: new LastingStore(b) },
      pinned: { G1: 'b', G2: 'b' },
      index: newIndex(),
    });
    await before.append([{ stream: `trainRun-${other}`, expected: 'noStream', events: newEvents(5) }]);
    await before.move(other, 'a');
    await before.append([{ stream: `trainRun-${other}`, expected: 4, events: newEvents(2) }]);
    await before.close();
    const scavenged = ({ revision }: RecordedEvent): boolean => revision < 5;
    const shards = { a: new LastingStore(a, { scavenged }), b: new LastingStore(b, { scavenged }) };
    const store = await open({ shards, pinned: { G1: 'b', G2: 'a' }, index: ':memory:', mergeTimeoutMs: 1 });
    const met = (await everything(store)).map(({ stream, revision }) => `${stream.slice(9, 11)} ${revision}`);
    expect(met.sort()).toEqual(['G1 5', 'G1 6', 'G1 7', 'G2 5', 'G2 6']);
  });
});
