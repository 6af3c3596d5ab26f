// Closes an order whose tickets could not be issued, once its refund has been requested.
import { type OrderStep, stepMeta, write } from '../order-step.ts';
import { orderAppend } from '../order-writer.ts';

export const closeFailed: OrderStep = {
  kind: 'closeFailed',
  due: ({ order, payments }) => {
    if (order.status !== 'FAIL') return [];
    return payments[order.paymentNo ?? '']?.payment.status === 'SUCCEEDED' ? [] : [{ key: '' }];
  },
  run: (context) => {
    const detail = 'tickets could not be issued; the payment goes back';
    const close = { type: 'Close', reason: 'TICKETING_FAILED', detail } as const;
    return write(context.deps, orderAppend(context.current(), [close], stepMeta(context, 'closeFailed')));
  },
};
