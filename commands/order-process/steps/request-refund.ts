// Requests the refund of a payment that bought no ticket: the order had ended, was paid before, or could not be
// ticketed.
import type { Order } from '@railhead/domain/order/fold.ts';
import { type OrderStep, paymentStepMeta, write } from '../order-step.ts';
import { paymentAppend } from '../order-writer.ts';

const KIND = 'requestRefund';

/** Why a payment that succeeded bought no ticket; undefined if it bought one or still may. */
export const refundReason = (order: Order, paymentNo: string): string | undefined => {
  switch (order.status) {
    case 'CLOSED':
      return `order closed: ${order.closeReason}`;
    case 'FAIL':
      return 'tickets could not be issued';
    case 'PAID':
    case 'TICKETING':
    case 'SUCCESS':
      return paymentNo === order.paymentNo ? undefined : 'order was paid already';
    default:
      return undefined;
  }
};

export const requestRefund: OrderStep = {
  kind: KIND,
  due: ({ order, payments }) =>
    Object.values(payments)
      .filter(({ payment }) => payment.status === 'SUCCEEDED')
      .filter(({ payment }) => refundReason(order, payment.paymentNo) !== undefined)
      .map(({ payment }) => ({ key: payment.paymentNo })),
  run: async (context) => {
    const { order, payments } = context.current();
    const payment = payments[context.key];
    const reason = refundReason(order, context.key);
    if (payment === undefined || reason === undefined) return undefined;
    const meta = paymentStepMeta(context, KIND);
    return write(context.deps, paymentAppend(payment, { type: 'RequestRefund', reason }, meta));
  },
};
