// Orders under limits, on a store of either kind, without seats: what is written of an order is its request and its end.
import { type Limits, NO_LIMITS } from '@railhead/commands/limits/limits.ts';
import { type NewOrder, Reservations } from '@railhead/commands/limits/reservations.ts';
import { voidItems } from '@railhead/commands/limits/ticket-stands.ts';
import { loadOrder } from '@railhead/commands/orders/load-order.ts';
import { type PlaceOrder, placeOrder } from '@railhead/commands/orders/place-order.ts';
import { UnpaidSeats } from '@railhead/commands/orders/unpaid-seats.ts';
import type { EventStore, RecordedEvent } from '@railhead/commands/ports/event-store.ts';
import { RunDirectory } from '@railhead/commands/runs/run-directory.ts';
import { appendOf, metaOf, ownOrigin } from '@railhead/commands/streams/append.ts';
import type { OrderEvent, Passenger } from '@railhead/domain/order/events.ts';
import { orderCategory } from '@railhead/domain/order/stream.ts';
import { runCategory } from '@railhead/domain/train-run/stream.ts';
import { MemoryEventStore } from '@railhead/infra/eventstore/memory/memory-event-store.ts';
import { newEvent } from './events.ts';
import { ManualClock } from './fixed-clock.ts';
import { openedRun } from './opened-run.ts';

export const SALE_STARTS = Date.parse('2026-11-25T12:00:00+08:00');
const SECRET = 'a-secret-of-the-tests';
const PRICED = { ...openedRun().tariff, ratesMilliFenPerKm: { second: 46_000 } };

/** A train from A by B to C: minutes of its clock at which it leaves A, is at B, and arrives at C. */
export type SoldRun = {
  readonly train: string;
  readonly date: string;
  readonly minutes: readonly [number, number, number];
};

export const person = (idNo: string): Passenger => ({ name: 'n', idType: 'passport', idNo, kind: 'adult' });

/** The limits of a railway, as `railhead up` has them. */
export const RAILWAYS: Limits = {
  ...NO_LIMITS,
  ticketsPerTrain: () => 5,
  ticketsPerDocument: 10,
  mayOverlap: false,
  unpaidEndsPerDay: () => 3,
};

/** `replaces`: tickets that are exchanged for those of the order, as a change of tickets reserves them. */
export type Wanted = Partial<PlaceOrder> & {
  readonly documents?: readonly string[];
  readonly replaces?: NewOrder['replaces'];
};

export const limitedSale = async (
  runs: readonly SoldRun[],
  {
    store: given,
    seen = (store) => store,
    limits = {},
    atomicStreams = true,
  }: {
    readonly store?: EventStore;
    /** What stands between the orders and the store. */
    readonly seen?: (store: EventStore) => EventStore;
    readonly limits?: Partial<Limits>;
    readonly atomicStreams?: boolean;
  } = {},
) => {
  const store = given ?? new MemoryEventStore({ atomicStreams });
  for (const { train, date, minutes } of runs) {
    const [a, b, c] = minutes;
    const stops = [
      { code: 'A', name: 'A', arrives: null, departs: a, km: 0 },
      { code: 'B', name: 'B', arrives: b, departs: b, km: 100 },
      { code: 'C', name: 'C', arrives: c, departs: null, km: 200 },
    ];
    const data = openedRun({ train, date, tariff: PRICED, stops });
    const stream = runCategory.stream({ train, date });
    await store.append([{ stream, expected: 'noStream', events: [newEvent(data, 'TrainRunOpened', 2)] }]);
  }
  const clock = new ManualClock(SALE_STARTS);
  const seenStore = seen(store);
  const directory = new RunDirectory(store);
  const parts = { store: seenStore, clock, runs: directory };
  const reservations = new Reservations({ ...parts, secret: SECRET, limits: { ...RAILWAYS, ...limits } });
  const deps = {
    ...parts,
    reservations,
    saleWindow: { days: 15 },
    numbering: { secret: SECRET },
    idempotencyDays: 7,
    queueLimit: 1_000_000,
    queueDepth: () => 0,
    unpaid: { counted: new UnpaidSeats(), limitOf: () => Number.POSITIVE_INFINITY },
  };
  let keys = 0;
  const order = ({ documents = ['E1'], replaces, ...wanted }: Wanted = {}) => {
    keys += 1;
    const exchanging = {
      place: (asked: NewOrder) => reservations.place({ ...asked, ...(replaces === undefined ? {} : { replaces }) }),
    };
    return placeOrder(
      { ...deps, reservations: exchanging },
      {
        userId: 'u',
        idempotencyKey: `k${keys}`,
        correlationId: `c${keys}`,
        train: 'G1',
        date: '2026-12-01',
        from: 'A',
        to: 'C',
        seatClass: 'second',
        passengers: documents.map(person),
        acceptStanding: false,
        acceptSeatChange: false,
        ...wanted,
      },
    );
  };
  /** Writes what happens to an order next, at its present revision. */
  const write = async (orderNo: string, ...events: readonly OrderEvent[]): Promise<void> => {
    const { revision } = await loadOrder(store, orderNo);
    const meta = metaOf(clock, ownOrigin(`${orderNo}/${revision}`));
    await store.append([appendOf(orderCategory.stream(orderNo), revision, events, meta)]);
  };
  const events = async (category?: string): Promise<readonly RecordedEvent[]> =>
    (await store.readAll({ after: 0, limit: 100_000, ...(category === undefined ? {} : { categories: [category] }) }))
      .events;
  return { store, clock, reservations, order, write, events, deps };
};

