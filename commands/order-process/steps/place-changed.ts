// Places the order for which tickets are to be changed, where the request itself did not come so far.
import { placeNewOrder } from '../../orders/place-changed.ts';
import type { OrderStep } from '../order-step.ts';

export const placeChanged: OrderStep = {
  kind: 'placeChanged',
  due: ({ order: { changes }, placed }) =>
    changes
      .filter(({ status, changeNo }) => status === 'PENDING' && !placed.includes(changeNo))
      .map(({ changeNo }) => ({ key: changeNo })),
  run: async ({ deps, current, key }) => {
    const change = current().order.changes.find(({ changeNo }) => changeNo === key);
    if (change?.status !== 'PENDING') return undefined;
    await placeNewOrder(deps, change);
    return { placed: [...current().placed, key] };
  },
};
