// The buyer gives up an order that is not paid yet; its seats follow.
import { accept, type Result, refuse } from '@railhead/domain/kernel/decision.ts';
import { orderAppend } from '../order-process/order-writer.ts';
import { type Clock, timestamp } from '../ports/clock.ts';
import type { EventStore, Position } from '../ports/event-store.ts';
import { loadOrder } from './load-order.ts';

export type CancelDeps = { readonly store: EventStore; readonly clock: Clock; readonly utcOffsetMinutes: number };

export type CancelOrder = { readonly orderNo: string; readonly userId: string; readonly correlationId: string };

/** The order may move between reading and writing; then it is decided again, so often. */
const MAX_ATTEMPTS = 5;

export const cancelOrder = async (
  { store, clock, utcOffsetMinutes }: CancelDeps,
  { orderNo, userId, correlationId }: CancelOrder,
): Promise<Result<{ readonly position: Position }, 'ORDER_NOT_FOUND' | 'ORDER_STATE'>> => {
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
    const tracked = await loadOrder(store, orderNo);
    const { status, closeReason, request } = tracked.order;
    if (request?.userId !== userId) return refuse('ORDER_NOT_FOUND', `no order ${orderNo}`);
    if (status === 'CLOSED' && closeReason === 'CANCELLED') return accept({ position: 0 });
    const at = timestamp(clock.now(), utcOffsetMinutes);
    const meta = { commandId: `${orderNo}/cancel`, correlationId, causationId: correlationId, actor: userId, at };
    const detail = 'cancelled by the buyer';
    const append = orderAppend(tracked, [{ type: 'Close', reason: 'CANCELLED', detail }], meta);
    if (append === undefined)
      return refuse('ORDER_STATE', `order ${orderNo} is ${status} and cannot be cancelled`, { status });
    const [result] = await store.append([append]);
    if (result?.ok === true) return accept({ position: result.position });
  }
  return refuse('ORDER_STATE', `order ${orderNo} keeps changing; try again`);
};
