// When comparisons are done, by whom, and what becomes of those that fail or are stopped.
import { beforeEach, describe, expect, test } from '@jest/globals';
import { ManualClock } from '@railhead/tests/support/fixed-clock.ts';
import type { ReconciliationReport, ReconciliationReports } from '../ports/reconciliation-reports.ts';
import { givingWay } from './giving-way.ts';
import type { Reconciled } from './reconciled.ts';
import { type ComparedKind, type ComparisonAsked, Reconciliations } from './reconciliations.ts';

const HOUR_MS = 3_600_000;
const found = (counts: Partial<Reconciled['counts']> = {}): Reconciled => ({
  checked: 7,
  counts: { auto_fixed: 0, repaired: 0, alarm: 0, left: 0, ...counts },
  details: [],
});

let clock: ManualClock;
let saved: ReconciliationReport[];
let lines: string[];
let compared: [ComparedKind, ComparisonAsked][];
let fed: Record<ComparedKind, boolean>;
let compare: (kind: ComparedKind, signal: AbortSignal) => Promise<Reconciled | undefined>;
beforeEach(() => {
  [clock, saved, lines, compared] = [new ManualClock(), [], [], []];
  fed = { stock: true, orders: true };
  compare = async () => found();
});

const begun = ({ everyMinutes = 60 } = {}): Reconciliations => {
  const reports: ReconciliationReports = {
    save: (_, report) => void saved.push(report),
    find: () => undefined,
    list: () => ({ reports: [], nextCursor: undefined }),
  };
  const line = (level: string) => (_: object, message: string) => void lines.push(`${level} ${message}`);
  const comparison = (kind: ComparedKind) => ({
    isFedHere: () => fed[kind],
    compare: (asked: ComparisonAsked, signal: AbortSignal) => {
      compared.push([kind, asked]);
      return compare(kind, signal);
    },
  });
  const reconciliations = new Reconciliations({
    clock,
    logger: { debug: line('debug'), info: line('info'), warn: line('warn'), error: line('error') },
    reports,
    comparisons: { stock: comparison('stock'), orders: comparison('orders') },
    everyMinutes,
    done: () => {},
  });
  reconciliations.start();
  return reconciliations;
};

describe('by themselves', () => {
  test('every hour, the stock first, and not before', async () => {
    begun();
    await clock.advance(HOUR_MS - 1);
    expect(compared).toEqual([]);
    await clock.advance(1);
    await clock.advance(HOUR_MS);
    expect(compared.map(([kind]) => kind)).toEqual(['stock', 'orders', 'stock', 'orders']);
    expect(saved.map(({ kind, total_checked }) => [kind, total_checked])).toEqual([
      ['stock', 7],
      ['orders', 7],
      ['stock', 7],
      ['orders', 7],
    ]);
    expect(new Set(saved.map(({ task_id }) => task_id)).size).toBe(4);
    expect(saved[0]?.task_id).toBe('reconciliation_stock_20261121T010000000');
  });

  test('never where that is set, and only what this process feeds', async () => {
    begun({ everyMinutes: 0 });
    await clock.advance(24 * HOUR_MS);
    expect(compared).toEqual([]);
    fed = { stock: false, orders: true };
    begun();
    await clock.advance(HOUR_MS);
    expect(compared.map(([kind]) => kind)).toEqual(['orders']);
  });

  test('one that fails is told and reported, and the next hour tries again', async () => {
    compare = async (kind) => {
      if (kind === 'stock' && compared.length === 1) throw new Error('Redis is away');
      return found();
    };
    begun();
    await clock.advance(2 * HOUR_MS);
    expect(compared.map(([kind]) => kind)).toEqual(['stock', 'orders', 'stock', 'orders']);
    expect(saved[0]).toMatchObject({ kind: 'stock', failure: 'Redis is away', total_checked: 0 });
    expect(lines[0]).toBe('warn the stock could not be compared with the log');
  });

  test.each([
    [{}, 'info', [0, 0, 0]],
    [{ auto_fixed: 2, left: 1 }, 'warn', [3, 2, 1]],
    [{ repaired: 1, alarm: 3 }, 'error', [4, 1, 3]],
  ] as const)('what is found is counted and told: %j is a line of level %s', async (counts, level, numbers) => {
    compare = async () => found(counts);
    begun();
    await clock.advance(HOUR_MS);
    const { inconsistent_count, auto_fixed_count, manual_fix_count } = saved[0] ?? {};
    expect([inconsistent_count, auto_fixed_count, manual_fix_count]).toEqual(numbers);
    expect(lines[0]).toMatch(new RegExp(`^${level} the stock shown`));
  });
});

