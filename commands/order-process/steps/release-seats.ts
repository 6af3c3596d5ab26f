// Releases the seats that an order does not keep.
import type { EventMeta } from '@railhead/domain/kernel/event.ts';
import type { SeatClass } from '@railhead/domain/kernel/seat-class.ts';
import type { CloseReason } from '@railhead/domain/order/events.ts';
import type { Order } from '@railhead/domain/order/fold.ts';
import { type OrderStep, type OrderStepDeps, stepMeta } from '../order-step.ts';
import { makeVoid, mayHaveTickets } from '../ticketing.ts';

const KIND = 'releaseSeats';

/** An order closed for one of these reasons may have had seats, or may have been about to get them. */
const MAY_HOLD_SEATS: readonly (CloseReason | undefined)[] = [
  'CANCELLED',
  'EXPIRED',
  'TICKETING_FAILED',
  'RUN_CANCELLED',
  'TICKETS_VOID',
];

/**
 * The classes in which an order may have seats that it does not keep. Where lock and order are not written together,
 * seats may have been held for an order that was just refused, or that had just gone on to wait for places to stand. So
 * every class it ever waited in counts, except the one it has its ticket in. A class whose sale has stopped has no
 * allocator.
 */
export const leftClasses = ({ status, request, seatClass, closeReason }: Order): readonly SeatClass[] => {
  if (closeReason === 'SALE_STOPPED') return [];
  const classes = [request?.seatClass, seatClass].filter((one) => one !== undefined);
  return [...new Set(classes)].filter((one) => status === 'CLOSED' || one !== seatClass);
};

export const releaseSeats: OrderStep = {
  kind: KIND,
  due: ({ order, seatsReleased }) => {
    const isOver = order.status === 'CLOSED' || order.status === 'SUCCESS';
    return isOver && !seatsReleased && leftClasses(order).length > 0 ? [{ key: '' }] : [];
  },
  run: async (context) => {
    const { deps, current } = context;
    const { order } = current();
    if (order.status === 'CLOSED' && mayHaveTickets(order))
      await makeVoid(
        deps,
        order,
        order.items.map(({ itemNo }) => itemNo),
      );
    await releaseIn(deps, order, mayHold(deps, order), stepMeta(context, KIND));
    return { seatsReleased: true };
  },
};

/** Where lock and order are written together, an order has seats only if its events say so, in its last class only. */
const mayHold = ({ store }: OrderStepDeps, order: Order): readonly SeatClass[] =>
  store.capabilities.atomicStreams
    ? leftClasses(order).filter((one) => one === order.seatClass && mayHaveHeld(order))
    : leftClasses(order);

/** The seats of a waitlist request are held before its order is there. */
const mayHaveHeld = ({ closeReason, request }: Order): boolean =>
  MAY_HOLD_SEATS.includes(closeReason) || request?.waitlist !== undefined;

/** Throws if a class gave no final answer; the release is then tried again. */
export const releaseIn = async (
  { pool }: OrderStepDeps,
  { request, orderNo, closeReason }: Order,
  seatClasses: readonly SeatClass[],
  meta: EventMeta,
): Promise<void> => {
  if (request === undefined) return;
  const kind = closeReason === 'EXPIRED' ? 'expire' : 'release';
  const reason = closeReason ?? 'CLOSED';
  for (const seatClass of seatClasses) {
    const outcome = await pool.submit({ ...request, seatClass }, { kind, orderNo, meta, reason });
    if (!outcome.ok && outcome.refusal.code !== 'LOCK_NOT_HELD')
      throw new Error(`${outcome.refusal.code}: ${outcome.refusal.detail}`);
  }
};