export type LimitedSale = Awaited<ReturnType<typeof limitedSale>>;
export const codeOf = (placed: Awaited<ReturnType<LimitedSale['order']>>): string =>
  placed.ok ? 'placed' : placed.refusal.code;
export const numberOf = (placed: Awaited<ReturnType<LimitedSale['order']>>): string => {
  if (!placed.ok) throw new Error(`${placed.refusal.code}: ${placed.refusal.detail}`);
  return placed.value.orderNo;
};

export const seatsHeld = (count = 1): OrderEvent => ({
  type: 'OrderSeatsHeld',
  version: 1,
  data: {
    lockId: 'l',
    items: Array.from({ length: count }, (_, index) => ({
      itemNo: index + 1,
      coach: '01',
      seat: `${index + 1}A`,
      fareFen: 100,
    })),
    amountFen: 100 * count,
    currency: 'CNY',
    payBefore: '2026-11-25T12:15:00.000+08:00',
  },
});
/** Paid, with tickets. */
export const sold = (count = 1): readonly OrderEvent[] => [
  seatsHeld(count),
  { type: 'OrderPaid', version: 1, data: { paymentNo: 'p', amountFen: 100 * count } },
  { type: 'OrderTicketingStarted', version: 1, data: {} },
  {
    type: 'OrderTicketed',
    version: 1,
    data: { tickets: Array.from({ length: count }, (_, index) => ({ itemNo: index + 1, ticketNo: `t${index + 1}` })) },
  },
];
export const givenBack = (...itemNos: readonly number[]): OrderEvent => ({
  type: 'OrderRefundRequested',
  version: 1,
  data: {
    refundNo: `R${itemNos.join('+')}`,
    items: itemNos.map((itemNo) => ({ itemNo, fareFen: 100, feeFen: 0, refundFen: 100, rule: 'ANY' })),
    feeFen: 0,
    refundFen: 100 * itemNos.length,
    currency: 'CNY',
    table: 'T1',
    quotedAt: '2026-11-25T12:00:00.000+08:00',
  },
});

export const closed = (reason: 'CANCELLED' | 'EXPIRED' | 'SOLD_OUT') =>
  ({ type: 'OrderClosed', version: 1, data: { reason, detail: 'd' } }) as const;

/** As the order's workflow does it. */
export const settle = async ({ store, reservations }: LimitedSale, orderNo: string): Promise<void> => {
  const { order } = await loadOrder(store, orderNo);
  await reservations.countEnd(order);
  await reservations.release(order, voidItems(order));
};
