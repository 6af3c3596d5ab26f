// Reports in the data folder: whole, private, bounded, and listed the newest first, those of payments among them.
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, test } from '@jest/globals';
import type { ReconciliationReport } from '@railhead/commands/ports/reconciliation-reports.ts';
import { tempFolder } from '@railhead/tests/support/temp-folder.ts';
import { ReportFolder } from './report-folder.ts';

const root = tempFolder();
let folders = 0;
let data: string;
let reports: ReportFolder;
beforeEach(() => {
  folders += 1;
  data = join(root, String(folders));
  reports = new ReportFolder(data, 5);
});

const reportOf = (task_id: string, kind?: 'stock' | 'orders'): ReconciliationReport => ({
  task_id,
  ...(kind === undefined ? {} : { kind }),
  start_time: 's',
  end_time: 'e',
  total_checked: 3,
  inconsistent_count: 1,
  auto_fixed_count: 1,
  manual_fix_count: 0,
  inconsistent_details: [{ action: 'auto_fixed', fix_time: 'e', diff: 2 }],
});
const at = (hour: number): string => `20261130T${String(hour).padStart(2, '0')}0000000`;
const filesIn = (): readonly string[] => readdirSync(join(data, 'reconciliation')).sort();

test('there are none before the first', () => {
  expect(reports.list({ limit: 5 })).toEqual({ reports: [], nextCursor: undefined });
  expect(reports.find(`reconciliation_stock_${at(1)}`)).toBeUndefined();
});

test('a report is found by its name, and only its owner may read it', () => {
  const report = reportOf(`reconciliation_stock_${at(1)}`, 'stock');
  reports.save('stock', report);
  expect(reports.find(report.task_id)).toEqual(report);
  expect(filesIn()).toEqual([`stock-${at(1)}.json`]);
  expect(statSync(join(data, 'reconciliation', `stock-${at(1)}.json`)).mode & 0o777).toBe(0o600);
});

test('the newest come first, page by page, of all kinds or of one', () => {
  const payments = { ...reportOf('reconciliation_payments_20261129'), railhead_fen: 5, gateway_fen: 7 };
  reports.save('payments', payments);
  for (const hour of [8, 9]) {
    reports.save('stock', reportOf(`reconciliation_stock_${at(hour)}`, 'stock'));
    reports.save('orders', reportOf(`reconciliation_orders_${at(hour)}`, 'orders'));
  }
  const listed: string[] = [];
  for (let cursor: string | undefined, isFirst = true; isFirst || cursor !== undefined; isFirst = false) {
    const page = reports.list({ limit: 2, cursor });
    listed.push(...page.reports.map(({ task_id }) => task_id.replace('reconciliation_', '')));
    cursor = page.nextCursor;
  }
  expect(listed).toEqual([
    `stock_${at(9)}`,
    `orders_${at(9)}`,
    `stock_${at(8)}`,
    `orders_${at(8)}`,
    'payments_20261129',
  ]);
  const { inconsistent_details: _, ...summary } = payments;
  expect(reports.list({ kind: 'payments', limit: 9 }).reports).toEqual([{ ...summary, kind: 'payments' }]);
  expect(reports.has('reconciliation_payments_20261129')).toBe(true);
  expect(reports.has('reconciliation_payments_20261128')).toBe(false);
});

test('the oldest of a kind make room', () => {
  reports.save('orders', reportOf(`reconciliation_orders_${at(0)}`, 'orders'));
  for (let hour = 1; hour <= 8; hour += 1) reports.save('stock', reportOf(`reconciliation_stock_${at(hour)}`, 'stock'));
  expect(filesIn()).toEqual([`orders-${at(0)}.json`, ...[4, 5, 6, 7, 8].map((hour) => `stock-${at(hour)}.json`)]);
});

test('what is no report is no report', () => {
  const folder = join(data, 'reconciliation');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `stock-${at(1)}.json`), '{"task_id":"half');
  writeFileSync(join(folder, `stock-${at(2)}.json.new`), '{}');
  writeFileSync(join(folder, 'notes.txt'), 'hello');
  reports.save('stock', reportOf(`reconciliation_stock_${at(3)}`, 'stock'));
  expect(reports.list({ limit: 9 }).reports.map(({ task_id }) => task_id)).toEqual([`reconciliation_stock_${at(3)}`]);
  expect(reports.find(`reconciliation_stock_${at(1)}`)).toBeUndefined();
  for (const name of ['../secrets', 'reconciliation_stock_../../secrets', 'reconciliation_notes_20261130', ''])
    expect(reports.find(name)).toBeUndefined();
  expect(() => reports.save('stock', reportOf('../secrets'))).toThrow('not the name of a report');
  expect(readFileSync(join(folder, 'notes.txt'), 'utf8')).toBe('hello');
});
