// Sends a requested refund to the gateway and writes down its answer.
import type { Order } from '@railhead/domain/order/fold.ts';
import type { TrackedOrder, TrackedPayment } from '../../orders/tracked-order.ts';
import { type OrderStep, paymentStepMeta, write } from '../order-step.ts';
import { paymentAppend } from '../order-writer.ts';

const KIND = 'refund';

const withRefund = ({ payments }: TrackedOrder, refundNo: string): TrackedPayment | undefined =>
  Object.values(payments).find(({ payment }) => payment.refunds[refundNo] !== undefined);

/** Of tickets that these were changed to: the order of those sends it. */
const isOfLater = ({ changes }: Order, refundNo: string): boolean =>
  changes.some(({ newOrderNo }) => refundNo.startsWith(newOrderNo));

export const refund: OrderStep = {
  kind: KIND,
  due: ({ order, payments }) =>
    Object.values(payments).flatMap(({ payment }) =>
      Object.entries(payment.refunds)
        .filter(([refundNo, { isDone }]) => !isDone && !isOfLater(order, refundNo))
        .map(([refundNo]) => ({ key: refundNo })),
    ),
  run: async (context) => {
    const { deps, current, key: refundNo } = context;
    const known = withRefund(current(), refundNo);
    const asked = known?.payment.refunds[refundNo];
    if (known === undefined || asked === undefined) return undefined;
    const meta = paymentStepMeta(context, KIND);
    const { paymentNo, orderNo, channel, currency } = known.payment;
    const { amountFen } = asked;
    const { gatewayRef } = await deps.gateway.refund({ paymentNo, refundNo, orderNo, channel, amountFen, currency });
    const now = withRefund(current(), refundNo) ?? known;
    return write(deps, paymentAppend(now, { type: 'ConfirmRefund', refundNo, gatewayRef }, meta));
  },
};
