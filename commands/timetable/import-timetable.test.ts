import { beforeEach, describe, expect, test } from '@jest/globals';
import { everyDay, type Station, type Train } from '@railhead/domain/timetable/timetable.ts';
import { MemoryEventStore } from '@railhead/infra/eventstore/memory/memory-event-store.ts';
import { ManualClock } from '@railhead/tests/support/fixed-clock.ts';
import { TimetableError, type TimetableItem, type TimetableSource } from '../ports/timetable-source.ts';
import { importTimetable } from './import-timetable.ts';
import { readTimetable } from './read-timetable.ts';

const station = (code: string, name = code): TimetableItem => ({
  kind: 'station',
  station: { code, name, city: name, pinyin: '' } satisfies Station,
});
const train = (number: string, arrives = 600): TimetableItem => ({
  kind: 'train',
  train: {
    train: number,
    type: 'fast',
    stops: [
      { code: 'AAA', name: 'A', arrives: null, departs: 540, km: 0 },
      { code: 'BBB', name: 'B', arrives, departs: null, km: 100 },
    ],
    service: everyDay,
  } satisfies Train,
});
const skipped = (line: number, code: string): TimetableItem => ({
  kind: 'skipped',
  row: { file: 'trips.txt', line, code, detail: `row ${line}` },
});

const sourceOf = (items: readonly TimetableItem[], failure?: Error): TimetableSource => ({
  name: 'test',
  async *read(onProgress) {
    yield* items;
    if (failure !== undefined) throw failure;
    onProgress({ phase: 'read', done: items.length, total: items.length });
  },
});

let store = new MemoryEventStore();
beforeEach(() => {
  store = new MemoryEventStore();
});
const publish = (items: readonly TimetableItem[], failure?: Error) => {
  const deps = { store, clock: new ManualClock() };
  return importTimetable(deps, sourceOf(items, failure), () => {});
};
const typesIn = async (stream: string): Promise<readonly string[]> =>
  (await store.readStream(stream)).map(({ type }) => type);
const arrivalsOf = async (number: string): Promise<readonly unknown[]> =>
  // Safe cast: the import wrote it from a Train.
  (await store.readStream(`train-${number}`)).map(({ data }) => (data as Train).stops[1]?.arrives);

const small = [station('AAA'), station('BBB'), train('G1'), train('G2')];

describe('a timetable', () => {
  test('becomes an event for each station and train', async () => {
    const report = await publish(small);
    expect(report).toEqual({
      source: 'test',
      stations: 2,
      trains: 2,
      stops: 4,
      unchanged: 0,
      skipped: 0,
      skippedByCode: {},
      examples: [],
    });
    expect(await typesIn('station-AAA')).toEqual(['StationRegistered']);
    expect(await typesIn('train-G2')).toEqual(['TrainTimetabled']);
    expect([...(await readTimetable(store)).keys()]).toEqual(['G1', 'G2']);
  });

  test('imported again changes nothing, however often and in whatever order of fields', async () => {
    await publish(small);
    const before = await store.lastPosition();
    expect(await publish(small)).toMatchObject({ trains: 2, unchanged: 4 });
    const reordered = small.map((item) =>
      item.kind === 'train'
        ? { ...item, train: Object.fromEntries(Object.entries(item.train).reverse()) as unknown as Train }
        : item,
    );
    expect(await publish(reordered)).toMatchObject({ trains: 2, unchanged: 4 });
    expect(await store.lastPosition()).toBe(before);
  });

  test('that changed adds an event for what changed, and for nothing else', async () => {
    await publish(small);
    expect(await publish([station('AAA'), station('BBB', 'B city'), train('G1', 610), train('G2')])).toMatchObject({
      unchanged: 2,
    });
    expect(await arrivalsOf('G1')).toEqual([600, 610]);
    expect(await arrivalsOf('G2')).toEqual([600]);
    expect(await typesIn('station-BBB')).toHaveLength(2);
    expect((await readTimetable(store)).get('G1')?.stops[1]?.arrives).toBe(610);
  });

  test('may change back: the last published state counts', async () => {
    for (const arrives of [600, 610, 600, 600, 610]) await publish([train('G1', arrives)]);
    expect(await arrivalsOf('G1')).toEqual([600, 610, 600, 610]);
  });

  test('leaves trains that it does not name as they are', async () => {
    await publish(small);
    await publish([train('G3')]);
    expect([...(await readTimetable(store)).keys()]).toEqual(['G1', 'G2', 'G3']);
  });

  test('of any size is published whole', async () => {
    const many = Array.from({ length: 1_234 }, (_, index) => train(`G${index}`));
    expect(await publish(many)).toMatchObject({ stations: 0, trains: 1_234, stops: 2_468, unchanged: 0 });
    expect((await readTimetable(store)).size).toBe(1_234);
    expect(await publish(many)).toMatchObject({ unchanged: 1_234 });
  });
});

