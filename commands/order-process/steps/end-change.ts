// Tickets are void, with their train for instance, while they are being changed: the new order has nothing to replace any
// more, so it ends, and nobody is asked to pay for it.
import { decide } from '@railhead/domain/order/decide.ts';
import { orderCategory } from '@railhead/domain/order/stream.ts';
import { placeNewOrder } from '../../orders/place-changed.ts';
import { ownOrigin } from '../../streams/append.ts';
import { transact } from '../../streams/transact.ts';
import type { OrderStep } from '../order-step.ts';

export const endChange: OrderStep = {
  kind: 'endChange',
  due: ({ order: { status, changes }, endedChanges }) =>
    status === 'CLOSED'
      ? changes
          .filter((change) => change.status === 'PENDING' && !endedChanges.includes(change.changeNo))
          .map(({ changeNo }) => ({ key: changeNo }))
      : [],
  run: async ({ deps, current, key }) => {
    const change = current().order.changes.find(({ changeNo }) => changeNo === key);
    if (change?.status !== 'PENDING') return undefined;
    // Somebody may be placing it at this moment; once it is there, it can be ended.
    await placeNewOrder(deps, change);
    const origin = ownOrigin(`${key}/end`, key);
    const detail = `the tickets of order ${current().order.orderNo} are void`;
    const ended = await transact(deps, orderCategory, change.newOrderNo, origin, (order) =>
      decide(order, { id: origin.commandId, type: 'Close', reason: 'TICKETS_VOID', detail }),
    );
    if (!ended.ok && ended.refusal.code === 'CONTENDED') throw new Error(ended.refusal.detail);
    // One that is paid, or has ended, goes on by itself.
    return { endedChanges: [...current().endedChanges, key] };
  },
};
