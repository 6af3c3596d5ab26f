import { beforeEach, describe, expect, test } from '@jest/globals';
import { everyDay, type Train } from '@railhead/domain/timetable/timetable.ts';
import type { TrainRunOpened } from '@railhead/domain/train-run/events.ts';
import { runCategory } from '@railhead/domain/train-run/stream.ts';
import { MemoryEventStore } from '@railhead/infra/eventstore/memory/memory-event-store.ts';
import { defaultRollingStock, rollingStockFor } from '@railhead/infra/rolling-stock/rolling-stock.ts';
import { MemorySnapshots } from '@railhead/infra/snapshots/memory-snapshots.ts';
import { ManualClock } from '@railhead/tests/support/fixed-clock.ts';
import { GuidedStore } from '@railhead/tests/support/guided-store.ts';
import { openRuns, type RollingStockOf } from './open-runs.ts';

const train = (number: string, changes: Partial<Train> = {}): Train => ({
  train: number,
  type: '高速动车组',
  stops: [
    { code: 'AAA', name: 'A', arrives: null, departs: 540, km: 0 },
    { code: 'BBB', name: 'B', arrives: 600, departs: 602, km: 100 },
    { code: 'CCC', name: 'C', arrives: 700, departs: null, km: 250 },
  ],
  service: everyDay,
  ...changes,
});
const SATURDAY = '2026-11-21';
const SUNDAY = '2026-11-22';

const stock = defaultRollingStock();
const usual: RollingStockOf = (one) => rollingStockFor(stock, one);

let store = new MemoryEventStore();
beforeEach(() => {
  store = new MemoryEventStore();
});
const open = (trains: readonly Train[], dates: readonly string[], rollingStock = usual) =>
  openRuns({ store, rollingStock, clock: new ManualClock() }, trains, dates);
const opened = async (stream: string): Promise<readonly TrainRunOpened['data'][]> =>
  // Safe cast: a run's stream contains only its opening here.
  (await store.readStream(stream)).map(({ data }) => data as TrainRunOpened['data']);

