// The buyer cancels an order that is not paid yet; the order process then releases its seats.
import { type Result, refuse, unchanged } from '@railhead/domain/kernel/decision.ts';
import { decide } from '@railhead/domain/order/decide.ts';
import { orderCategory } from '@railhead/domain/order/stream.ts';
import type { Reservations } from '../limits/reservations.ts';
import { type TransactDeps, type Transacted, transact } from '../streams/transact.ts';
import { loadOrder } from './load-order.ts';

export type CancelOrderDeps = TransactDeps & { readonly reservations: Pick<Reservations, 'countEnd'> };

export type CancelOrder = { readonly orderNo: string; readonly userId: string; readonly correlationId: string };

export const cancelOrder = async (
  { reservations, ...deps }: CancelOrderDeps,
  { orderNo, userId, correlationId }: CancelOrder,
): Promise<Result<Transacted, 'ORDER_NOT_FOUND' | 'ORDER_STATE'>> => {
  const commandId = `${orderNo}/cancel`;
  const origin = { commandId, actor: userId, correlationId };
  const cancelled = await transact(deps, orderCategory, orderNo, origin, (order) => {
    const { status, closeReason, request } = order;
    if (request?.userId !== userId) return refuse('ORDER_NOT_FOUND', `no order ${orderNo}`);
    if (status === 'CLOSED' && closeReason === 'CANCELLED') return unchanged;
    const detail = 'cancelled by the buyer';
    const decision = decide(order, { id: commandId, type: 'Close', reason: 'CANCELLED', detail });
    if (decision.ok && decision.value.length > 0) return decision;
    return refuse('ORDER_STATE', `order ${orderNo} is ${status} and cannot be cancelled`, { orderStatus: status });
  });
  if (cancelled.ok) {
    // Before the buyer is told, so that whoever cancels and orders in turns is stopped in time.
    if (cancelled.value.before.payBefore !== undefined)
      await reservations.countEnd((await loadOrder(deps.store, orderNo)).order);
    return cancelled;
  }
  const { code, detail, extra } = cancelled.refusal;
  return refuse(code === 'CONTENDED' ? 'ORDER_STATE' : code, detail, extra);
};
