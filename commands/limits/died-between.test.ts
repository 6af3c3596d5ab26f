// A reservation and its order on a store that writes one stream after another: every append may fail, or be written and
// nobody knows, and requests that are not answered come again. Whatever happens, every order has its reservation, and no
// document is on two journeys.
import { describe, expect, test } from '@jest/globals';
import { orderCategory } from '@railhead/domain/order/stream.ts';
import { travellerCategory } from '@railhead/domain/traveller/stream.ts';
import { ForwardingStore } from '@railhead/infra/eventstore/forwarding-store.ts';
import { audited } from '@railhead/tests/support/clean-logs.ts';
import { type Fault, FaultyStore } from '@railhead/tests/support/faulty-store.ts';
import {
  codeOf,
  type LimitedSale,
  limitedSale,
  numberOf,
  type SoldRun,
  seatsHeld,
  settle,
} from '@railhead/tests/support/limited-sale.ts';
import fc from 'fast-check';
import type { EventStore, ReadStreamOptions } from '../ports/event-store.ts';
import { load } from '../streams/load.ts';

const DATE = '2026-12-01';
const G1: SoldRun = { train: 'G1', date: DATE, minutes: [600, 660, 720] };
const G2: SoldRun = { train: 'G2', date: DATE, minutes: [630, 690, 750] };
const NIGHT: SoldRun = { train: 'Z1', date: DATE, minutes: [700, 1_430, 1_450] };
const MINUTE_MS = 60_000;

/** Documents and their orders as the log of orders has them, and as the streams of the travellers do. */
const comparedOf = async (sale: LimitedSale) => {
  const orders: string[] = [];
  for (const event of await sale.events('order')) {
    if (!orderCategory.owns(event) || event.type !== 'OrderRequested') continue;
    const { request, orderNo } = event.data;
    const days = request.train === NIGHT.train && request.to === 2 ? 2 : 1;
    for (const [index] of request.passengers.entries())
      for (let day = 0; day < days; day += 1) orders.push(`${orderNo}/${index + 1}`);
  }
  const reserved: string[] = [];
  const streams = new Set((await sale.events('traveller')).map(({ stream }) => stream));
  for (const stream of streams) {
    const { state } = await load(sale.store, travellerCategory, travellerCategory.idOf(stream));
    for (const { orderNo, itemNo } of state.journeys) reserved.push(`${orderNo}/${itemNo}`);
    for (const a of state.journeys)
      for (const b of state.journeys)
        if (a.orderNo < b.orderNo)
          expect([a.fromMs < b.toMs && b.fromMs < a.toMs, a.train === b.train]).toEqual([false, false]);
  }
  return { orders: orders.sort(), reserved: reserved.sort() };
};

const failing = (faults: readonly Fault[]) => {
  const left = [...faults];
  const turn = () => new Promise<void>((resolve) => setImmediate(resolve));
  return (store: EventStore) => new FaultyStore(store, () => left.shift() ?? 'none', turn);
};
const inTurn = { atomicStreams: false };

