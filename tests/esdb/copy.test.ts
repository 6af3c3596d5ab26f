// A log copied from one store to another and back: the same events with the same ids, whatever happens meanwhile.
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import type { EventStore } from '@railhead/commands/ports/event-store.ts';
import { checksumOf, copyLog } from '@railhead/infra/eventstore/copy-log.ts';
import { viewOf } from '@railhead/infra/eventstore/log-view.ts';
import { MemoryEventStore } from '@railhead/infra/eventstore/memory/memory-event-store.ts';
import { SqliteEventStore } from '@railhead/infra/eventstore/sqlite/sqlite-event-store.ts';
import { anyEventStore } from '../support/any-eventstore.ts';
import { closeAfterEach, codeOf, testServer } from '../support/esdb-world.ts';
import { newEvents } from '../support/events.ts';
import { railhead } from '../support/railhead-process.ts';
import { testOfStandIn } from '../support/real-eventstore.ts';
import { tempFolder } from '../support/temp-folder.ts';

closeAfterEach();
const folder = tempFolder();

const fill = async (store: EventStore): Promise<void> => {
  for (let n = 0; n < 60; n += 1)
    await store.append([
      { stream: `order-${n % 11}`, expected: 'any', events: newEvents(1 + (n % 40)) },
      { stream: `payment-${n % 5}`, expected: 'any', events: newEvents(2) },
    ]);
};
const checksum = async (store: EventStore): Promise<string> => (await checksumOf(viewOf(store))).checksum;

test('stopped in the middle and begun again, from its mark or from the start', async () => {
  const source = new MemoryEventStore();
  await fill(source);
  const { store, relay } = await anyEventStore();
  relay.dropEvery = 20;
  let mark = 0;
  const stopping = copyLog(viewOf(source), store, {
    after: 0,
    onBatch: ({ last }) => {
      mark = last.position;
      throw new Error('stopped');
    },
  });
  await expect(stopping).rejects.toThrow('stopped');
  const end = await source.lastPosition();
  expect(await copyLog(viewOf(source), store, { after: mark })).toEqual({
    copied: end - mark,
    present: 0,
    position: end,
  });
  expect(await copyLog(viewOf(source), store, { after: 0 })).toEqual({ copied: 0, present: end, position: end });
  expect(await checksum(store)).toBe(await checksum(source));
});

test.each([false, true])(
  'stopped after any batch, before its mark was kept; streams at once: %s',
  async (atomicStreams) => {
    const source = new MemoryEventStore();
    await fill(source);
    const end = await source.lastPosition();
    let stops = 0;
    for (let stop = 1; ; stop += 1) {
      const target = new MemoryEventStore({ atomicStreams });
      let [mark, batches] = [0, 0];
      const marks: number[] = [];
      const copy = (stopsAt: number) =>
        copyLog(viewOf(source), target, {
          after: mark,
          onBatch: ({ last: { position } }) => {
            batches += 1;
            // The events are in the target, and the process ends before the mark is on disk.
            if (batches === stopsAt) throw new Error('stopped');
            mark = position;
            marks.push(position);
          },
        });
      const stopped = await copy(stop).then(
        () => false,
        () => true,
      );
      if (!stopped) break;
      stops += 1;
      const [written, kept] = [await target.lastPosition(), mark];
      expect(written).toBeGreaterThan(kept);
      expect(await copy(Number.NaN)).toEqual({ copied: end - written, present: written - kept, position: end });
      expect(marks.at(-1)).toBe(end);
      expect(await checksum(target)).toBe(await checksum(source));
    }
    expect(stops).toBeGreaterThan(1);
  },
);

const orderOf = async (store: EventStore): Promise<readonly string[]> =>
  (await store.readAll({ after: 0, limit: 100_000 })).events.map(({ id }) => id);

