import { afterEach, expect, test } from '@jest/globals';
import { MemoryEventStore } from '@railhead/infra/eventstore/memory/memory-event-store.ts';
import { newEvent } from '@railhead/tests/support/events.ts';
import { ManualClock } from '@railhead/tests/support/fixed-clock.ts';
import { waitUntil } from '@railhead/tests/support/wait-until.ts';
import type { Logger } from '../ports/logger.ts';
import { DailyReconciliation, type DailyReconciliationDeps } from './daily-reconciliation.ts';
import type { Reconciled, StatedMovement } from './reconcile-payments.ts';

const HOUR_MS = 3_600_000;
const AT = '2026-12-01T10:00:00+08:00';
const PAID_AT = '2026-12-01T12:00:00+08:00';
const told: string[] = [];
const note =
  (level: string) =>
  (_: object, message: string): void => {
    told.push(`${level} ${message}`);
  };
const logger: Logger = { debug: () => {}, info: note('info'), warn: note('warn'), error: note('error') };
let daily: DailyReconciliation | undefined;
afterEach(async () => {
  await daily?.stop();
  told.length = 0;
});

const movement: StatedMovement = { kind: 'payment', at: PAID_AT, paymentNo: 'N1P1', refundNo: '', amountFen: 500 };

const paidStore = async (): Promise<MemoryEventStore> => {
  const store = new MemoryEventStore();
  const created = { paymentNo: 'N1P1', orderNo: 'N1', channel: 'sandbox', amountFen: 500, currency: 'CNY' };
  const paid = { paymentNo: 'N1P1', version: 1, amountFen: 500, gatewayRef: 'r' };
  const events = [newEvent(created, 'PaymentCreated'), newEvent(paid, 'PaymentSucceeded')].map((event) => ({
    ...event,
    meta: { ...event.meta, at: PAID_AT },
  }));
  await store.append([{ stream: 'payment-N1P1', expected: 'noStream', events }]);
  return store;
};

const begin = async (changes: Partial<DailyReconciliationDeps> = {}) => {
  const clock = new ManualClock(Date.parse(AT));
  const reports: { readonly date: string; readonly reconciled: Reconciled }[] = [];
  const asked: string[] = [];
  daily = new DailyReconciliation({
    store: await paidStore(),
    clock,
    logger,
    atMinutes: 240,
    channel: 'sandbox',
    statementOf: async (date) => {
      asked.push(date);
      return date === '2026-12-01' ? [movement] : [];
    },
    report: (date, reconciled) => {
      reports.push({ date, reconciled });
    },
    ...changes,
  });
  daily.start();
  return { clock, reports, asked };
};

test('the day before is compared at its hour, and every day after', async () => {
  const { clock, reports, asked } = await begin();
  await clock.advance(18 * HOUR_MS - 1);
  expect(asked).toEqual([]);
  await clock.advance(1);
  await waitUntil('the first report', () => told.length === 1);
  expect(asked).toEqual(['2026-11-30', '2026-12-01']);
  expect(reports).toMatchObject([{ date: '2026-12-01', reconciled: { checked: 1, differences: [] } }]);
  expect(told).toEqual(['info the payments of a day were compared with the statement']);
  await clock.advance(24 * HOUR_MS);
  await waitUntil('the second report', () => told.length === 2);
  expect(reports.map(({ date }) => date)).toEqual(['2026-12-01', '2026-12-02']);
});

test('a difference that a person has to look at is an error in the log of the process', async () => {
  const { clock, reports } = await begin({ statementOf: async () => [] });
  await clock.advance(18 * HOUR_MS);
  await waitUntil('the report', () => told.length === 1);
  expect(reports[0]?.reconciled.differences).toMatchObject([{ code: 'MISSING_THERE', hereFen: 500, thereFen: 0 }]);
  expect(told).toEqual(['error the payments of a day differ from the statement']);
});

test('a gateway without an answer is asked again, until the day is left to people', async () => {
  let calls = 0;
  const { clock, reports } = await begin({
    statementOf: async () => {
      calls += 1;
      throw new Error('away');
    },
  });
  await clock.advance(18 * HOUR_MS);
  for (let attempt = 1; attempt <= 12; attempt += 1) {
    await waitUntil('the attempt', () => told.length === attempt);
    expect(calls).toBe(attempt);
    if (attempt < 12) await clock.advance(600_000);
  }
  expect(told.at(-1)).toContain('error the payments of a day were not compared');
  expect(reports).toEqual([]);
  await clock.advance(2 * HOUR_MS);
  expect(calls).toBe(12);
});

test('stopped, it asks nobody any more', async () => {
  const { clock, asked } = await begin();
  await daily?.stop();
  await clock.advance(48 * HOUR_MS);
  expect(asked).toEqual([]);
});
