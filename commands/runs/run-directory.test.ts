import { describe, expect, test } from '@jest/globals';
import { accept } from '@railhead/domain/kernel/decision.ts';
import type { OpenedRun } from '@railhead/domain/train-run/fold.ts';
import { runCategory } from '@railhead/domain/train-run/stream.ts';
import { newEvent } from '@railhead/tests/support/events.ts';
import { ManualClock } from '@railhead/tests/support/fixed-clock.ts';
import { GuidedStore } from '@railhead/tests/support/guided-store.ts';
import { MemoryCheckpoints } from '@railhead/tests/support/memory-checkpoints.ts';
import { openedRun } from '@railhead/tests/support/opened-run.ts';
import { waitUntil } from '@railhead/tests/support/wait-until.ts';
import type { Allocators } from '../allocation/operation.ts';
import { addCoaches } from '../inventory/add-coaches.ts';
import { cancelRun } from '../inventory/cancel-run.ts';
import type { InventoryDeps } from '../inventory/operator.ts';
import { RunProcess } from '../run-process/run-process.ts';
import { RunDirectory } from './run-directory.ts';

const DATE = '2026-12-01';
const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

const openRun = async (store: GuidedStore, train = 'G1'): Promise<void> => {
  const tariff = { ...openedRun().tariff, ratesMilliFenPerKm: { second: 46_000 } };
  const events = [newEvent(openedRun({ train, tariff }), 'TrainRunOpened')];
  await store.append([{ stream: runCategory.stream({ train, date: DATE }), expected: 'noStream', events }]);
};

describe('a directory of runs', () => {
  test('reads a run once for all who ask, and again when it is forgotten', async () => {
    const store = new GuidedStore();
    await openRun(store);
    const runs = new RunDirectory(store);
    const found = await Promise.all([runs.find('G1', DATE), runs.find('G1', DATE), runs.find('G1', DATE)]);
    expect(new Set(found).size).toBe(1);
    expect(store.read).toHaveLength(1);
    runs.forget('G2', DATE);
    runs.forget('G1', '2026-12-02');
    await runs.find('G1', DATE);
    expect(store.read).toHaveLength(1);
    runs.forget('G1', DATE);
    await runs.find('G1', DATE);
    await runs.findNow('G1', DATE);
    expect(store.read).toHaveLength(3);
  });

  test('does not remember that a run is missing or could not be read', async () => {
    const store = new GuidedStore();
    const runs = new RunDirectory(store);
    expect(await runs.find('G1', DATE)).toBeUndefined();
    store.failure = 'STORE_UNAVAILABLE';
    await expect(runs.find('G1', DATE)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    store.failure = undefined;
    await openRun(store);
    expect(await runs.find('G1', DATE)).toMatchObject({ train: 'G1', status: 'open' });
  });

  test('remembers twenty thousand runs, and then no more than that', async () => {
    const store = new GuidedStore();
    // The same run under many stream names.
    const [opened] = [newEvent(openedRun(), 'TrainRunOpened')];
    const names = Array.from({ length: 20_001 }, (_, n) => `T${n}`);
    for (let start = 0; start < names.length; start += 10_000)
      await store.append(
        names.slice(start, start + 10_000).map((train) => ({
          stream: runCategory.stream({ train, date: DATE }),
          expected: 'noStream',
          events: [opened],
        })),
      );
    const runs = new RunDirectory(store);
    for (const train of names) await runs.find(train, DATE);
    expect(store.read).toHaveLength(20_001);
    for (const train of names.slice(1)) await runs.find(train, DATE);
    expect(store.read).toHaveLength(20_001);
    await runs.find('T0', DATE);
    expect(store.read).toHaveLength(20_002);
  });
});

test('seats of more compositions than are remembered are those of each', () => {
  const runs = new RunDirectory(new GuidedStore());
  const withSeats = (seats: number): OpenedRun => ({
    ...openedRun({ composition: [{ coach: '01', seatClass: 'hardSeat', layout: { kind: 'numbers', seats } }] }),
    status: 'open',
    settled: false,
    seatsAssigned: false,
    handled: [],
  });
  for (const count of [1_001, 3, 1_001])
    for (let seats = 1; seats <= count; seats += 1)
      if (runs.seatsOf(withSeats(seats), 'hardSeat').length !== seats) throw new Error(`${seats} seats became others`);
  expect(runs.seatsOf(withSeats(3), 'second')).toEqual([]);
});

describe('what one node does to a run', () => {
  /** A node that follows the log and has remembered the run; its allocators have nothing to do here. */
  const nodeOn = async (store: GuidedStore) => {
    const runs = new RunDirectory(store);
    const extended: string[] = [];
    const pool: Allocators = {
      submit: async () => accept({ lockId: '', plan: { orderNo: '', epoch: 0, legs: [] } }),
      extend: async (train: string, date: string) => {
        extended.push(`${train}_${date}`);
      },
    };
    const clock = new ManualClock();
    const process = new RunProcess({
      store,
      checkpoints: new MemoryCheckpoints(),
      pool,
      runs,
      clock,
      logger: silent,
      assignMinutes: 60,
    });
    await process.start();
    await runs.find('G1', DATE);
    const deps: InventoryDeps = { store, pool, runs, clock };
    return { runs, process, deps, extended };
  };
  const command = {
    train: 'G1',
    date: DATE,
    operator: 'olga',
    idempotencyKey: 'k',
    correlationId: 'c',
  };

  test('reaches every other node with its event: there the run is cancelled, or has the new coaches', async () => {
    const store = new GuidedStore();
    await openRun(store);
    const [one, two] = [await nodeOn(store), await nodeOn(store)];
    const heard = async (): Promise<void> => {
      const position = await store.lastPosition();
      await waitUntil('both to hear', () => one.process.position >= position && two.process.position >= position);
    };
    const layout = { kind: 'rows', rows: 1, letters: 'A' } as const;
    await addCoaches(one.deps, { ...command, coaches: [{ coach: '02', seatClass: 'second', layout }] });
    expect((await one.runs.find('G1', DATE))?.composition).toHaveLength(2);
    await heard();
    expect((await two.runs.find('G1', DATE))?.composition).toHaveLength(2);
    expect(two.extended).toEqual(['G1_2026-12-01']);
    await cancelRun(one.deps, { ...command, reason: 'snow' });
    expect((await one.runs.find('G1', DATE))?.status).toBe('cancelled');
    await heard();
    expect((await two.runs.find('G1', DATE))?.status).toBe('cancelled');
    await waitUntil('the settlement', async () =>
      (await store.readAll({ after: 0, limit: 100 })).events.some(({ type }) => type === 'TrainRunCancellationSettled'),
    );
    await heard();
    expect((await two.runs.find('G1', DATE))?.settled).toBe(true);
    await Promise.all([one.process.stop(), two.process.stop()]);
  });
});
