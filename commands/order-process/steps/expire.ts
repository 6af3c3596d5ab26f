// Closes an order whose time to pay is over without a payment.
import { type OrderStep, stepMeta, write } from '../order-step.ts';
import { orderAppend } from '../order-writer.ts';
import { moneyIn } from './accept-payment.ts';

export const expire: OrderStep = {
  kind: 'expire',
  due: (tracked) => {
    const { status, payBefore } = tracked.order;
    if (status !== 'WAIT_PAY' || payBefore === undefined || moneyIn(tracked) !== undefined) return [];
    return [{ key: '', notBeforeMs: Date.parse(payBefore) }];
  },
  run: (context) => {
    const close = { type: 'Close', reason: 'EXPIRED', detail: 'the time to pay is over' } as const;
    return write(context.deps, orderAppend(context.current(), [close], stepMeta(context, 'expire')));
  },
};
