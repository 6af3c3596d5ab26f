// A server compares each day with the statement of its gateway, by itself.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { ServedRailway, TODAY } from '../support/served-railway.ts';
import { waitUntil } from '../support/wait-until.ts';

let railway: ServedRailway;
beforeAll(async () => {
  railway = await ServedRailway.start({ rows: 3, letters: 'AC', stops: 3 });
});
afterAll(() => railway.stop());

const HOUR_MS = 3_600_000;

const pathOf = (date: string): string => join(railway.data, 'reconciliation', `payments-${date}.json`);
const reportOf = (date: string) =>
  waitUntil(`the report of ${date}`, () => {
    try {
      return JSON.parse(readFileSync(pathOf(date), 'utf8'));
    } catch {
      return undefined;
    }
  });

test('a server that starts after four compares the day before at once, and none before it of a railway that begins', async () => {
  expect(await reportOf('2026-11-29')).toMatchObject({ total_checked: 0, inconsistent_count: 0 });
  expect(readdirSync(join(railway.data, 'reconciliation'))).toEqual(['payments-2026-11-29.json']);
});

test('at four in the morning a report of the day before stands in the data folder', async () => {
  const { orderNo, amountFen } = (await railway.order()).body;
  const { payUrl } = (await railway.pay(orderNo)).body;
  const headers = { 'Content-Type': 'application/json' };
  await fetch(payUrl, { method: 'POST', headers, body: JSON.stringify({ outcome: 'paid' }) });
  const token = await railway.token('alice');
  await waitUntil(
    'the ticket',
    async () => (await railway.ask(`/v1/orders/${orderNo}`, { token })).body.status === 'SUCCESS',
  );

  railway.clock.leap(20 * HOUR_MS); // from eight in the morning, or a little later
  const report = await reportOf(TODAY);
  expect(report).toMatchObject({
    task_id: `reconciliation_payments_${TODAY.replaceAll('-', '')}`,
    total_checked: 1,
    inconsistent_count: 0,
    railhead_fen: amountFen,
    gateway_fen: amountFen,
    inconsistent_details: [],
  });
  expect(statSync(pathOf(TODAY)).mode & 0o777).toBe(0o600);
  const metrics = (await railway.ask('/metrics')).body;
  expect(metrics).toContain('railhead_reconciliation_differences{part="alarm"} 0');
});
