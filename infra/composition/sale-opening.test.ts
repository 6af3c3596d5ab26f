import { expect, test } from '@jest/globals';
import { bestFitOnly } from '@railhead/commands/allocation/selling-rules.ts';
import type { Logger } from '@railhead/commands/ports/logger.ts';
import type { Snapshots } from '@railhead/commands/ports/snapshots.ts';
import { RunDirectory } from '@railhead/commands/runs/run-directory.ts';
import { importTimetable } from '@railhead/commands/timetable/import-timetable.ts';
import { runCategory } from '@railhead/domain/train-run/stream.ts';
import { ManualClock } from '@railhead/tests/support/fixed-clock.ts';
import { GuidedStore } from '@railhead/tests/support/guided-store.ts';
import { loadRollingStock } from '../rolling-stock/rolling-stock.ts';
import { MemorySnapshots } from '../snapshots/memory-snapshots.ts';
import { sampleSource } from '../timetable/sample/sample.ts';
import { SaleOpening } from './sale-opening.ts';

const MINUTE_MS = 60_000;
const SALE_DAYS = 2;
/** Half an hour before midnight. */
const EVENING = Date.parse('2026-11-30T23:30:00+08:00');

const opening = async (snapshots: Snapshots = new MemorySnapshots()) => {
  const clock = new ManualClock(EVENING);
  const store = new GuidedStore();
  await importTimetable({ store, clock }, sampleSource(), () => {});
  const errors: string[] = [];
  const quiet = (): void => {};
  const logger: Logger = { debug: quiet, info: quiet, warn: quiet, error: (_, message) => errors.push(message) };
  const runs = new RunDirectory(store);
  const rollingStock = loadRollingStock(undefined);
  const deps = { store, clock, logger, runs, rules: bestFitOnly, rollingStock, snapshots, saleDays: SALE_DAYS };
  const sale = new SaleOpening(deps);
  /** Dates that have an open run of train G1. */
  const dates = async (): Promise<readonly string[]> => {
    const { events } = await store.readAll({ after: 0, limit: 10_000, categories: [runCategory.name] });
    return events.map(({ stream }) => stream).flatMap((stream) => /^trainRun-G1_(.*)$/.exec(stream)?.[1] ?? []);
  };
  return { clock, store, sale, dates, errors };
};

test('every train gets its runs of the window, and no run twice', async () => {
  const { sale, dates } = await opening();
  const first = await sale.open();
  expect(first.opened).toBe(24 * SALE_DAYS);
  expect(await sale.open()).toMatchObject({ opened: 0, known: first.opened });
  expect(await dates()).toEqual(['2026-11-30', '2026-12-01']);
});

test('the sale opens also where it cannot be remembered that it did', async () => {
  const broken = { load: async () => undefined, save: () => Promise.reject(new Error('no room')) };
  const { sale, dates } = await opening(broken);
  expect(await sale.open()).toMatchObject({ opened: 24 * SALE_DAYS });
  expect(await dates()).toHaveLength(SALE_DAYS);
});

test('a new day is opened soon after midnight, once, until the sale is stopped', async () => {
  const { clock, sale, dates } = await opening();
  await sale.open();
  sale.keepOpen();
  await clock.advance(29 * MINUTE_MS);
  expect(await dates()).toHaveLength(2);
  await clock.advance(3 * MINUTE_MS);
  expect(await dates()).toEqual(['2026-11-30', '2026-12-01', '2026-12-02']);
  await clock.advance(60 * MINUTE_MS);
  expect(await dates()).toHaveLength(3);
  await sale.stop();
  await clock.advance(24 * 60 * MINUTE_MS);
  expect(await dates()).toHaveLength(3);
});

test('a stop shortly before midnight is the last of it', async () => {
  const { clock, sale, dates } = await opening();
  await sale.open();
  sale.keepOpen();
  await clock.advance(29.5 * MINUTE_MS);
  await sale.stop();
  await clock.advance(2 * MINUTE_MS);
  expect(await dates()).toHaveLength(2);
});

test('midnight between the opening and the first look is noticed', async () => {
  const { clock, sale, dates } = await opening();
  await sale.open();
  await clock.advance(31 * MINUTE_MS);
  sale.keepOpen();
  await clock.advance(2 * MINUTE_MS);
  expect(await dates()).toHaveLength(3);
  await sale.stop();
});

test('a day that cannot be opened is told of and tried again', async () => {
  const { clock, store, sale, dates, errors } = await opening();
  await sale.open();
  sale.keepOpen();
  store.failure = 'STORE_FULL';
  await clock.advance(33 * MINUTE_MS);
  expect(errors.length).toBeGreaterThanOrEqual(2);
  store.failure = undefined;
  expect(await dates()).toHaveLength(2);
  await clock.advance(2 * MINUTE_MS);
  expect(await dates()).toHaveLength(3);
  await sale.stop();
});

test('a stop waits for an opening that is under way', async () => {
  const { clock, store, sale, dates } = await opening();
  await sale.open();
  sale.keepOpen();
  store.appends.shut(() => true);
  await clock.advance(32 * MINUTE_MS);
  let hasStopped = false;
  const stopped = sale.stop().then(() => {
    hasStopped = true;
  });
  await clock.advance(1);
  expect({ hasStopped, waiting: store.appends.waiting > 0 }).toEqual({ hasStopped: false, waiting: true });
  store.appends.open();
  await stopped;
  await clock.advance(25 * 60 * MINUTE_MS);
  expect(await dates()).toHaveLength(3);
});
