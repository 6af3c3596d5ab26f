// Confirms the lock of a paid order and issues its tickets; if the lock cannot be confirmed, the order fails.
import type { EventMeta } from '@railhead/domain/kernel/event.ts';
import type { LockOutcome, OrderBehind } from '../../allocation/operation.ts';
import { type OrderStep, type OrderStepContext, stepMeta } from '../order-step.ts';
import { orderAppend } from '../order-writer.ts';

export const issueTickets: OrderStep = {
  kind: 'issueTickets',
  due: ({ order: { status, request } }) =>
    request?.change === undefined && (status === 'PAID' || status === 'TICKETING') ? [{ key: '' }] : [],
  run: async (context) => {
    const { request, orderNo, seatClass } = context.current().order;
    if (request === undefined || seatClass === undefined) return undefined;
    const meta = stepMeta(context, 'issueTickets');
    const operation = { kind: 'confirm', orderNo, meta, order: ticketed(context, meta) } as const;
    await context.deps.pool.submit({ ...request, seatClass }, operation);
    return undefined;
  },
};

const ticketed = ({ current }: OrderStepContext, meta: EventMeta): OrderBehind => ({
  isWaiting: () => true,
  eventFor: (outcome: LockOutcome) => {
    const tracked = current();
    const start = tracked.order.status === 'PAID' ? [{ type: 'StartTicketing' as const }] : [];
    if (outcome.ok) return orderAppend(tracked, [...start, { type: 'IssueTickets' }], meta);
    const reason = `${outcome.refusal.code}: ${outcome.refusal.detail}`;
    return outcome.refusal.code === 'LOCK_NOT_HELD'
      ? orderAppend(tracked, [...start, { type: 'FailTicketing', reason }], meta)
      : undefined;
  },
});
