import { expect, test } from '@jest/globals';
import type { OrderEvent } from '@railhead/domain/order/events.ts';
import { orderCategory } from '@railhead/domain/order/stream.ts';
import { MemoryEventStore } from '@railhead/infra/eventstore/memory/memory-event-store.ts';
import { newEvent } from '@railhead/tests/support/events.ts';
import { ManualClock } from '@railhead/tests/support/fixed-clock.ts';
import { NO_ALLOCATORS } from '@railhead/tests/support/no-allocators.ts';
import { openedRun, stopsOf } from '@railhead/tests/support/opened-run.ts';
import { livesOf, writeOrder } from '@railhead/tests/support/order-life.ts';
import { oneSeat } from '@railhead/tests/support/order-request.ts';
import { loadOrder } from '../../orders/load-order.ts';
import { untracked } from '../../orders/tracked-order.ts';
import type { EventStore } from '../../ports/event-store.ts';
import type { OrderStepDeps } from '../order-step.ts';
import { exchangeTickets } from './exchange-tickets.ts';

const change = {
  changeNo: 'OLDC1',
  orderNo: 'OLD',
  paymentNo: 'p',
  payFen: 0,
  feeFen: 0,
  carriedFen: 100,
  changedLate: false,
};
const request = { ...oneSeat, change };
const asked: OrderEvent = {
  type: 'OrderChangeRequested',
  version: 1,
  data: {
    changeNo: 'OLDC1',
    newOrderNo: 'NEW',
    requestHash: 'h',
    request,
    items: [{ itemNo: 1, fareFen: 100, newFareFen: 100, feeFen: 0, rule: 'r' }],
    feeFen: 0,
    refundFen: 0,
    isOtherDestination: false,
    table: 't',
    quotedAt: '2026-11-21T08:00:00.000+08:00',
  },
};

/** Trains leave in another test. */
const NO_RUNS = { find: async () => undefined };

/** An order whose tickets are to be changed, the new one in the middle of its ticketing, and what else happens just then. */
const exchange = async (
  store: MemoryEventStore,
  meanwhile: OrderEvent | undefined,
  {
    before = [],
    parts = {},
  }: { readonly before?: readonly OrderEvent[]; readonly parts?: Partial<OrderStepDeps> } = {},
) => {
  const [, , , started = [], ticketed = []] = livesOf('OLD');
  await writeOrder(store, 'OLD', [...ticketed, asked, ...before]);
  const newOrder = started.map((event) =>
    event.type === 'OrderRequested' ? { ...event, data: { ...event.data, orderNo: 'NEW', request } } : event,
  );
  await writeOrder(store, 'NEW', newOrder);
  let isOpen = true;
  const slow: EventStore = new Proxy(store, {
    get: (target, name) => {
      if (name !== 'append') return Reflect.get(target, name).bind?.(target) ?? Reflect.get(target, name);
      return async (...call: Parameters<EventStore['append']>) => {
        if (isOpen && meanwhile !== undefined) {
          isOpen = false;
          const events = [newEvent(meanwhile.data, meanwhile.type)];
          await target.append([{ stream: orderCategory.stream('OLD'), expected: 'any', events }]);
        }
        return target.append(...call);
      };
    },
  });
  const value = { lockId: 'L', plan: { orderNo: 'NEW', epoch: 1, legs: [] } };
  const pool = { ...NO_ALLOCATORS, submit: async () => ({ ok: true as const, value }) };
  // Nothing else is asked.
  const deps = { pool, runs: NO_RUNS, clock: new ManualClock(), store: slow, ...parts } as unknown as OrderStepDeps;
  const { order, revision } = await loadOrder(store, 'NEW');
  await exchangeTickets.run({ key: '', current: () => ({ ...untracked, order, revision }), deps });
  const last = async (orderNo: string) => (await store.readStream(orderCategory.stream(orderNo))).at(-1)?.type;
  return [await last('OLD'), await last('NEW')];
};

test.each([true, false])(
  'new tickets are valid where those before them are void (all streams at once: %s)',
  async (atomicStreams) => {
    expect(await exchange(new MemoryEventStore({ atomicStreams }), undefined)).toEqual([
      'OrderChanged',
      'OrderTicketed',
    ]);
  },
);

test.each([true, false])(
  'new tickets are not issued when the change is dropped while they are written (all streams at once: %s)',
  async (atomicStreams) => {
    const dropped: OrderEvent = { type: 'OrderChangeDropped', version: 1, data: { changeNo: 'OLDC1' } };
    const ends = await exchange(new MemoryEventStore({ atomicStreams }), dropped);
    expect(ends).toEqual(['OrderChangeDropped', 'OrderTicketingFailed']);
  },
);

const LEFT = { find: async () => openedRun({ stops: stopsOf('A', 'B') }) } as unknown as OrderStepDeps['runs']; // nothing else is asked
const LATER = new ManualClock(Date.parse('2026-12-02T00:00:00+08:00'));
const REFUSING = { issue: async () => 'refused' as const, void: async () => {} };

test.each([
  ['the train has left', { runs: LEFT, clock: LATER }],
  ['the issuer refuses', { issuer: REFUSING }],
])('new tickets are not issued when %s, and the ones before them stay', async (_, parts) => {
  const ends = await exchange(new MemoryEventStore(), undefined, { parts });
  expect(ends).toEqual(['OrderChangeRequested', 'OrderTicketingFailed']);
});

test.each([
  ['the train has left', { runs: LEFT, clock: LATER }],
  ['the issuer refuses', { issuer: REFUSING }],
])('a change that was decided stays decided, although %s before its new order heard of it', async (_, parts) => {
  const before: readonly OrderEvent[] = [{ type: 'OrderChanged', version: 1, data: { changeNo: 'OLDC1' } }];
  const ends = await exchange(new MemoryEventStore({ atomicStreams: false }), undefined, { before, parts });
  expect(ends).toEqual(['OrderChanged', 'OrderTicketed']);
});