describe('a source', () => {
  test('that names a train twice means what it says last, near or far from the first', async () => {
    const others = Array.from({ length: 600 }, (_, index) => train(`K${index}`));
    expect(await publish([train('G1', 601), train('G1', 602), ...others, train('G1', 603)])).toMatchObject({
      trains: 603,
    });
    expect((await readTimetable(store)).get('G1')?.stops[1]?.arrives).toBe(603);
    expect((await arrivalsOf('G1')).includes(601)).toBe(false);
  });

  test('is read back whole from among all that is in the log', async () => {
    const many = Array.from({ length: 2_500 }, (_, index) => [station(`S${index}`), train(`G${index}`)]).flat();
    await publish(many);
    await publish([train('G0', 700)]);
    const trains = await readTimetable(store);
    expect(trains.size).toBe(2_500);
    expect([trains.get('G0')?.stops[1]?.arrives, trains.get('G2499')?.stops[1]?.arrives]).toEqual([700, 600]);
  });

  test('that is imported while another one writes is refused, and leaves what the other wrote', async () => {
    const deps = { store, clock: new ManualClock() };
    const other: TimetableSource = {
      name: 'slow',
      async *read() {
        yield train('G1', 601);
      },
    };
    const racing = Object.assign(Object.create(store) as MemoryEventStore, {
      // Between what is read of the stream and what is written behind it.
      append: async (...args: Parameters<MemoryEventStore['append']>) => {
        await publish([train('G1', 602)]);
        return store.append(...args);
      },
      readStream: store.readStream.bind(store),
    });
    await expect(importTimetable({ ...deps, store: racing }, other, () => {})).rejects.toMatchObject({
      code: 'TIMETABLE_NOT_READABLE',
    });
    expect(await arrivalsOf('G1')).toEqual([602]);
    const [event] = await store.readStream('train-G1');
    expect(event?.meta).toMatchObject({ actor: 'railhead', correlationId: 'test' });
  });
});

describe('what is left out', () => {
  test('is counted by its reason, and the first of it shown', async () => {
    const rows = Array.from({ length: 120 }, (_, line) => skipped(line, line % 3 === 0 ? 'BAD_TIME' : 'BAD_ROW'));
    const report = await publish([...rows, train('G1')]);
    expect(report).toMatchObject({ trains: 1, skipped: 120, skippedByCode: { BAD_TIME: 40, BAD_ROW: 80 } });
    expect(report.examples).toHaveLength(50);
    expect(report.examples[0]).toEqual({ file: 'trips.txt', line: 0, code: 'BAD_TIME', detail: 'row 0' });
  });

  test('after a source broke off is completed by the next import', async () => {
    const many = Array.from({ length: 700 }, (_, index) => train(`G${index}`));
    const torn = publish(many, new TimetableError('ARCHIVE_CORRUPT', 'cut short'));
    await expect(torn).rejects.toMatchObject({ code: 'ARCHIVE_CORRUPT' });
    const kept = (await readTimetable(store)).size;
    expect(kept).toBeLessThan(700);
    expect(await publish(many)).toMatchObject({ unchanged: kept });
    expect((await readTimetable(store)).size).toBe(700);
  });
});
