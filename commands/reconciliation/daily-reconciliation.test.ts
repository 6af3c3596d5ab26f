import { afterEach, describe, expect, test } from '@jest/globals';
import { addDays } from '@railhead/domain/timetable/timetable.ts';
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
/** Of a process that ran before. */
const DAYS_BEFORE = Array.from({ length: 7 }, (_, index) => addDays('2026-11-30', -index));
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

/** The clock can be set to another time, as people and machines do, without the waits coming to their end. */
class SetClock extends ManualClock {
  #setMs = 0;
  override now(): number {
    return super.now() + this.#setMs;
  }
  set(byMs: number): void {
    this.#setMs += byMs;
  }
}

type Begin = Partial<DailyReconciliationDeps> & { readonly at?: string; readonly reported?: readonly string[] };

const begin = async ({ at = AT, reported = DAYS_BEFORE, ...changes }: Begin = {}) => {
  const clock = new SetClock(Date.parse(at));
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
    isReported: (date) => reported.includes(date),
    ...changes,
  });
  daily.start();
  return { clock, reports, asked, dates: () => reports.map(({ date }) => date) };
};

test('the day before is compared at its hour, and every day after', async () => {
  const { clock, reports, asked, dates } = await begin();
  await clock.advance(18 * HOUR_MS - 1);
  expect(asked).toEqual([]);
  await clock.advance(1);
  await waitUntil('the first report', () => told.length === 1);
  expect(asked).toEqual(['2026-11-30', '2026-12-01']);
  expect(reports).toMatchObject([{ date: '2026-12-01', reconciled: { checked: 1, differences: [] } }]);
  expect(told).toEqual(['info the payments of a day were compared with the statement']);
  await clock.advance(24 * HOUR_MS);
  await waitUntil('the second report', () => told.length === 2);
  expect(dates()).toEqual(['2026-12-01', '2026-12-02']);
  expect(asked).toHaveLength(4);
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

describe('days on which no process ran at the hour', () => {
  test('are compared at the start, oldest first, if they are of the last seven and not reported', async () => {
    const { asked, dates } = await begin({ at: '2026-12-09T04:00:00+08:00', reported: ['2026-12-05'] });
    await waitUntil('the reports', () => dates().at(-1) === '2026-12-08');
    expect(dates()).toEqual(['02', '03', '04', '06', '07', '08'].map((day) => `2026-12-${day}`));
    // Each statement once.
    expect(asked).toEqual(['01', '02', '03', '04', '05', '06', '07', '08'].map((day) => `2026-12-${day}`));
  });

  test('are compared at the start but for yesterday, whose hour has not come', async () => {
    const { clock, dates } = await begin({ at: '2026-12-03T03:59:59.999+08:00', reported: DAYS_BEFORE });
    await waitUntil('the report', () => dates().length === 1);
    expect(dates()).toEqual(['2026-12-01']);
    await clock.advance(1);
    await waitUntil('yesterday', () => dates().length === 2);
    expect(dates()).toEqual(['2026-12-01', '2026-12-02']);
  });

  test('and that were before the first movement leave no report, unless the gateway states one, or it is yesterday', async () => {
    const early = { at: '2026-12-02T05:00:00+08:00', reported: [] };
    const inLog = await begin(early);
    await waitUntil('yesterday', () => inLog.dates().length > 0);
    expect(inLog.dates()).toEqual(['2026-12-01']);
    await inLog.clock.advance(3 * HOUR_MS);
    expect(inLog.asked).toHaveLength(8);
    await daily?.stop();
    const before = { ...movement, at: '2026-11-29T12:00:00+08:00', paymentNo: 'N0P1' };
    const statementOf = async (date: string) => (date === '2026-11-29' ? [before] : []);
    const stated = await begin({ ...early, statementOf });
    await waitUntil('yesterday', () => stated.dates().at(-1) === '2026-12-01');
    expect(stated.dates()).toEqual(['2026-11-29', '2026-12-01']);
    await daily?.stop();
    const nothing = await begin({ ...early, store: new MemoryEventStore(), statementOf: async () => [] });
    await waitUntil('yesterday', () => nothing.dates().length > 0);
    expect(nothing.dates()).toEqual(['2026-12-01']);
  });

  test('do not wait for one that cannot be compared, which is tried again', async () => {
    let isAway = true;
    const { clock, dates } = await begin({
      at: '2026-12-05T10:00:00+08:00',
      statementOf: async (date) => {
        if (isAway && date === '2026-12-02') throw new Error('away');
        return date === '2026-12-01' ? [movement] : [];
      },
    });
    await waitUntil('the others', () => dates().at(-1) === '2026-12-04');
    expect(dates()).toEqual(['2026-12-01', '2026-12-04']);
    isAway = false;
    await clock.advance(600_000);
    await waitUntil('all', () => dates().length === 4);
    expect(dates().slice(2)).toEqual(['2026-12-02', '2026-12-03']);
  });
});

test('a clock that is set to another day leaves no day out', async () => {
  const { clock, dates } = await begin();
  clock.set(48 * HOUR_MS);
  await clock.advance(HOUR_MS);
  await waitUntil('both days', () => dates().length === 2);
  expect(dates()).toEqual(['2026-12-01', '2026-12-02']);
});
