// Seats that an order does not keep go back on sale.
import type { EventMeta } from '@railhead/domain/kernel/event.ts';
import type { SeatClass } from '@railhead/domain/kernel/seat-class.ts';
import type { CloseReason } from '@railhead/domain/order/events.ts';
import type { Order } from '@railhead/domain/order/fold.ts';
import { type OrderStep, type OrderStepDeps, stepMeta } from '../order-step.ts';

const KIND = 'releaseSeats';

/** An order closed for one of these reasons may have had seats, or been about to get them. */
const MAY_HOLD_SEATS: readonly (CloseReason | undefined)[] = [
  'CANCELLED',
  'EXPIRED',
  'TICKETING_FAILED',
  'RUN_CANCELLED',
];

/**
 * Where lock and order are not written together, somebody who had not heard may have held seats for an order that was
 * refused, or that had gone on to wait for places to stand: of every class it ever waited in, none or one is kept.
 * A class whose sale has stopped gives nothing back.
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
    await releaseIn(deps, order, mayHold(deps, order), stepMeta(context, KIND));
    return { seatsReleased: true };
  },
};

/** Where lock and order are written together, only orders that say so have had seats, and only in their last class. */
const mayHold = ({ store }: OrderStepDeps, order: Order): readonly SeatClass[] =>
  store.capabilities.atomicStreams
    ? leftClasses(order).filter((one) => one === order.seatClass && MAY_HOLD_SEATS.includes(order.closeReason))
    : leftClasses(order);

/** Throws where a class did not answer for good: the release has to be tried again. */
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