describe('asked for', () => {
  test('one is done at a time', async () => {
    let goOn = (): void => {};
    compare = () =>
      new Promise((resolve) => {
        goOn = () => resolve(found());
      });
    const reconciliations = begun();
    const first = reconciliations.begin('orders', { repair: true });
    if (!first.ok) throw new Error('nothing is being done');
    expect(reconciliations.underWay?.taskId).toBe(first.value.taskId);
    expect(reconciliations.begin('stock', {})).toMatchObject({
      ok: false,
      refusal: { code: 'RECONCILIATION_UNDER_WAY', extra: { taskId: first.value.taskId } },
    });
    // The hour that comes meanwhile is left out.
    await clock.advance(HOUR_MS);
    expect(compared).toEqual([['orders', { repair: true }]]);
    goOn();
    expect((await first.value.report)?.task_id).toBe(first.value.taskId);
    expect(reconciliations.begin('stock', {}).ok).toBe(true);
  });

  test('a run that there is not leaves no report', async () => {
    compare = async () => undefined;
    const one = begun().begin('stock', { run: { train: 'G9', date: '2026-12-01' } });
    expect(one.ok && (await one.value.report)).toBeUndefined();
    expect(saved).toEqual([]);
  });
});

describe('when the process stops', () => {
  test('one that is being done ends at its next page, and leaves no report', async () => {
    const giveWay = givingWay(
      clock,
      () => true,
      () => Promise.resolve(),
    );
    compare = async (_, signal) => {
      for (;;) await giveWay(signal);
    };
    const reconciliations = begun();
    const one = reconciliations.begin('stock', {});
    const stopped = reconciliations.stop();
    await clock.advance(100);
    await stopped;
    expect(one.ok && (await one.value.report)).toBeUndefined();
    expect([saved, lines]).toEqual([[], []]);
    await clock.advance(2 * HOUR_MS);
    expect(compared).toHaveLength(1);
  });

  test('a server that does not answer is not waited for, nor what then comes of it', async () => {
    let fail = (_: Error): void => {};
    compare = () =>
      new Promise((_, reject) => {
        fail = reject;
      });
    const reconciliations = begun();
    const one = reconciliations.begin('stock', {});
    const stopped = reconciliations.stop();
    expect(one.ok && (await one.value.report)).toBeUndefined();
    await clock.advance(999);
    await stopped;
    fail(new Error('the store is closed'));
    await clock.advance(1);
    expect([saved, lines]).toEqual([[], []]);
  });
});

describe('giving way', () => {
  test('waits while the process is busy, but not for ever', async () => {
    let [isBusy, passed] = [true, 0];
    const { signal } = new AbortController();
    const giveWay = givingWay(
      clock,
      () => isBusy,
      () => Promise.resolve(),
    );
    void giveWay(signal).then(() => {
      passed += 1;
    });
    await clock.advance(1_900);
    expect(passed).toBe(0);
    await clock.advance(100);
    expect(passed).toBe(1);
    void giveWay(signal).then(() => {
      passed += 1;
    });
    await clock.advance(100);
    isBusy = false;
    await clock.advance(100);
    expect(passed).toBe(2);
  });
});