test('the copy has the order of the log, also where connections are lost, and is told again without an append', async () => {
  const source = new MemoryEventStore();
  await fill(source);
  for (const dropEvery of [0, 12]) {
    const { store, relay, counts } = await anyEventStore();
    relay.dropEvery = dropEvery;
    await copyLog(viewOf(source), store, { after: 0 });
    expect(await orderOf(store)).toEqual(await orderOf(source));
    expect(relay.drops > 0).toBe(dropEvery > 0);
    const appended = counts.appended;
    const marks: number[] = [];
    const again = copyLog(viewOf(source), store, { after: 0, onBatch: ({ events }) => marks.push(events) });
    const end = await source.lastPosition();
    expect(await again).toEqual({ copied: 0, present: end, position: end });
    expect(counts.appended).toBe(appended);
    expect(marks.at(-1)).toBe(end);
  }
});

test.each([
  ['from the start', () => 0],
  ['from its mark', (end: number) => end],
])('a copy that others have written to is not written to, %s', async (_, markOf) => {
  const source = new MemoryEventStore();
  await fill(source);
  const { store } = await anyEventStore();
  await copyLog(viewOf(source), store, { after: 0 });
  const after = markOf(await source.lastPosition());
  await store.append([{ stream: 'other-1', expected: 'noStream', events: newEvents(3) }]);
  // With nothing to write, both are only compared.
  expect(await copyLog(viewOf(source), store, { after })).toMatchObject({ copied: 0 });
  await source.append([{ stream: 'order-99', expected: 'noStream', events: newEvents(5) }]);
  expect(await codeOf(copyLog(viewOf(source), store, { after }))).toBe('STORE_CORRUPT');
  expect(await store.readStream('order-99')).toEqual([]);
});

test('what an earlier copy wrote in part is completed', async () => {
  const source = new MemoryEventStore();
  await source.append([{ stream: 'order-1', expected: 'any', events: newEvents(10) }]);
  await fill(source);
  const { store } = await anyEventStore();
  const first = await source.readStream('order-1', { limit: 4 });
  await store.append([{ stream: 'order-1', expected: 'noStream', events: first }]);
  expect(await copyLog(viewOf(source), store, { after: 0 })).toMatchObject({ present: 4 });
  expect(await checksum(store)).toBe(await checksum(source));
});

test('a store with other events is reported, and nothing is overwritten', async () => {
  const source = new MemoryEventStore();
  await fill(source);
  const target = new MemoryEventStore();
  await target.append([{ stream: 'order-3', expected: 'any', events: newEvents(1) }]);
  expect(await codeOf(copyLog(viewOf(source), target, { after: 0 }))).toBe('STORE_CORRUPT');
  expect((await target.readAll({ after: 0, limit: 10 })).events).toHaveLength(1);
});

testOfStandIn('railhead store copy: embedded to EventStoreDB and back, and a difference that it finds', async () => {
  const [there, back] = [join(folder, 'there'), join(folder, 'back')];
  const source = await SqliteEventStore.open({ folder: there });
  await fill(source);
  await source.close();
  const server = await testServer();
  const copy = (from: string, to: string) =>
    railhead('store', 'copy', '--from', from, '--to', to, '--work', folder, '--json');
  const away = JSON.parse((await copy(there, server.connectionString)).stdout);
  expect(away).toMatchObject({ same: true, copied: away.events });
  expect(JSON.parse((await copy(server.connectionString, back)).stdout)).toMatchObject({
    same: true,
    checksum: away.checksum,
  });
  const last = server.log.records.at(-1);
  if (last === undefined) throw new Error('unreachable');
  server.log.append('order-99', 'any', [{ ...last, id: crypto.randomUUID() }]);
  const { code, stdout } = await copy(there, server.connectionString);
  expect({ code, ...JSON.parse(stdout) }).toMatchObject({ code: 1, same: false, copied: 0 });
  expect((await copy(there, there)).code).toBe(2);
  const third = join(folder, 'third');
  const begin = (work: string) => railhead('store', 'copy', '--from', there, '--to', third, '--work', work);
  writeFileSync(join(folder, 'a file'), '');
  expect(await begin(join(folder, 'a file'))).toMatchObject({ code: 2, stderr: expect.stringContaining('--work') });
  expect(existsSync(third)).toBe(false);
  expect((await begin(join(folder, 'new', 'work'))).code).toBe(0);
});
