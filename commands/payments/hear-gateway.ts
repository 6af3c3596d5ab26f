// Writes down what the gateway answered when it was asked about a payment, as its notice would have told it.
import { decide } from '@railhead/domain/payment/decide.ts';
import { orderNoOfPayment, paymentCategory } from '@railhead/domain/payment/stream.ts';
import type { PaymentAtGateway } from '../ports/payment-gateway.ts';
import { ownOrigin } from '../streams/append.ts';
import { type TransactDeps, transact } from '../streams/transact.ts';
import { receiveNotice } from './receive-notice.ts';

/**
 * False: the answer cannot be right. One of another amount was written down as refused; one that is older than what the
 * log knows is not believed. Throws what the store throws.
 */
export const hearGateway = async (deps: TransactDeps, paymentNo: string, said: PaymentAtGateway): Promise<boolean> => {
  switch (said.status) {
    case 'open':
    case 'unknown':
      return true;
    case 'paid':
    case 'declined': {
      const { status: outcome, ...rest } = said;
      const heard = await receiveNotice(deps, { paymentNo, outcome, ...rest });
      if (!heard.ok && heard.refusal.code !== 'AMOUNT_MISMATCH')
        throw new Error(`${heard.refusal.code}: ${heard.refusal.detail}`);
      if (!heard.ok) return false;
      const { before, position } = heard.value;
      const isOpen = before.status === 'CREATED' || before.status === 'DECLINED';
      // Nothing was written about an open payment: the answer is outdated, unless it repeats a decline.
      return position > 0 || !isOpen || outcome === 'declined';
    }
    case 'closed': {
      const origin = ownOrigin(`${paymentNo}/close`, orderNoOfPayment(paymentNo));
      const heard = await transact(deps, paymentCategory, paymentNo, origin, (payment) =>
        decide(payment, { type: 'Close' }),
      );
      if (!heard.ok) throw new Error(`${heard.refusal.code}: ${heard.refusal.detail}`);
      return true;
    }
  }
};
