// Writes that a refund is done: the seats are free, and the money is back. With the last ticket the order is closed.
import type { OrderRefund } from '@railhead/domain/order/fold.ts';
import type { TrackedOrder } from '../../orders/tracked-order.ts';
import { type OrderStep, stepMeta, write } from '../order-step.ts';
import { orderAppend } from '../order-writer.ts';

const KIND = 'completeRefund';

/** A refund that the fee eats up sends no money. */
const isPaidBack = ({ order, payments }: TrackedOrder, { refundNo, refundFen }: OrderRefund): boolean =>
  refundFen === 0 || payments[order.paymentNo ?? '']?.payment.refunds[refundNo]?.isDone === true;

export const completeRefund: OrderStep = {
  kind: KIND,
  due: (tracked) =>
    tracked.order.refunds
      .filter(({ isDone, refundNo }) => !isDone && tracked.seatsGivenBack.includes(refundNo))
      .filter((refund) => isPaidBack(tracked, refund))
      .map(({ refundNo }) => ({ key: refundNo })),
  run: async (context) => {
    const { deps, current, key: refundNo } = context;
    const meta = stepMeta(context, `${KIND}/${refundNo}`);
    return write(deps, orderAppend(current(), [{ type: 'CompleteRefund', refundNo }], meta));
  },
};
