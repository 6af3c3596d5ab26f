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
    const { status, request } = tracked.order;
    const paymentNo = status === 'WAIT_PAY' ? (request?.waitlist?.paymentNo ?? moneyIn(tracked)) : undefined;
    return paymentNo === undefined ? [] : [{ key: paymentNo }];
  },
  run: (context) => {
    const tracked = context.current();
    const { amountFen: dueFen, request } = tracked.order;
    // More may have been prepaid than the order costs; the rest goes back.
    const amountFen =
      request?.waitlist === undefined ? (tracked.payments[context.key]?.payment.amountFen ?? 0) : dueFen;
    const pay = { type: 'Pay', paymentNo: context.key, amountFen } as const;
    return write(context.deps, orderAppend(tracked, [pay], paymentStepMeta(context, KIND)));
  },
};
