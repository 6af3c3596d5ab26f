// Writes that a refund is done: the seats are free, and the money is back. With the last ticket the order is closed.
import { type OrderStep, stepMeta, write } from '../order-step.ts';
import { orderAppend } from '../order-writer.ts';
import { isBack } from './request-refund.ts';

const KIND = 'completeRefund';

export const completeRefund: OrderStep = {
  kind: KIND,
  due: (tracked) =>
    tracked.order.refunds
      .filter(({ isDone, refundNo }) => !isDone && tracked.seatsGivenBack.includes(refundNo))
      .filter(({ refundNo }) => isBack(tracked, refundNo))
      .map(({ refundNo }) => ({ key: refundNo })),
  run: async (context) => {
    const { deps, current, key: refundNo } = context;
    const meta = stepMeta(context, `${KIND}/${refundNo}`);
    return write(deps, orderAppend(current(), [{ type: 'CompleteRefund', refundNo }], meta));
  },
};
