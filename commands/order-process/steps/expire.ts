// Closes an order whose time to pay is over, once the gateway has closed its payments. A payment that the gateway calls
// paid pays the order instead. A gateway that says nothing is waited for during a grace, and no longer.
import { hearGateway } from '../../payments/hear-gateway.ts';
import { GatewayError } from '../../ports/payment-gateway.ts';
import { type OrderStep, type OrderStepContext, stepMeta, write } from '../order-step.ts';
import { orderAppend } from '../order-writer.ts';
import { moneyIn } from './accept-payment.ts';
import { openPayments } from './open-payments.ts';

const MINUTE_MS = 60_000;

export const expire: OrderStep = {
  kind: 'expire',
  due: (tracked) => {
    const { status, payBefore } = tracked.order;
    if (status !== 'WAIT_PAY' || payBefore === undefined || moneyIn(tracked) !== undefined) return [];
    return [{ key: '', notBeforeMs: Date.parse(payBefore) }];
  },
  run: async (context) => {
    if (await isPaidAfterAll(context, context.current().order.payBefore)) return undefined;
    // A notice may have come while the gateway was asked.
    if (moneyIn(context.current()) !== undefined) return undefined;
    const close = { type: 'Close', reason: 'EXPIRED', detail: 'the time to pay is over' } as const;
    return write(context.deps, orderAppend(context.current(), [close], stepMeta(context, 'expire')));
  },
};

/**
 * Asks the gateway to close every payment by which money may still come. Throws, to be run again, while the gateway does
 * not answer and the grace lasts; after it the step `endPayment` goes on asking.
 */
export const isPaidAfterAll = async (
  { deps, current }: OrderStepContext,
  payBefore: string | undefined,
): Promise<boolean> => {
  for (const { payment } of openPayments(current())) {
    try {
      const said = await deps.gateway.close(payment);
      const isBelieved = await hearGateway(deps, payment.paymentNo, said);
      if (said.status === 'paid' && isBelieved) return true;
    } catch (error) {
      if (!(error instanceof GatewayError) || !isGraceOver(deps, payBefore)) throw error;
    }
  }
  return false;
};

const isGraceOver = (
  { clock, gatewayGraceMinutes }: OrderStepContext['deps'],
  payBefore: string | undefined,
): boolean => clock.now() >= Date.parse(payBefore ?? '') + gatewayGraceMinutes * MINUTE_MS;
