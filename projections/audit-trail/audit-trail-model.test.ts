import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { categoryOf, type RecordedEvent } from '@railhead/commands/ports/event-store.ts';
import { newEvent } from '@railhead/tests/support/events.ts';
import { anyLog, readSideOf } from '@railhead/tests/support/read-side.ts';
import { eventsOfHistory } from '@railhead/tests/support/stored-histories.ts';
import fc from 'fast-check';
import { type ReadDatabase, tablesOf } from '../engine/read-database.ts';
import { aboutOf } from './about.ts';
import { auditTrailModel } from './audit-trail-model.ts';
import { type AuditFilter, AuditTrailQueries } from './audit-trail-queries.ts';
import type { AuditTrailTables } from './audit-trail-tables.ts';

let database: ReadDatabase;
beforeEach(async () => {
  database = await readSideOf(auditTrailModel);
});
afterEach(() => database.db.destroy());

/** In batches of so many, by a model that is opened again before each. */
const applied = async (events: readonly RecordedEvent[], perBatch: number): Promise<void> => {
  for (let from = 0; from < events.length; from += perBatch) {
    const { projection } = auditTrailModel.open(database);
    await projection.load(anyLog);
    const batch = events.slice(from, from + perBatch);
    await projection.apply({ events: batch, position: batch.at(-1)?.position ?? 0, caughtUp: true });
  }
};

/** Positions of all pages. */
const found = async (filter: AuditFilter, limit: number, mostLookedAt: number): Promise<readonly number[]> => {
  const queries = new AuditTrailQueries(tablesOf<AuditTrailTables>(database.db), database.dialect, mostLookedAt);
  const positions: number[] = [];
  let cursor: number | undefined;
  do {
    const { entries, next } = await queries.newest(filter, { cursor, limit });
    expect(entries.length).toBeLessThanOrEqual(limit);
    positions.push(...entries.map(({ position }) => position));
    cursor = next;
  } while (cursor !== undefined);
  return positions;
};

const fits = (
  event: RecordedEvent,
  { actor, stream, order, run, category, type, fromMs, toMs }: AuditFilter,
): boolean => {
  const about = aboutOf(event.stream);
  const atMs = Date.parse(event.meta.at);
  const isOfRun = about.run?.train === run?.train && about.run?.date === run?.date;
  return (
    (actor === undefined || event.meta.actor === actor) &&
    (stream === undefined || event.stream === stream) &&
    (order === undefined || about.orderNo === order) &&
    (run === undefined || (isOfRun && about.category !== 'segmentInventory')) &&
    (category === undefined || about.category === category) &&
    (type === undefined || event.type === type) &&
    (fromMs === undefined || atMs >= fromMs) &&
    (toMs === undefined || atMs <= toMs)
  );
};

describe('a history', () => {
  const events = eventsOfHistory('008-tickets-changed-one-by-one');
  const some = <Value>(of: (event: RecordedEvent) => Value | undefined) => {
    const values = [...new Map(events.map((event) => [JSON.stringify(of(event)), of(event)])).values()];
    return fc.option(fc.constantFrom(...values.filter((value) => value !== undefined)), { nil: undefined, freq: 2 });
  };
  const instant = some(({ meta }) => Date.parse(meta.at));

  test('is found by whatever is asked, newest first, each event once', async () => {
    await applied(events, 37);
    const filters = fc.record({
      actor: some(({ meta }) => meta.actor),
      stream: fc.option(fc.constantFrom(...events.map(({ stream }) => stream)), { nil: undefined, freq: 1 }),
      order: some(({ stream }) => aboutOf(stream).orderNo),
      run: some(({ stream }) => aboutOf(stream).run),
      category: some(({ stream }) => categoryOf(stream)),
      type: some(({ type }) => type),
      fromMs: instant,
      toMs: instant,
    });
    const newest = [...events].reverse();
    await fc.assert(
      fc.asyncProperty(
        filters,
        fc.integer({ min: 1, max: 60 }),
        fc.integer({ min: 1, max: 200 }),
        async (filter, limit, mostLookedAt) => {
          const wanted = newest.filter((event) => fits(event, filter)).map(({ position }) => position);
          expect(await found(filter, limit, mostLookedAt)).toEqual(wanted);
        },
      ),
      { numRuns: 60 },
    );
    expect(await found({}, 100, 5_000)).toHaveLength(events.length);
  });

  test('is found without what is in its events', async () => {
    await applied(events, 500);
    const rows = await tablesOf<AuditTrailTables>(database.db).selectFrom('audit_trail').selectAll().execute();
    expect(Object.keys(rows[0] ?? {}).sort()).toEqual(['actor', 'at', 'position', 'stream', 'type']);
  });
});

test('events are found by their time although clocks were set back and forth', async () => {
  const minutes = fc.array(fc.integer({ min: 0, max: 6 }), { minLength: 1, maxLength: 30 });
  const at = (minute: number): number => Date.parse('2026-11-21T00:00:30Z') + minute * 60_000;
  await fc.assert(
    fc.asyncProperty(minutes, fc.nat(6), fc.nat(6), fc.integer({ min: 1, max: 9 }), async (all, from, to, perBatch) => {
      const db = tablesOf<AuditTrailTables>(database.db);
      for (const table of ['audit_trail', 'audit_minutes'] as const) await db.deleteFrom(table).execute();
      await database.db.updateTable('model_places').set({ position: 0, fingerprint: '' }).execute();
      const events = all.map((minute, index): RecordedEvent => {
        const event = newEvent();
        const meta = { ...event.meta, at: new Date(at(minute)).toISOString() };
        return { ...event, meta, stream: 'order-N1', revision: index, position: index + 1 };
      });
      await applied(events, perBatch);
      const filter = { fromMs: at(from), toMs: at(to) };
      const wanted = events.filter((event) => fits(event, filter)).map(({ position }) => position);
      expect(await found(filter, 4, 3)).toEqual(wanted.reverse());
    }),
    { numRuns: 40 },
  );
});

test.each([
  ['order-N1', { category: 'order', orderNo: 'N1' }],
  ['payment-N1P2', { category: 'payment', orderNo: 'N1' }],
  ['trainRun-G1_2026-12-01', { category: 'trainRun', run: { train: 'G1', date: '2026-12-01' } }],
  ['seatLock-G1_2026-12-01_second', { category: 'seatLock', run: { train: 'G1', date: '2026-12-01' } }],
  [
    'segmentInventory-G1_2026-12-01_3_second',
    { category: 'segmentInventory', run: { train: 'G1', date: '2026-12-01' } },
  ],
  ['seatLock-G1', { category: 'seatLock' }],
  ['station-VNP', { category: 'station' }],
])('%s is about %j', (stream, about) => {
  expect(aboutOf(stream)).toEqual(about);
});
