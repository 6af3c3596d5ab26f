// The rows of a world's orders, for a reference to write the same, and how many events an order took.
import type { RecordedEvent } from '@railhead/commands/ports/event-store.ts';
import { orderCategory } from '@railhead/domain/order/stream.ts';
import { segmentsOf } from '@railhead/domain/seat-lock/plan.ts';
import { lockBookCategory } from '@railhead/domain/seat-lock/stream.ts';
import { segmentCategory } from '@railhead/domain/segment-inventory/stream.ts';
import { lockPartsOf } from '../support/seat-events.ts';
import { eventsOf } from './log-check.ts';
import type { World } from './world.ts';

/** A negative `stream` is the order's own; the others are shared by all orders of the run. */
export type BareRow = { readonly stream: number; readonly type: string; readonly data: string; readonly meta: string };

/** Orders in one turn of the samples: enough to show shares of a fiftieth. */
const SAMPLES = 50;
/** Orders of a batch that is written as one. */
export const BATCH = 200;

export type OrderRows = {
  /** Fifty orders, with a row of its own for each hold on each segment, with the whole plan, as other systems would. */
  readonly apart: readonly (readonly BareRow[])[];
  /** Two hundred orders, the first of them with the rows that all their holds have together, as Railhead writes them. */
  readonly together: readonly (readonly BareRow[])[];
  /** Events of orders, segments and books for each order. */
  readonly eventsPerOrder: number;
};

/** `n`-th whole number of a row that comes to `mean` on average. */
const spread = (n: number, mean: number): number => Math.floor((n + 1) * mean) - Math.floor(n * mean);

/** With as many seated, and as many segments each, as in the world. */
export const ordersLike = async (
  world: World,
  { seated, refused }: { readonly seated: number; readonly refused: number },
): Promise<OrderRows> => {
  const samples = new Map<string, { data: string; meta: string; count: number }>();
  let [events, locks, segments] = [0, 0, 0];
  let lock: { readonly lockId: string; readonly plan?: unknown } = { lockId: '' };
  const look = (event: RecordedEvent): void => {
    const { type, data, meta } = event;
    const known = samples.get(type);
    if (known !== undefined) known.count += 1;
    else samples.set(type, { data: JSON.stringify(data), meta: JSON.stringify(meta), count: 1 });
    if (type !== 'SeatLocksAcquired') return;
    for (const part of lockPartsOf(event)) {
      if (part.plan === undefined) continue;
      lock = part;
      locks += 1;
      segments += segmentsOf(part.plan).length;
    }
  };
  for await (const page of eventsOf(world.store, SALE)) {
    events += page.length;
    for (const event of page) look(event);
  }
  const row = (type: string, stream: number, data = samples.get(type)?.data ?? '{}'): BareRow => ({
    stream,
    type,
    data,
    meta: samples.get(type)?.meta ?? '{}',
  });
  const segmentsPerOrder = segments / Math.max(1, locks);
  const seatedShare = seated / Math.max(1, seated + refused);
  const isSeated = (n: number): boolean => spread(n, seatedShare) === 1;
  const hold = { lockId: lock.lockId, seats: [17] };
  const holdAlone = JSON.stringify({ ...hold, plan: lock.plan });
  let nthSeated = 0;
  const apart = Array.from({ length: SAMPLES }, (_, n) => {
    if (!isSeated(n)) return [row('OrderRequested', -1), row('OrderClosed', -1)];
    const held = spread(nthSeated, segmentsPerOrder);
    nthSeated += 1;
    return [
      row('OrderRequested', -1),
      ...Array.from({ length: held }, (_, segment) => row('SeatsHeld', segment + 1, holdAlone)),
      row('SeatLocksAcquired', 100, JSON.stringify(lock)),
      row('OrderSeatsHeld', -1),
    ];
  });
  const batch = Math.round(BATCH * seatedShare);
  const onSegments = world.stops - 1;
  const holds = Array.from({ length: Math.round((batch * segmentsPerOrder) / onSegments) }, () => hold);
  const ofBatch = [
    ...Array.from({ length: onSegments }, (_, segment) => row('SeatsHeld', segment + 1, JSON.stringify({ holds }))),
    row('SeatLocksAcquired', 100, JSON.stringify({ locks: Array.from({ length: batch }, () => lock) })),
  ];
  const together = Array.from({ length: BATCH }, (_, n) => [
    ...(n === 0 && batch > 0 ? ofBatch : []),
    row('OrderRequested', -1),
    row(isSeated(n) ? 'OrderSeatsHeld' : 'OrderClosed', -1),
  ]);
  const orders = samples.get('OrderRequested')?.count ?? 0;
  return { apart, together, eventsPerOrder: Math.round((events / Math.max(1, orders)) * 100) / 100 };
};

const SALE = [orderCategory.name, segmentCategory.name, lockBookCategory.name];
