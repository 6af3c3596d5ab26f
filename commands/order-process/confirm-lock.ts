// Confirms the lock of an order that has its money. The order's own events are written with it.
import type { EventMeta } from '@railhead/domain/kernel/event.ts';
import type { LockOutcome, OrderBehind } from '../allocation/operation.ts';
import { type OrderStepContext, stepMeta } from './order-step.ts';
import { orderAppend } from './order-writer.ts';

/** `andIssue`: the tickets are valid with the lock. Otherwise only the issuing of tickets begins. */
export const confirmLock = (context: OrderStepContext, name: string, andIssue: boolean): Promise<LockOutcome> => {
  const { request, orderNo, seatClass } = context.current().order;
  if (request === undefined || seatClass === undefined) throw new Error(`order ${orderNo} has no seats`);
  const meta = stepMeta(context, name);
  const order = behind(context, meta, andIssue ? [{ type: 'IssueTickets' }] : []);
  return context.deps.pool.submit({ ...request, seatClass }, { kind: 'confirm', orderNo, meta, order });
};

const behind = (
  { current }: OrderStepContext,
  meta: EventMeta,
  confirmed: readonly { readonly type: 'IssueTickets' }[],
): OrderBehind => ({
  isWaiting: () => true,
  eventFor: (outcome) => {
    const tracked = current();
    const start = tracked.order.status === 'PAID' ? [{ type: 'StartTicketing' as const }] : [];
    if (outcome.ok) return orderAppend(tracked, [...start, ...confirmed], meta);
    const reason = `${outcome.refusal.code}: ${outcome.refusal.detail}`;
    return outcome.refusal.code === 'LOCK_NOT_HELD'
      ? orderAppend(tracked, [...start, { type: 'FailTicketing', reason }], meta)
      : undefined;
  },
});
