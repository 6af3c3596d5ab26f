// Asks the gateway about a payment of which no notice came, while its order waits for it.
import { hearGateway } from '../../payments/hear-gateway.ts';
import { GatewayError } from '../../ports/payment-gateway.ts';
import type { OrderStep } from '../order-step.ts';
import { moneyIn } from './accept-payment.ts';
import { askedAgain, FIRST_ASK_AFTER_MS, nextAskMs, openPayments, waitsForMoney } from './open-payments.ts';

const KIND = 'askPayment';

export const askPayment: OrderStep = {
  kind: KIND,
  due: (tracked) =>
    !waitsForMoney(tracked) || moneyIn(tracked) !== undefined
      ? []
      : openPayments(tracked).map(({ payment: { paymentNo }, createdMs }) => ({
          key: paymentNo,
          notBeforeMs: nextAskMs(tracked, KIND, paymentNo) ?? createdMs + FIRST_ASK_AFTER_MS,
        })),
  run: async ({ deps, current, key: paymentNo }) => {
    const payment = current().payments[paymentNo]?.payment;
    if (payment === undefined) return undefined;
    try {
      await hearGateway(deps, paymentNo, await deps.gateway.query(payment));
    } catch (error) {
      // A gateway that is away is asked again later; `expire` says what becomes of the order then.
      if (!(error instanceof GatewayError)) throw error;
    }
    return askedAgain(current(), KIND, paymentNo, deps.clock.now());
  },
};
