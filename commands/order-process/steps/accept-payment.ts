// A payment of a waiting order succeeded: the order is paid. Of several such payments one is accepted.

import type { TrackedOrder } from '../../orders/tracked-order.ts';
import { type OrderStep, paymentStepMeta, write } from '../order-step.ts';
import { orderAppend } from '../order-writer.ts';

const KIND = 'acceptPayment';

/** The first payment that succeeded. */
export const moneyIn = ({ payments }: TrackedOrder): string | undefined =>
  Object.values(payments).find(({ payment }) => payment.status === 'SUCCEEDED')?.payment.paymentNo;

export const acceptPayment: OrderStep = {
  kind: KIND,
  due: (tracked) => {
    const paymentNo = tracked.order.status === 'WAIT_PAY' ? moneyIn(tracked) : undefined;
    return paymentNo === undefined ? [] : [{ key: paymentNo }];
  },
  run: (context) => {
    const tracked = context.current();
    const amountFen = tracked.payments[context.key]?.payment.amountFen ?? 0;
    const pay = { type: 'Pay', paymentNo: context.key, amountFen } as const;
    return write(context.deps, orderAppend(tracked, [pay], paymentStepMeta(context, KIND)));
  },
};
