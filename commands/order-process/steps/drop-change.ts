// An order that was placed for a change has ended without tickets: the earlier tickets are free of it.
import { decide } from '@railhead/domain/order/decide.ts';
import { orderCategory } from '@railhead/domain/order/stream.ts';
import { ownOrigin } from '../../streams/append.ts';
import { transact } from '../../streams/transact.ts';
import type { OrderStep } from '../order-step.ts';

export const dropChange: OrderStep = {
  kind: 'dropChange',
  due: ({ order: { status, request, tickets }, changeEnded }) =>
    status === 'CLOSED' && request?.change !== undefined && tickets.length === 0 && changeEnded === undefined
      ? [{ key: '' }]
      : [],
  run: async ({ deps, current }) => {
    const { request } = current().order;
    if (request?.change === undefined) return undefined;
    const { changeNo, orderNo } = request.change;
    const origin = ownOrigin(`${changeNo}/drop`, changeNo);
    const dropped = await transact(deps, orderCategory, orderNo, origin, (order) =>
      decide(order, { id: origin.commandId, type: 'DropChange', changeNo }),
    );
    if (dropped.ok) return { changeEnded: 'DROPPED' };
    if (dropped.refusal.code === 'CONTENDED') throw new Error(dropped.refusal.detail);
    // It was changed, and this order ended before that was written in its own stream.
    return { changeEnded: 'CHANGED' };
  },
};
