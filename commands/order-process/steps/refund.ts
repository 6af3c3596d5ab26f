// Sends a requested refund to the gateway and writes down its answer.
import { type OrderStep, paymentStepMeta, write } from '../order-step.ts';
import { paymentAppend } from '../order-writer.ts';

const KIND = 'refund';

export const refund: OrderStep = {
  kind: KIND,
  due: ({ payments }) =>
    Object.values(payments)
      .filter(({ payment }) => payment.status === 'REFUNDING')
      .map(({ payment }) => ({ key: payment.paymentNo })),
  run: async (context) => {
    const { deps, current, key: paymentNo } = context;
    const known = current().payments[paymentNo];
    if (known === undefined) return undefined;
    const meta = paymentStepMeta(context, KIND);
    const { orderNo, channel, amountFen, currency } = known.payment;
    const refundNo = `${paymentNo}R1`;
    const { gatewayRef } = await deps.gateway.refund({ paymentNo, refundNo, orderNo, channel, amountFen, currency });
    const now = current().payments[paymentNo] ?? known;
    return write(deps, paymentAppend(now, { type: 'ConfirmRefund', gatewayRef }, meta));
  },
};
