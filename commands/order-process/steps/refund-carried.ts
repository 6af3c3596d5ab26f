// Sends back money of changed tickets that was paid for the earlier ones. It is in the payment of the earlier order, so
// asking for it, sending it and writing it down are all done here, each of them safe to repeat.
import { decide } from '@railhead/domain/payment/decide.ts';
import type { Payment } from '@railhead/domain/payment/fold.ts';
import { paymentCategory } from '@railhead/domain/payment/stream.ts';
import { ownOrigin } from '../../streams/append.ts';
import { load } from '../../streams/load.ts';
import { transact } from '../../streams/transact.ts';
import type { OrderStep, OrderStepDeps } from '../order-step.ts';
import { refundsOf, type Wanted } from './request-refund.ts';

export const refundCarried: OrderStep = {
  kind: 'refundCarried',
  due: (tracked) =>
    refundsOf(tracked)
      .filter(({ isCarried, refundNo }) => isCarried && !tracked.carriedBack.includes(refundNo))
      .map(({ refundNo }) => ({ key: refundNo })),
  run: async ({ deps, current, key }) => {
    const wanted = refundsOf(current()).find(({ refundNo }) => refundNo === key);
    if (wanted === undefined) return undefined;
    await requested(deps, wanted);
    const { state: payment } = await load(deps.store, paymentCategory, wanted.paymentNo);
    if (payment.refunds[key]?.isDone !== true) await sent(deps, payment, wanted);
    return { carriedBack: [...current().carriedBack, key] };
  },
};

const requested = async (deps: OrderStepDeps, { paymentNo, refundNo, amountFen, reason }: Wanted): Promise<void> => {
  const origin = ownOrigin(`${refundNo}/request`, refundNo);
  const asked = await transact(deps, paymentCategory, paymentNo, origin, (payment) =>
    decide(payment, { type: 'RequestRefund', refundNo, amountFen, reason }),
  );
  if (!asked.ok) throw new Error(`${refundNo}: ${asked.refusal.code}: ${asked.refusal.detail}`);
};

const sent = async (deps: OrderStepDeps, payment: Payment, { refundNo, amountFen }: Wanted): Promise<void> => {
  const { gatewayRef } = await deps.gateway.refund({ ...payment, refundNo, amountFen });
  const origin = ownOrigin(`${refundNo}/done`, refundNo);
  const done = await transact(deps, paymentCategory, payment.paymentNo, origin, (now) =>
    decide(now, { type: 'ConfirmRefund', refundNo, gatewayRef }),
  );
  if (!done.ok) throw new Error(`${refundNo}: ${done.refusal.code}: ${done.refusal.detail}`);
};