describe('opening the sale', () => {
  test('opens each train on each of its dates, with everything that its seats and prices depend on', async () => {
    expect(await open([train('G1'), train('G2')], [SATURDAY, SUNDAY])).toEqual({ opened: 4, known: 0, refused: [] });
    const [run, ...more] = await opened(runCategory.stream({ train: 'G1', date: SUNDAY }));
    expect(more).toEqual([]);
    const { composition, tariff } = usual(train('G1'));
    const { stops } = train('G1');
    expect(run).toEqual({
      train: 'G1',
      date: SUNDAY,
      zone: 'Asia/Shanghai',
      trainType: '高速动车组',
      stops,
      composition,
      tariff,
    });
    const [event] = await store.readStream(runCategory.stream({ train: 'G1', date: SUNDAY }));
    expect(event?.meta.at).toBe('2026-11-21T08:00:00.000+08:00');
  });

  test('opens no run on a date the train does not run', async () => {
    const weekdays = train('G1', { service: { ...everyDay, weekdays: [6] } });
    expect(await open([weekdays], [SATURDAY, SUNDAY])).toEqual({ opened: 1, known: 0, refused: [] });
    expect(await opened(runCategory.stream({ train: 'G1', date: SUNDAY }))).toEqual([]);
  });

  test('again opens only what is new', async () => {
    await open([train('G1')], [SATURDAY]);
    expect(await open([train('G1'), train('G2')], [SATURDAY, SUNDAY])).toEqual({ opened: 3, known: 1, refused: [] });
    expect(await store.lastPosition()).toBe(4);
  });

  test('leaves an open run as it is, whatever happened to its train', async () => {
    await open([train('G1')], [SATURDAY]);
    const [before] = await opened(runCategory.stream({ train: 'G1', date: SATURDAY }));
    const moved = train('G1', { stops: train('G1').stops.map((stop) => ({ ...stop, name: `${stop.name}'` })) });
    expect(await open([moved], [SATURDAY, SUNDAY])).toMatchObject({ opened: 1, known: 1 });
    expect(await opened(runCategory.stream({ train: 'G1', date: SATURDAY }))).toEqual([before]);
    expect((await opened(runCategory.stream({ train: 'G1', date: SUNDAY })))[0]?.stops[0]?.name).toBe("A'");
  });

  describe('that is remembered', () => {
    const remembered = (snapshots: MemorySnapshots, trains: readonly Train[], log = store) =>
      openRuns({ store: log, snapshots, rollingStock: usual, clock: new ManualClock() }, trains, [SATURDAY, SUNDAY]);
    const both = [train('G1'), train('G2')];

    test('asks the log about no run of a day that was opened whole', async () => {
      const snapshots = new MemorySnapshots();
      await remembered(snapshots, both);
      const guided = new GuidedStore(store);
      guided.appends.shut(() => true);
      const again = openRuns(
        { store: guided, snapshots, rollingStock: usual, clock: new ManualClock() },
        both.toReversed(),
        [SATURDAY, SUNDAY],
      );
      expect(await again).toEqual({ opened: 0, known: 4, refused: [] });
    });

    test('opens what the timetable has got since, also in place of another train', async () => {
      const snapshots = new MemorySnapshots();
      await remembered(snapshots, both);
      expect(await remembered(snapshots, [...both, train('G3')])).toEqual({ opened: 2, known: 4, refused: [] });
      expect(await remembered(snapshots, [train('G1'), train('G4')])).toEqual({ opened: 2, known: 2, refused: [] });
    });

    test('is not believed in another log, nor in words that nobody understands', async () => {
      const snapshots = new MemorySnapshots();
      await remembered(snapshots, both);
      const other = new MemoryEventStore();
      expect(await remembered(snapshots, both, other)).toMatchObject({ opened: 4 });
      for (const text of ['', '{', '[]', 'null', '{"trains":1}'])
        for (const date of [SATURDAY, SUNDAY]) {
          await snapshots.save(`openedDay-${date}`, text);
          expect(await remembered(snapshots, both, other)).toMatchObject({ opened: 0, known: 4 });
        }
    });

    test('tells each time of a train that cannot be sold', async () => {
      const snapshots = new MemorySnapshots();
      const short = train('G2', { stops: train('G2').stops.slice(0, 1) });
      for (const time of ['first', 'again'])
        expect([time, (await remembered(snapshots, [train('G1'), short])).refused.length]).toEqual([time, 2]);
    });
  });

  test('by two callers at once opens every run once', async () => {
    const trains = Array.from({ length: 40 }, (_, index) => train(`G${index}`));
    const reports = await Promise.all([open(trains, [SATURDAY, SUNDAY]), open(trains, [SATURDAY, SUNDAY])]);
    expect(reports.reduce((sum, report) => sum + report.opened, 0)).toBe(80);
    expect(await store.lastPosition()).toBe(80);
  });

  test('skips a train that cannot be sold, names it, and goes on', async () => {
    const backwards = train('G2', { stops: train('G2').stops.toReversed() });
    const empty: RollingStockOf = (one) => (one.train === 'G3' ? { ...usual(one), composition: [] } : usual(one));
    expect(await open([backwards, train('G3'), train('G4')], [SATURDAY], empty)).toEqual({
      opened: 1,
      known: 0,
      refused: [
        { train: 'G2', date: SATURDAY, code: 'TRAIN_INVALID' },
        { train: 'G3', date: SATURDAY, code: 'NO_SEATS' },
      ],
    });
  });

  test('of many runs reports its progress', async () => {
    const trains = Array.from({ length: 700 }, (_, index) => train(`G${index}`));
    const seen: number[] = [];
    const deps = { store, rollingStock: usual, clock: new ManualClock() };
    await openRuns(deps, trains, [SATURDAY, SUNDAY], (done) => seen.push(done));
    expect(seen.at(-1)).toBe(1_400);
    expect(seen.length).toBeGreaterThan(1);
    expect(seen.toSorted((one, other) => one - other)).toEqual(seen);
  });
});
