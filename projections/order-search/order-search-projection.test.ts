// Whatever the batches, the restarts and what comes again, the search has what a fold of the log gives.
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { type EventBatch, fingerprintOf, type RecordedEvent } from '@railhead/commands/ports/event-store.ts';
import { newEvent } from '@railhead/tests/support/events.ts';
import { anyLog, inMemory, preparedWith } from '@railhead/tests/support/read-side.ts';
import { documentsOf, ORDER_NOS, SEARCHED_EVENTS } from '@railhead/tests/support/searched-orders.ts';
import fc from 'fast-check';
import type { PositionProof } from '../engine/projection.ts';
import type { ReadDatabase } from '../engine/read-database.ts';
import { documentAfter, type OrderDocument } from './order-document.ts';
import { ORDER_SEARCH_VERSION, orderSearchModel } from './order-search-model.ts';
import { orderSearchProjection } from './order-search-projection.ts';
import { SqliteOrderIndex } from './sqlite-order-index.ts';

let database: ReadDatabase;
let index: SqliteOrderIndex;
beforeEach(async () => {
  database = await preparedWith(inMemory(), [orderSearchModel]);
  index = new SqliteOrderIndex(database, ORDER_SEARCH_VERSION);
});
afterEach(() => database.db.destroy());

const [ALICE = '', BOB = ''] = ORDER_NOS;
const after = (
  events: readonly RecordedEvent[],
  stream: string,
  type: string,
  data: object,
): readonly RecordedEvent[] => [
  ...events,
  { ...newEvent(data, type), stream, revision: 9, position: events.length + 1 },
];
/** A payment of the first order, and one of an order that nobody has requested. */
const created = { paymentNo: 'P', channel: 'sandbox', amountFen: 5 };
const LOG = after(
  after(SEARCHED_EVENTS, 'payment-P', 'PaymentCreated', { ...created, orderNo: ALICE }),
  'payment-Q',
  'PaymentCreated',
  { ...created, orderNo: 'NOBODYS' },
);

const batchOf = (events: readonly RecordedEvent[]): EventBatch => ({
  events,
  position: events.at(-1)?.position ?? 0,
  caughtUp: true,
});
const logOf = (events: readonly RecordedEvent[], dropped: number[] = []): PositionProof => ({
  ...anyLog,
  fingerprintAt: async (position) => {
    const event = events[position - 1];
    return event === undefined ? undefined : fingerprintOf(event);
  },
  dropped: (position) => dropped.push(position),
});
const stored = async (): Promise<readonly OrderDocument[]> =>
  [...(await index.documents([...ORDER_NOS, 'NOBODYS'])).values()].sort((a, b) => a.first - b.first);

test('of any batches, also after restarts and of events that come again', async () => {
  const sizes = fc.array(
    fc.record({ size: fc.integer({ min: 1, max: 6 }), restarts: fc.boolean(), again: fc.boolean() }),
  );
  await fc.assert(
    fc.asyncProperty(sizes, async (batches) => {
      await index.place();
      await index.clear();
      let projection = orderSearchProjection(index);
      await projection.load(logOf(LOG));
      let from = 0;
      for (const { size, restarts, again } of [...batches, { size: LOG.length, restarts: true, again: true }]) {
        if (restarts) {
          projection = orderSearchProjection(index);
          expect(await projection.load(logOf(LOG))).toBe(from);
        }
        await projection.apply(batchOf(LOG.slice(again ? 0 : from, from + size)));
        from = Math.min(LOG.length, from + size);
      }
      expect(await stored()).toEqual(documentsOf(LOG));
    }),
    { numRuns: 40 },
  );
  expect((await stored()).map(({ view }) => view.payments.length)).toEqual([1, 0, 0, 0, 0, 0, 0]);
});

test('without the rest of a stream that is not understood, also after a restart', async () => {
  const told: string[] = [];
  const strange = after(LOG, `order-${BOB}`, 'OrderTeleported', {});
  const log = after(after(strange, `order-${BOB}`, 'OrderPaid', {}), `order-${ALICE}`, 'OrderPaid', {});
  const proof = { ...logOf(log), setAside: (stream: string) => told.push(stream) };
  const projection = orderSearchProjection(index);
  await projection.load(proof);
  await projection.apply(batchOf(log.slice(0, strange.length)));
  const next = orderSearchProjection(index);
  await next.load(proof);
  await next.apply(batchOf(log.slice(strange.length)));
  expect(told).toEqual([`order-${BOB}`]);
  for (const each of [projection, next]) expect([...each.setAside.keys()]).toEqual([`order-${BOB}`]);
  const statuses = new Map((await stored()).map(({ orderNo, view }) => [orderNo, view.status]));
  expect([statuses.get(ALICE), statuses.get(BOB)]).toEqual(['PAID', 'WAIT_PAY']);
});

test('an event that is in a document already changes nothing of it', () => {
  const [document] = documentsOf(LOG);
  for (const event of LOG.filter(({ stream }) => [`order-${ALICE}`, 'payment-P'].includes(stream)))
    expect(documentAfter(document, event)).toBe(document);
});

test('of another log is dropped, and told', async () => {
  const dropped: number[] = [];
  const projection = orderSearchProjection(index);
  await projection.load(logOf(LOG));
  await projection.apply(batchOf(LOG));
  const other = LOG.map((event) => ({ ...event, id: 'another' }));
  expect(await projection.load(logOf(other, dropped))).toBe(0);
  expect([dropped, await stored()]).toEqual([[LOG.length], []]);
  await projection.apply(batchOf(other.slice(0, 5)));
  expect(await stored()).toEqual(documentsOf(other.slice(0, 5)));
});

test('a batch that cannot be stored comes again and changes nothing before', async () => {
  const projection = orderSearchProjection(index);
  await projection.load(logOf(LOG));
  await projection.apply(batchOf(LOG.slice(0, 3)));
  await database.db.schema.alterTable('found_names').renameTo('elsewhere').execute();
  await expect(projection.apply(batchOf(LOG.slice(3)))).rejects.toThrow('found_names');
  await database.db.schema.alterTable('elsewhere').renameTo('found_names').execute();
  expect((await index.place()).position).toBe(3);
  await projection.apply(batchOf(LOG.slice(3)));
  expect(await stored()).toEqual(documentsOf(LOG));
});

test('the numbers of documents are in no table', async () => {
  const projection = orderSearchProjection(index);
  await projection.load(logOf(LOG));
  await projection.apply(batchOf(LOG));
  expect(JSON.stringify(LOG)).toContain('E0000000');
  const rows = await Promise.all(
    (['found_orders', 'found_names', 'found_pieces'] as const).map((table) =>
      // Safe cast: any table can be read whole.
      database.db
        .selectFrom(table as never)
        .selectAll()
        .execute(),
    ),
  );
  expect(JSON.stringify(rows)).not.toMatch(/\*0000|e\d0{6}/i);
});
