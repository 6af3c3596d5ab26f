// A payment of a waitlist request succeeded: it waits from now on.
import type { OrderStep } from '../../order-step.ts';
import { paymentStepMeta, write } from '../../order-step.ts';
import { waitlistAppend } from '../../order-writer.ts';
import { moneyIn } from '../accept-payment.ts';

const KIND = 'acceptPrepayment';

export const acceptPrepayment: OrderStep = {
  kind: KIND,
  due: (tracked) => {
    const paymentNo = tracked.waits?.waitlist.status === 'PENDING' ? moneyIn(tracked) : undefined;
    return paymentNo === undefined ? [] : [{ key: paymentNo }];
  },
  run: async (context) => {
    const { waits, payments } = context.current();
    const amountFen = payments[context.key]?.payment.amountFen ?? 0;
    if (waits === undefined) return undefined;
    const prepay = { type: 'Prepay', paymentNo: context.key, amountFen } as const;
    return write(context.deps, waitlistAppend(waits, prepay, paymentStepMeta(context, KIND)));
  },
};
