// Writes that a change is done with: the seats of the earlier tickets are free, and what was due of their money is back.
// With the last ticket the order is closed.
import type { OrderChange } from '@railhead/domain/order/fold.ts';
import type { TrackedOrder } from '../../orders/tracked-order.ts';
import { type OrderStep, stepMeta, write } from '../order-step.ts';
import { orderAppend } from '../order-writer.ts';
import { isBack } from './request-refund.ts';

const KIND = 'settleChange';

const isDone = (tracked: TrackedOrder, { status, changeNo, refundFen }: OrderChange): boolean =>
  status === 'CHANGED' && tracked.seatsGivenBack.includes(changeNo) && (refundFen === 0 || isBack(tracked, changeNo));

export const settleChange: OrderStep = {
  kind: KIND,
  due: (tracked) =>
    tracked.order.changes.filter((change) => isDone(tracked, change)).map(({ changeNo }) => ({ key: changeNo })),
  run: async (context) => {
    const { deps, current, key: changeNo } = context;
    const meta = stepMeta(context, `${KIND}/${changeNo}`);
    return write(deps, orderAppend(current(), [{ type: 'SettleChange', changeNo }], meta));
  },
};