test('a reservation whose order never came is in the way for half an hour, and then of nobody', async () => {
  // The reservation is written, and its process dies.
  const sale = await limitedSale([G1, G2], { ...inTurn, seen: failing(['none', 'before']) });
  const lost = { idempotencyKey: 'lost', documents: ['E1', 'E2'] };
  await expect(sale.order(lost)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
  expect(await comparedOf(sale)).toMatchObject({ orders: [], reserved: [expect.anything(), expect.anything()] });
  const other = () => sale.order({ userId: 'v', documents: ['E2'], train: 'G2' });
  expect(codeOf(await other())).toBe('JOURNEY_OVERLAPS');
  await sale.clock.advance(30 * MINUTE_MS);
  expect(codeOf(await other())).toBe('JOURNEY_OVERLAPS');
  await sale.clock.advance(1);
  expect(codeOf(await other())).toBe('placed');
  // Who lost it comes again: one of the two travels elsewhere now.
  expect(codeOf(await sale.order(lost))).toBe('JOURNEY_OVERLAPS');
  expect(codeOf(await sale.order({ documents: ['E1', 'E3'] }))).toBe('placed');
});

test('whoever asks again goes on with what was reserved', async () => {
  const sale = await limitedSale([G1], { ...inTurn, seen: failing(['none', 'before']) });
  const lost = { idempotencyKey: 'lost', documents: ['E1', 'E2'] };
  await expect(sale.order(lost)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
  // Another request under the same key is another request.
  expect(codeOf(await sale.order({ ...lost, to: 'B' }))).toBe('IDEMPOTENCY_KEY_REUSED');
  const orderNo = numberOf(await sale.order(lost));
  const both = [`${orderNo}/1`, `${orderNo}/2`];
  expect(await comparedOf(sale)).toEqual({ orders: both, reserved: both });
  expect((await sale.events('buyer')).map(({ type }) => type)).toEqual(['TicketsReserved', 'TicketsReserved']);
});

describe('of two requests under one key, for two days', () => {
  const runs = [G1, { ...G1, date: '2026-12-02' }];
  const key = { idempotencyKey: 'one' };
  const other = (sale: LimitedSale, date: string) => sale.order({ userId: 'v', date });

  test('at the same moment, one is an order, and the other has reserved nothing', async () => {
    const sale = await limitedSale(runs, inTurn);
    const placed = await Promise.all([sale.order(key), sale.order({ ...key, date: '2026-12-02' })]);
    expect(placed.map(codeOf).sort()).toEqual(['IDEMPOTENCY_KEY_REUSED', 'placed']);
    expect(audited(await sale.events()).pending).toMatchObject({ reservations: 0, unclaimed: 0 });
    const [mine, free] = placed[0]?.ok === true ? [DATE, '2026-12-02'] : ['2026-12-02', DATE];
    expect([codeOf(await other(sale, mine)), codeOf(await other(sale, free))]).toEqual(['JOURNEY_OVERLAPS', 'placed']);
    expect(audited(await sale.events()).violations).toEqual([]);
  });

  test('what one reserved that died is void as soon as the other is the order', async () => {
    const sale = await limitedSale(runs, { ...inTurn, seen: failing(['none', 'before']) });
    await expect(sale.order(key)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    expect(codeOf(await other(sale, DATE))).toBe('JOURNEY_OVERLAPS');
    const orderNo = numberOf(await sale.order({ ...key, date: '2026-12-02' }));
    const report = audited(await sale.events());
    expect([report.violations, report.pending.unclaimed, report.pending.reservations]).toEqual([[], 2, 0]);
    expect(codeOf(await other(sale, DATE))).toBe('placed');
    expect(codeOf(await other(sale, '2026-12-02'))).toBe('JOURNEY_OVERLAPS');
    await sale.write(orderNo, { type: 'OrderClosed', version: 1, data: { reason: 'SOLD_OUT', detail: '' } });
    expect(codeOf(await other(sale, '2026-12-02'))).toBe('placed');
    expect(audited(await sale.events())).toMatchObject({ violations: [], pending: { unclaimed: 1 } });
  });
});

test('an order that was refused takes nothing back that another request relies on', async () => {
  // Twice the same request: the first is refused, because its second traveller is on another train until this is cancelled.
  const sale = await limitedSale([G1, G2], inTurn);
  const first = numberOf(await sale.order({ userId: 'v', documents: ['E2'], train: 'G2' }));
  const same = { idempotencyKey: 'same', documents: ['E1', 'E2'] };
  const answers = await Promise.all([
    sale.order(same),
    sale.write(first, seatsHeld(), { type: 'OrderClosed', version: 1, data: { reason: 'CANCELLED', detail: '' } }),
    sale.order(same),
  ]);
  const placed = [answers[0], answers[2]].find((one) => one.ok) ?? (await sale.order(same));
  const orderNo = numberOf(placed);
  expect(await comparedOf(sale)).toMatchObject({
    reserved: expect.arrayContaining([`${orderNo}/1`, `${orderNo}/2`]),
  });
});

test('of twins, the one that was refused leaves what the other has reserved meanwhile', async () => {
  const same = { idempotencyKey: 'same', documents: ['E1', 'E2'] };
  let meanwhile: (() => Promise<void>) | undefined;
  class Interrupted extends ForwardingStore {
    override async readStream(stream: string, options?: ReadStreamOptions) {
      // The first look at what it has reserved, to take it back.
      if (stream.startsWith(`buyer-${DATE}_`) && meanwhile !== undefined) {
        const next = meanwhile;
        meanwhile = undefined;
        await next();
      }
      return super.readStream(stream, options);
    }
  }
  const sale = await limitedSale([G1, G2], { ...inTurn, seen: (store) => new Interrupted(store) });
  const first = numberOf(await sale.order({ userId: 'v', documents: ['E2'], train: 'G2' }));
  let twin = '';
  meanwhile = async () => {
    await sale.write(first, { type: 'OrderClosed', version: 1, data: { reason: 'SOLD_OUT', detail: '' } });
    twin = numberOf(await sale.order(same));
  };
  expect(numberOf(await sale.order(same))).toBe(twin);
  await settle(sale, first);
  const { violations, pending } = audited(await sale.events());
  expect([violations, pending.reservations, pending.unclaimed]).toEqual([[], 0, 0]);
});

test('whichever append fails, and however, orders and reservations agree in the end', async () => {
  const fault = fc.constantFrom<Fault>('none', 'none', 'before', 'lost', 'after', 'partial');
  const request = fc.record({
    run: fc.constantFrom(G1, G1, G2, NIGHT),
    to: fc.constantFrom('B', 'C'),
    documents: fc.uniqueArray(fc.constantFrom('E1', 'E2', 'E3'), { minLength: 1 }),
    userId: fc.constantFrom('u', 'v'),
  });
  const ends = new Map<string, number>();
  await fc.assert(
    fc.asyncProperty(
      fc.array(request, { minLength: 1, maxLength: 4 }),
      fc.array(fault, { maxLength: 20 }),
      fc.boolean(),
      async (requests, faults, atomicStreams) => {
        const limits = { ticketsPerTrain: () => 3 };
        const sale = await limitedSale([G1, G2, NIGHT], { atomicStreams, limits, seen: failing(faults) });
        const insist = async (n: number): Promise<string> => {
          const { run, ...wanted } = requests[n % requests.length] ?? { run: G1 };
          for (;;)
            try {
              const { train } = run;
              return codeOf(await sale.order({ ...wanted, train, idempotencyKey: `key${n % requests.length}` }));
            } catch {
              // No answer: it is asked again.
            }
        };
        // Impatient people send their request twice.
        const codes = await Promise.all(Array.from({ length: requests.length * 2 }, (_, n) => insist(n)));
        for (const code of codes) ends.set(code, (ends.get(code) ?? 0) + 1);
        const { orders, reserved } = await comparedOf(sale);
        const withOrder = new Set(orders);
        expect(reserved.filter((one) => withOrder.has(one))).toEqual(orders);
        // What is reserved for nobody is what a request left that was lost half way and was then refused.
        if (!faults.some((one) => one !== 'none')) expect(reserved).toEqual(orders);
      },
    ),
    { numRuns: 150 },
  );
  expect([...ends.keys()]).toEqual(expect.arrayContaining(['placed', 'JOURNEY_OVERLAPS', 'LIMIT_TRAIN']));
});
