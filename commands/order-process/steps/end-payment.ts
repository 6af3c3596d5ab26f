// Finds out how the payments of an order end that no longer waits for them. The gateway is asked to close each, until it
// says that nobody can pay it any more, or that it is paid; money that has come then goes back.
import { hearGateway } from '../../payments/hear-gateway.ts';
import { GatewayError } from '../../ports/payment-gateway.ts';
import type { OrderStep } from '../order-step.ts';
import { askedAgain, nextAskMs, openPayments } from './open-payments.ts';

const KIND = 'endPayment';

export const endPayment: OrderStep = {
  kind: KIND,
  due: (tracked) => {
    const { order, waits } = tracked;
    const hasMoney = order.status === 'ABSENT' && waits !== undefined && waits.waitlist.status !== 'PENDING';
    if (order.status !== 'CLOSED' && order.status !== 'SUCCESS' && !hasMoney) return [];
    return openPayments(tracked).map(({ payment: { paymentNo }, createdMs }) => ({
      key: paymentNo,
      notBeforeMs: nextAskMs(tracked, KIND, paymentNo) ?? createdMs,
    }));
  },
  run: async ({ deps, current, key: paymentNo }) => {
    const payment = current().payments[paymentNo]?.payment;
    if (payment === undefined) return undefined;
    try {
      await hearGateway(deps, paymentNo, await deps.gateway.close(payment));
    } catch (error) {
      if (!(error instanceof GatewayError)) throw error;
    }
    return askedAgain(current(), KIND, paymentNo, deps.clock.now());
  },
};
